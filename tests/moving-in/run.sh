#!/usr/bin/env bash
# Imports users of real backends: Django registers them with its form, Node's libraries hash them, and the gateway logs each of them in.
# The users of Django also log in on the example's page in Chromium.
#
#   tests/moving-in/run.sh
#   tests/moving-in/run.sh --fixtures      renews django.json and node.jsonl, which the suite reads
#
# GATELODGE_BIN is the gateway to run; default: target/debug/gatelodge. Needs Node 20.19 or later, npm and Python 3.11 or later with
# venv. The backends are installed into this folder, in the versions of package-lock.json and requirements.txt, when they are not there;
# so are Debian's Chromium (as root) and the frontend's npm packages.
set -euo pipefail
gatelodge=$(realpath "${GATELODGE_BIN:-$(dirname "$0")/../../target/debug/gatelodge}")
cd "$(dirname "$0")"

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

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/backend"
.venv/bin/python django_people.py "$folder/backend" >"$folder/django.json"
node node_people.mjs >"$folder/node.jsonl"
if [ "${1:-}" = --fixtures ]; then
  cp "$folder/django.json" "$folder/node.jsonl" .
  exit
fi

. ../../scripts/gateway.sh
gateway_start "$gatelodge"
trap 'gateway_stop; rm -rf "$folder"' EXIT
export DATABASE_URL="sqlite://$gateway_folder/gatelodge.db"
# ADA, who is ada by PRECIS, is refused, and so is the status.
if "$gatelodge" user import --from django "$folder/django.json" 2>"$folder/report"; then
  echo "run.sh: nobody was refused" >&2
  exit 1
fi
cat "$folder/report"
grep -q '^refused: 14 "ADA"' "$folder/report"
grep -q ' 13 imported (1 without a usable password), 0 were here already, 1 refused' "$folder/report"
"$gatelodge" user import --from jsonl "$folder/node.jsonl"
.venv/bin/python log_in.py "$gateway_url"

cd ../..
. scripts/chromium.sh
browser_ready
cd examples/todo/frontend
npm run build
GATELODGE_BIN=$gatelodge GATELODGE_PEOPLE=$folder/django.json node --test --test-reporter=spec tests/moving-in.test.js
