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
# No limit may refuse a document: the documents are compared, not the limits.
gateway_without_limits
export GATELODGE_REGISTRATION=closed GATELODGE_INTROSPECTION=true

gateway_start "$binary"
gateway_add_users "$binary"
(cd tests/differential && npm ci --ignore-scripts --no-audit --no-fund --silent)
"$binary" schema >"$gateway_folder/schema.graphql"
GATEWAY_URL=$gateway_url node tests/differential/differential.mjs <"$gateway_folder/schema.graphql"
