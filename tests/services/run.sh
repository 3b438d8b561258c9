#!/usr/bin/env bash
# Has the services of examples/services verify identity tokens of the real gateway: right ones, wrong ones, with a late clock, and
# after a rotation of the keys. One of them is a Django service whose users are imported. The task service of examples/todo/tasks is asked
# without the gateway in front. The code of docs/one-endpoint.md runs behind the gateway.
#
#   tests/services/run.sh
#
# GATELODGE_BIN is the gateway to run; default: target/debug/gatelodge. Needs Node 20.19 or later, npm, Python 3.11 or later with venv,
# and cargo. The libraries are installed into examples/services and examples/todo/tasks, in the versions of package-lock.json and
# requirements.txt, when they are not there. SERVICES_LOG=1 shows what the services log.
set -euo pipefail
export GATELODGE_BIN
GATELODGE_BIN=$(realpath "${GATELODGE_BIN:-$(dirname "$0")/../../target/debug/gatelodge}")
cd "$(dirname "$0")"
[ -x "$GATELODGE_BIN" ] || { printf 'run.sh: %s is not there; cargo build makes it\n' "$GATELODGE_BIN" >&2; exit 2; }

cd ../../examples/services
cargo fmt --check --manifest-path axum/Cargo.toml
cargo build --locked --quiet --manifest-path axum/Cargo.toml --target-dir ../../target/services &
axum=$!
# installed LIST COPY: whether the list's packages are the ones installed last.
installed() { cmp -s "$1" "$2"; }
installed package-lock.json node_modules/.installed || {
  npm ci --ignore-scripts
  cp package-lock.json node_modules/.installed
}
(
  cd ../todo/tasks
  installed package-lock.json node_modules/.installed || {
    npm ci --ignore-scripts
    cp package-lock.json node_modules/.installed
  }
)
installed requirements.txt .venv/installed || {
  python3 -m venv --clear .venv
  .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement requirements.txt
  cp requirements.txt .venv/installed
}
wait $axum
cd ../../tests/services
# Two files at a time. The test of rotation waits most of its time.
exec node --test --test-concurrency=2 --test-reporter=spec ./*.test.js
