#!/usr/bin/env bash
# Runs the audit suite of the npm package graphql-http against the gateway: every MUST, SHOULD and MAY.
#
#   scripts/http-audit.sh [BINARY]     default: target/debug/gatelodge
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/gateway.sh

gateway_start "${1:-target/debug/gatelodge}"
(cd tests/http-audit && npm ci --ignore-scripts --no-audit --no-fund --silent)
node tests/http-audit/audit.mjs "$gateway_url/graphql"
