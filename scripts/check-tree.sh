#!/usr/bin/env bash
# Refuses content that must not be in the repository: hosts of package registries, download addresses in npm lock files,
# absolute paths of a machine, phrases that are hard to read, long sentences, and links and paths that lead nowhere.
#
#   scripts/check-tree.sh
#   scripts/check-tree.sh --list    only lists the phrases and sentences, in all files (scripts/check_text.py)
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --list ]; then exec python3 scripts/check_text.py --list; fi

failed=0
refuse() { # WHAT PATTERN [PATHSPEC…]
  local what=$1 pattern=$2
  shift 2
  if git grep -nIE "$pattern" -- "$@"; then
    echo "check-tree: $what" >&2
    failed=1
  fi
}
refuse "a package registry's host" '(registry\.npmj[s]|crates\.i[o]|pypi\.or[g]|deb\.debian\.or[g]|index\.docker\.i[o])' . ':!Cargo.lock' ':!examples/services/axum/Cargo.lock' ':!fuzz/Cargo.lock'
refuse "a download address in a lock file" '"resolved": "http' '*package-lock.json'
refuse "a path of a machine" '(^|[^A-Za-z0-9_.$}])/(home|root|work|Users)/[A-Za-z]' . ':!LICENSE*'
python3 scripts/check_text.py || {
  echo "check-tree: text that is hard to read, or leads nowhere (CONTRIBUTING.md, \"Language\")" >&2
  failed=1
}
exit $failed
