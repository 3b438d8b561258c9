#!/usr/bin/env bash
# Sends the same documents to the gateway and to graphql-js, and compares their stages and their responses.
#
#   scripts/differential.sh [BINARY]     default: target/debug/gatelodge
#
# SEED is a number, or `random`; the default is fixed, so that runs of CI are equal. COUNT is the number of generated documents.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/gateway.sh

binary=${1:-target/debug/gatelodge}
export GATEWAY_PASSWORD="correct horse 42 battery"
# No limit may refuse a document: the documents are compared, not the limits.
export GATELODGE_REGISTRATION=closed GATELODGE_INTROSPECTION=true \
  GATELODGE_THROTTLE_ACCOUNT=1000000 GATELODGE_THROTTLE_SOURCE=1000000/10m GATELODGE_LIMIT_TOKENS=5000 \
  GATELODGE_LIMIT_DEPTH=60 GATELODGE_LIMIT_COMPLEXITY=100000 GATELODGE_LIMIT_ROOTS=1000 GATELODGE_LIMIT_ALIASES=1000 \
  GATELODGE_LIMIT_ARGUMENTS=1000 GATELODGE_LIMIT_DIRECTIVES=1000 GATELODGE_LIMIT_SPREADS=1000 GATELODGE_LIMIT_ERRORS=1000

gateway_start "$binary"
export DATABASE_URL="sqlite://$gateway_folder/gatelodge.db"
for name in alice admin; do
  printf '%s' "$GATEWAY_PASSWORD" | "$binary" user add "$name" --password-stdin >"$gateway_folder/users" 2>&1 ||
    { cat "$gateway_folder/users" >&2; exit 1; }
done
"$binary" user roles admin --add admin >"$gateway_folder/users"
(cd tests/differential && npm ci --ignore-scripts --no-audit --no-fund --silent)
"$binary" schema >"$gateway_folder/schema.graphql"
GATEWAY_URL=$gateway_url node tests/differential/differential.mjs <"$gateway_folder/schema.graphql"
