#!/usr/bin/env bash
# Sends generated operations, valid and invalid, to every root field of the gateway. None may cause a server error, by its status
# or by a code in the response. The seed is fixed, so that runs of CI are equal.
#
#   scripts/schemathesis.sh [BINARY]     default: target/debug/gatelodge
#
# CASES is the number of operations per root field; default: 100.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/gateway.sh

# The limits of the throttle are raised, because a throttled operation would test nothing.
export GATELODGE_THROTTLE_ACCOUNT=1000000 GATELODGE_THROTTLE_SOURCE=1000000/1s GATELODGE_THROTTLE_REGISTER=1000000/1s
export GATELODGE_THROTTLE_LOGINS=1000000/1s
gateway_start "${1:-target/debug/gatelodge}"
python3 -m venv "$gateway_folder/venv"
"$gateway_folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --requirement tests/schemathesis/requirements.txt
checks=$PWD/tests/schemathesis
# Its files, and those of hypothesis, go into the temporary folder of the venv.
cd "$gateway_folder"
PYTHONPATH=$checks SCHEMATHESIS_HOOKS=checks venv/bin/schemathesis run "$gateway_url/graphql" \
  --checks no_server_error --max-examples "${CASES:-100}" --seed 1 --mode all \
  --request-timeout 10 --continue-on-failure --warnings off --no-color
