#!/usr/bin/env bash
# Runs the account flows through Apollo Client, urql, graphql-request, Relay and Python's gql against the real gateway.
#
#   tests/clients/run.sh
#
# GATELODGE_BIN is the gateway to run; default: target/debug/gatelodge. Needs Node 20.19 or later, npm and Python 3.11 or later with
# venv. The clients are installed into this folder, in the versions of package-lock.json and requirements.txt, when they are not there.
set -euo pipefail
export GATELODGE_BIN
GATELODGE_BIN=$(realpath "${GATELODGE_BIN:-$(dirname "$0")/../../target/debug/gatelodge}")
cd "$(dirname "$0")"
[ -x "$GATELODGE_BIN" ] || { printf 'run.sh: %s is not there; cargo build makes it\n' "$GATELODGE_BIN" >&2; exit 2; }

# installed LIST COPY: whether the list's packages are the ones installed last.
installed() { cmp -s "$1" "$2"; }
installed package-lock.json node_modules/.installed || {
  npm ci --ignore-scripts
  cp package-lock.json node_modules/.installed
}
installed requirements.txt .venv/installed || {
  python3 -m venv --clear .venv
  .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement requirements.txt
  cp requirements.txt .venv/installed
}
# The kits of clients/, checked with the strictest settings, and compiled to JavaScript where the packages are found.
node_modules/.bin/tsc
# Bundlers find './identity' without its extension; Node does not.
sed -i "s#'./identity'#'./identity.js'#" kits/*.js
node_modules/.bin/tsc --ignoreConfig --noCheck --allowJs --jsx react-jsx --target es2023 --module esnext --moduleResolution bundler --outDir kits page.jsx
# Two files at a time: more would wait for each other's hashes.
# A connection that a client has left open must not keep the run from ending.
exec node --test --test-force-exit --test-concurrency=2 --test-reporter=spec ./*.test.js
