# Sourced by scripts that run the frontend's browser tests: installs Chromium and npm packages if they are missing.
#
#   browser_ready     sets CHROMIUM, to Debian's if it is not set, and installs the npm packages of the frontend and of the task service
# shellcheck shell=bash

browser_ready() {
  local folder tool
  for tool in node npm; do
    command -v "$tool" >/dev/null || { echo "chromium.sh: $tool is missing" >&2; return 1; }
  done
  export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
  [ -x "$CHROMIUM" ] || chromium_install || return 1
  for folder in examples/todo/frontend examples/todo/tasks; do
    cmp -s $folder/package-lock.json $folder/node_modules/.installed || {
      (cd $folder && npm ci --ignore-scripts --no-audit --no-fund) || return 1
      cp $folder/package-lock.json $folder/node_modules/.installed
    }
  done
}

chromium_install() {
  local log
  if [ "$CHROMIUM" != /usr/bin/chromium ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "chromium.sh: $CHROMIUM does not exist; run as root on Debian, or install Chromium and set CHROMIUM to its path" >&2
    return 1
  fi
  echo "chromium.sh: installing chromium" >&2
  log=$(mktemp)
  if { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium; } >"$log" 2>&1; then
    rm "$log"
  else
    tail -20 "$log" >&2
    rm "$log"
    echo "chromium.sh: apt-get failed" >&2
    return 1
  fi
}
