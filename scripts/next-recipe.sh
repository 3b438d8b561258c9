#!/usr/bin/env bash
# Builds the recipe for Next.js of docs/frontend.md (examples/next), and tests it with the real gateway and Chromium. It is not
# part of .ci/run, because its packages are large and the recipe changes with Next.js, not with Gatelodge.
#
#   scripts/next-recipe.sh [BINARY]     default: target/debug/gatelodge
#
# Needs Node 20.9 or later and npm. Installs Debian's Chromium (as root) and npm packages when they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/chromium.sh

GATELODGE_BIN=$(realpath "${1:-target/debug/gatelodge}")
export GATELODGE_BIN NEXT_TELEMETRY_DISABLED=1
[ -x "$GATELODGE_BIN" ] || { echo "next-recipe.sh: $GATELODGE_BIN does not exist; run cargo build first" >&2; exit 2; }
browser_ready
cd examples/next
cmp -s package-lock.json node_modules/.installed || {
  npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json node_modules/.installed
}
npm run build
node --test --test-reporter=spec recipe.test.mjs
