#!/usr/bin/env bash
# Checks how fast WebSockets and event streams end: after a logout (on another node, when there is a database for two), a
# revocation, a change of password, disabling and deletion; when clients leave, the service restarts or the gateway stops.
# Prints a table with times, and the memory of idle sockets.
#
#   scripts/subscriptions.sh [--full] [BINARY]     default: target/debug/gatelodge
#
# --full opens 1,000 sessions for each database and 4,000 idle sockets, and is for a release binary on a quiet machine. SQLite is
# always checked. TEST_DATABASE_URLS adds PostgreSQL and MariaDB: scripts/databases.sh run -- scripts/subscriptions.sh
# Needs Node.js and npm.
set -euo pipefail
cd "$(dirname "$0")/.."

form=short
if [ "${1:-}" = --full ]; then form=full; shift; fi
binary=$(realpath "${1:-target/debug/gatelodge}")
[ -x "$binary" ] || { printf 'subscriptions.sh: %s is not there; cargo build makes it\n' "$binary" >&2; exit 2; }
# Each idle pair has two file descriptors in the gateway and in the test.
ulimit -n "$(ulimit -Hn)"
(cd tests/sockets && npm ci --ignore-scripts --no-audit --no-fund --silent)
exec node tests/sockets/run.mjs "$binary" "$form"
