#!/usr/bin/env bash
# Measures what forwarding to a GraphQL service costs: a direct call, nginx with proxy_pass and kept connections, Gatelodge with a
# forwarded, a split and an own query of a logged-in user, and Hive Gateway as a proxy. The service is an nginx that always gives
# one answer.
#
#   scripts/forwarding-bench.sh [--short] [BINARY]     default: target/release/gatelodge
#
# The server under test has one core; the load and the service have another one. The setups take turns. REPEATS (default: 5) and
# SECONDS_EACH (default: 5) set the length; --short is one round of one second without Hive Gateway, to see whether it works.
# Prints medians: requests per second and CPU time per request of a saturated core, and latency at a fixed rate. Not part of
# .ci/run. Needs two cores, Python 3.11, Node.js and npm. nginx, wrk and h2load are installed from Debian's packages when they are
# missing, which needs root; Hive Gateway is installed by npm into a temporary folder, or HIVE_FOLDER has its node_modules.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/apt.sh

die() { printf 'forwarding-bench.sh: %s\n' "$*" >&2; exit 1; }

export PATH=/usr/sbin:$PATH
repeats=${REPEATS:-5} seconds=${SECONDS_EACH:-5} hive=${HIVE_FOLDER:-}
short=
if [ "${1:-}" = --short ]; then short=1 repeats=1 seconds=1 hive=; shift; fi
binary=$(realpath "${1:-target/release/gatelodge}")
[ -x "$binary" ] || die "$binary does not exist; run cargo build --release first"

missing=()
command -v nginx >/dev/null || missing+=(nginx-light)
command -v wrk >/dev/null || missing+=(wrk)
command -v h2load >/dev/null || missing+=(nghttp2-client)
apt_install "${missing[@]}"

if [ -z "$short$hive" ]; then
  hive=$(mktemp -d)
  trap 'rm -rf "$hive"' EXIT
  npm install --prefix "$hive" --ignore-scripts --no-audit --no-fund --silent @graphql-hive/gateway@2.15.1
fi

python3 -B scripts/forwarding_bench.py "$binary" "$repeats" "$seconds" "$hive"
