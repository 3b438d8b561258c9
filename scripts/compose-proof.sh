#!/usr/bin/env bash
# Proves that the Dockerfile and docker-compose.yaml give a gateway that works: builds the image, starts the stack on a free port under
# a name of its own, registers and logs a person in, restarts the gateway and then the whole stack, finds the session still live each
# time, looks at the container's rights and at the log, prints sizes, and takes everything down again.
#
#   scripts/compose-proof.sh
#
# Needs curl, jq and a container engine. Where there is none, ENGINE names a program that brings one: `start` starts it, `images
# NAME:TAG…` makes the base images that cannot be pulled, `stop` ends what `start` started. Default: ../shared/docker/engine, if there.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'compose-proof: %s\n' "$*" >&2; }
die() { say "FAILED: $*"; exit 1; }
for tool in curl jq; do command -v "$tool" >/dev/null || die "$tool is missing"; done

# The distribution's own client comes first: another one on the PATH may want plugins that are not there.
export PATH=/usr/bin:$PATH DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
engine=${ENGINE:-../shared/docker/engine}
project=gatelodge-proof-$$
work=$(mktemp -d "${TMPDIR:-/tmp}/compose-proof.XXXXXX")
stack='' alone='' started_engine=''

classic=$(command -v docker-compose || true)
compose() {
  if [ -n "$classic" ]; then "$classic" -p "$project" --env-file "$work/env" "$@"
  else docker compose -p "$project" --env-file "$work/env" "$@"; fi
}

finish() {
  local status=$?
  trap '' INT TERM
  if [ -n "$alone" ]; then
    docker logs --tail=100 "$alone" >&2 || true
    docker rm -fv "$alone" >/dev/null || status=1
  fi
  if [ -n "$stack" ]; then
    [ "$status" = 0 ] || compose logs --no-color --tail=100 >&2 || true
    compose down --volumes --remove-orphans --rmi local >"$work/down" 2>&1 || { cat "$work/down" >&2; status=1; }
  fi
  [ -z "$started_engine" ] || "$engine" stop || status=1
  rm -rf "$work"
  [ "$status" != 0 ] || say "all of it holds"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A port that nobody answers on, below the range that outgoing connections are given.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no free port found"
}

# healthy CONTAINER: up to two minutes for the image's own health check to say so.
healthy() {
  for _ in {1..240}; do
    [ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" != healthy ] || return 0
    sleep 0.5
  done
  docker inspect -f '{{json .State}}' "$1" >&2
  die "the gateway is not healthy"
}

# expect WHAT FILTER QUERY [VARIABLES]: sends the query with the cookie jar; the answer has to satisfy the jq filter.
expect() {
  local answer
  answer=$(jq -nc --arg query "$3" --argjson variables "${4:-null}" '{$query, $variables}' \
    | curl -sS --max-time 30 -b "$work/jar" -c "$work/jar" -H 'Content-Type: application/json' --data @- "http://localhost:$port/graphql") \
    || die "$1: no answer"
  jq -e "$2" <<<"$answer" >/dev/null || die "$1: $answer"
  say "ok: $1"
}

docker info >/dev/null 2>&1 || {
  [ -x "$engine" ] || die "no container engine answers, and there is no ENGINE to start one"
  "$engine" start
  started_engine=1
}
mapfile -t images < <(sed -nE 's/^(FROM|    image:) +([^ ]+:[^ ]+).*/\2/p' Dockerfile docker-compose.yaml | sort -u)
if [ -x "$engine" ]; then "$engine" images "${images[@]}"; fi

port=$(free_port)
sed "s/^GATELODGE_PORT=.*/GATELODGE_PORT=$port/" .env.example >"$work/env"
# What the shell has set would win over the file.
unset POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB GATELODGE_PORT
stack=1
compose build
compose up -d
gateway=$(compose ps -q gateway)
healthy "$gateway"
say "ok: healthy at http://localhost:$port"

password="proof $(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
register=$(jq -nc --arg p "$password" '{input: {username: "ada", password: $p, confirmPassword: $p}}')
login=$(jq -nc --arg p "$password" '{input: {username: "ada", password: $p}}')
me='{ me { username } }'
expect 'nobody is known at first' '.data.me == null and .errors == null' "$me"
expect 'register' '.data.register | .user.username == "ada" and .userErrors == []' \
  "mutation (\$input: RegisterInput!) { register(input: \$input) { user { username } userErrors { code } } }" "$register"
expect 'registered is logged in' '.data.me.username == "ada"' "$me"
expect 'logout' '.data.logout.loggedOut' 'mutation { logout { loggedOut } }'
expect 'nobody is known after it' '.data.me == null and .errors == null' "$me"
expect 'login' '.data.login | .user.username == "ada" and .userErrors == []' \
  "mutation (\$input: LoginInput!) { login(input: \$input) { user { username } userErrors { code } } }" "$login"
expect 'logged in' '.data.me.username == "ada"' "$me"
token=$(awk -F '\t' '$6 == "gatelodge" { print $7 }' "$work/jar")
[ -n "$token" ] || die "the jar has no session cookie"

compose stop gateway
[ "$(docker inspect -f '{{.State.ExitCode}}' "$gateway")" = 0 ] || die "the gateway did not end with status 0 on SIGTERM"
compose start gateway
healthy "$gateway"
expect 'the session outlives a restart of the gateway' '.data.me.username == "ada"' "$me"
compose logs --no-color gateway >"$work/log"
compose down
compose up -d
gateway=$(compose ps -q gateway)
healthy "$gateway"
expect 'and one of the whole stack' '.data.me.username == "ada"' "$me"
compose logs --no-color gateway >>"$work/log"
grep -q '^gateway' "$work/log" || die "the gateway has not logged anything"
for secret in "$password" "$token"; do
  ! grep -qF -- "$secret" "$work/log" || die "the log has a password or a token in it"
done
say "ok: no password and no token in the log"

inside() { docker exec "$gateway" "$@"; }
uid=$(inside id -u)
status=$(inside cat /proc/1/status)
[ "$uid" != 0 ] || die "the gateway runs as root"
! inside touch /proof 2>/dev/null || die "the root file system can be written to"
grep -q '^CapEff:[[:space:]]*0*$' <<<"$status" || die "the gateway has capabilities"
grep -q '^NoNewPrivs:[[:space:]]*1$' <<<"$status" || die "the gateway may gain privileges"
say "ok: user $uid, read-only root, no capabilities"

image=$(docker inspect -f '{{.Image}}' "$gateway")
alone=$(docker run -d --read-only --cap-drop=ALL "$image")
healthy "$alone"
docker rm -fv "$alone" >/dev/null
alone=''
say "ok: on its own, too, with SQLite on a read-only root"

say "image $(docker image inspect -f '{{.Size}}' "$image" | awk '{ printf "%.1f MB", $1 / 1e6 }')," \
  "binary $(inside stat -c %s /usr/local/bin/gatelodge | awk '{ printf "%.1f MB", $1 / 1e6 }')," \
  "resident memory $(awk '/^VmRSS/ { printf "%.1f MiB", $2 / 1024 }' <<<"$status")"
