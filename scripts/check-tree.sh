#!/usr/bin/env bash
# Refuses what must not be in the repository: hosts of package registries, download addresses in npm lock files, and
# absolute paths of somebody's machine.
#
#   scripts/check-tree.sh
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
refuse() { # WHAT PATTERN [PATHSPEC…]
  local what=$1 pattern=$2
  shift 2
  if git grep -nIE "$pattern" -- "$@"; then
    echo "check-tree: $what" >&2
    failed=1
  fi
}
refuse "a package registry's host" '(registry\.npmj[s]|crates\.i[o]|pypi\.or[g]|deb\.debian\.or[g]|index\.docker\.i[o])' . ':!Cargo.lock' ':!fuzz/Cargo.lock'
refuse "a download address in a lock file" '"resolved": "http' '*package-lock.json'
refuse "a path of a machine" '(^|[^A-Za-z0-9_.$}])/(home|root|work|Users)/[A-Za-z]' . ':!LICENSE*'
exit $failed
