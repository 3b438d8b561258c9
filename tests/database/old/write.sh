#!/usr/bin/env bash
# Writes the fixtures of tests/database/old_database.rs with an earlier build of Gatelodge, on each database.
#
#   git worktree add /tmp/old 8a81b96 && (cd /tmp/old && cargo build)
#   scripts/databases.sh run -- tests/database/old/write.sh /tmp/old/target/debug/gatelodge
#
# Needs sqlite3, curl, pg_dump and mariadb-dump. One statement is one line, so that a driver can run them one by one.
set -euo pipefail

program=$1
folder=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
server=
port=$((30000 + RANDOM % 2000))
# The tests' own secret and password. The session has to outlive the fixtures.
export GATELODGE_SECRET='a secret of tests, 32 bytes long' GATELODGE_LISTEN=127.0.0.1:$port GATELODGE_ADMIN_LISTEN=off
export GATELODGE_SESSION_IDLE=400d GATELODGE_SESSION_LIFETIME=400d
password='correct horse'

# ask QUERY: runs a GraphQL operation with the cookies kept so far.
ask() {
  local body
  body=$(printf '{"query":"%s"}' "${1//\"/\\\"}")
  curl -sS --fail --noproxy '*' -c "$work/cookies" -b "$work/cookies" -H 'content-type: application/json' -d "$body" \
    "http://127.0.0.1:$port/graphql"
}

# fill NAME URL: two users, a session of the first, and an imported user; prints the session's token.
fill() {
  export DATABASE_URL=$2
  "$program" 2>"$work/$1.log" &
  server=$!
  until grep -q '"ready"' "$work/$1.log"; do sleep 0.2; kill -0 "$server"; done
  for name in bob ada; do
    rm -f "$work/cookies"
    ask "mutation { register(input: { username: \"$name\", password: \"$password\", confirmPassword: \"$password\" }) { user { id } userErrors { code } } }" >/dev/null
  done
  local token
  token=$(awk '$6 == "gatelodge" { print $7 }' "$work/cookies")
  rm "$work/cookies"
  ask 'mutation { login(input: { username: "bob", password: "wrong" }) { userErrors { code } } }' >/dev/null
  # Django's PBKDF2 of the same password, with a thousand iterations.
  printf '%s\n' '{"external_id":"7","username":"carol","password_hash":"pbkdf2_sha256$1000$salty$DzvaoPDWHNlO+0p5E04mScIUiNVjJ8YpgYitYTNqHo8="}' |
    "$program" user import --from jsonl >/dev/null
  kill "$server"
  wait "$server"
  server=
  printf '%s' "$token" >"$folder/$1.token"
}

# one_line_each: joins the lines of each statement, and drops comments and the commands of the dump's own client.
one_line_each() {
  grep -v -e '^--' -e '^/\*' -e '^$' -e '^\\' |
    awk '{ printf "%s%s", (part ? " " : ""), $0; part = 1 } /;$/ { print ""; part = 0 }' | sed 's/  */ /g'
}

fill sqlite "sqlite://$work/old.db?mode=rwc"
sqlite3 "$work/old.db" .dump | one_line_each | grep -v -e '^PRAGMA' -e '^BEGIN' -e '^COMMIT' >"$folder/sqlite.sql"

IFS=, read -r postgres mysql <<<"$TEST_DATABASE_URLS"
fill postgres "$postgres"
pg_dump --inserts --no-owner --no-privileges "$postgres" | one_line_each | grep -v -e '^SET' -e set_config |
  sed 's/ public\./ /g' >"$folder/postgres.sql"

fill mysql "$mysql"
read -r user secret host mysql_port database < <(sed -E 's#^mysql://([^:]+):([^@]+)@([^:]+):([0-9]+)/(.*)#\1 \2 \3 \4 \5#' <<<"$mysql")
# The tables come in the order of their names, not of their foreign keys.
echo 'SET FOREIGN_KEY_CHECKS = 0;' >"$folder/mysql.sql"
MYSQL_PWD=$secret mariadb-dump --no-defaults --compact --skip-opt --create-options --hex-blob \
  -h "$host" -P "$mysql_port" -u "$user" "$database" |
  one_line_each >>"$folder/mysql.sql"
