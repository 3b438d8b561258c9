#!/usr/bin/env bash
# Renews src/domain/password/common_passwords.txt. It has the passwords of eight or more characters that attackers try first.
#
#   scripts/common-passwords.sh
#
# Sources: Django's list (django/contrib/auth/common-passwords.txt.gz, BSD-3-Clause, by Royce Williams) and the list of the
# npm package @zxcvbn-ts/language-common (MIT). Both are in lower case, and passwords are looked up in lower case.
set -euo pipefail
cd "$(dirname "$0")/.."
django=5.2.8
zxcvbn=4.1.3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
pip download --quiet --no-deps --dest "$folder" "django==$django"
(cd "$folder" && npm pack --silent "@zxcvbn-ts/language-common@$zxcvbn" >/dev/null && tar -xzf ./*.tgz)
python3 - "$folder" src/domain/password/common_passwords.txt <<'PY'
import glob, gzip, json, sys, zipfile
folder, output = sys.argv[1:]
wheel = zipfile.ZipFile(glob.glob(f"{folder}/*.whl")[0])
words = gzip.decompress(wheel.read("django/contrib/auth/common-passwords.txt.gz")).decode().split("\n")
words += json.load(open(glob.glob(f"{folder}/package/src/passwords.json")[0]))
kept = sorted({word.strip().lower() for word in words if len(word.strip()) >= 8}, key=lambda word: word.encode())
with open(output, "w") as file:
    file.write("\n".join(kept) + "\n")
print(len(kept), "passwords")
PY
