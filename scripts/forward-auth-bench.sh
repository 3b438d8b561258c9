#!/usr/bin/env bash
# Measures what forward-auth costs behind nginx, with the configuration of deploy/nginx/nginx.conf: nginx without auth_request, nginx that asks a
# second nginx which only returns 204 (the floor: a perfect gate), and nginx that asks Gatelodge about a logged-in user.
#
#   scripts/forward-auth-bench.sh [BINARY]     default: target/release/gatelodge
#
# The guarding nginx and the server that it asks have one core; the load and the application have another one. The setups take turns.
# REPEATS (default: 5) and SECONDS_EACH (default: 5) set the length. Prints medians: requests per second and CPU time per request of a
# saturated core, and latency at a fixed rate. Not part of .ci/run. Needs two cores and Python 3.11. nginx, wrk and h2load are installed from
# Debian's packages when they are missing, which needs root.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/apt.sh

die() { printf 'forward-auth-bench.sh: %s\n' "$*" >&2; exit 1; }

export PATH=/usr/sbin:$PATH
binary=$(realpath "${1:-target/release/gatelodge}")
[ -x "$binary" ] || die "$binary does not exist; run cargo build --release first"

mapfile -t missing < <(nginx_packages)
command -v wrk >/dev/null || missing+=(wrk)
command -v h2load >/dev/null || missing+=(nghttp2-client)
apt_install "${missing[@]}"

exec python3 -B scripts/forward_auth_bench.py "$binary" "${REPEATS:-5}" "${SECONDS_EACH:-5}"
