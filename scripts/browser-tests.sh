#!/usr/bin/env bash
# Tests the frontend in a real browser, against the real gateway: its generated types are current, and people get in and out.
#
#   scripts/browser-tests.sh [BINARY]     default: target/debug/gatelodge
#
# Needs Node 20.19 or later and npm. Installs Debian's Chromium (as root) and the frontend's npm packages when they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/chromium.sh

GATELODGE_BIN=$(realpath "${1:-target/debug/gatelodge}")
export GATELODGE_BIN
[ -x "$GATELODGE_BIN" ] || { echo "browser-tests.sh: $GATELODGE_BIN is not there; cargo build makes it" >&2; exit 2; }
browser_ready
cd examples/todo/frontend
npm run check
npm run test:browser
