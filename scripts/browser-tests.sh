#!/usr/bin/env bash
# Tests the example frontend in Chromium against the real gateway, and checks that its generated types are current.
#
#   scripts/browser-tests.sh [BINARY]     default: target/debug/gatelodge
#
# Needs Node 20.19 or later and npm. Installs Debian's Chromium (as root) and the frontend's npm packages when they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/chromium.sh

GATELODGE_BIN=$(realpath "${1:-target/debug/gatelodge}")
export GATELODGE_BIN
[ -x "$GATELODGE_BIN" ] || { echo "browser-tests.sh: $GATELODGE_BIN does not exist; run cargo build first" >&2; exit 2; }
browser_ready
cd examples/todo/frontend
npm run check
npm run test:browser
