#!/usr/bin/env bash
# Runs a GraphQL service behind the gateway. Compares the answers to queries over both schemas with those of one graphql-js
# server that has both; then lets the service break in every way, and looks at what the gateway answers and passes on.
#
#   scripts/one-endpoint.sh [BINARY]     default: target/debug/gatelodge
#
# SEED is a number, or `random`; the default is fixed, so that runs of CI are equal. COUNT is the number of generated queries.
# SDL=introspected lets the gateway ask the service for its schema, instead of reading a file.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/gateway.sh

binary=${1:-target/debug/gatelodge}
(cd tests/differential && npm ci --ignore-scripts --no-audit --no-fund --silent)
SERVICE_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
GATELODGE_CONFIG=$(mktemp)
export SERVICE_PORT GATELODGE_CONFIG
gateway_without_limits
export GATELODGE_REGISTRATION=closed GATELODGE_INTROSPECTION=true

# Starts a gateway in front of the service. Further settings of [graphql-upstream] come from the input.
start() {
  local more
  more=$(cat)
  cat >"$GATELODGE_CONFIG" <<EOF
[graphql-upstream]
url = "http://127.0.0.1:$SERVICE_PORT/graphql"
audience = "tasks"
$more
EOF
  gateway_start "$binary"
  trap 'gateway_stop; rm -f "$GATELODGE_CONFIG"' EXIT
  gateway_add_users "$binary"
  export GATEWAY_URL=$gateway_url GATEWAY_PID=$gateway_pid
}

schema="schema = \"$PWD/tests/reference/service.graphql\""

# No limit may refuse a query: the answers are compared, not the limits.
start <<EOF
$([ "${SDL:-file}" = introspected ] || echo "$schema")
max-depth = 60
max-complexity = 100000
EOF
"$binary" schema >"$gateway_folder/schema.graphql"
node tests/reference/one-endpoint.mjs <"$gateway_folder/schema.graphql"
gateway_stop

start <<EOF
$schema
connect-timeout = "1s"
first-byte-timeout = "1s"
silence-timeout = "1s"
timeout = "3s"
max-merge = "1MiB"
forward-extensions = ["trace"]
EOF
# One file after the other: each has the service's port.
node --test --test-concurrency=1 tests/reference/hostile/
