#!/usr/bin/env bash
# Proves that the Dockerfiles and docker-compose.yaml make a working gateway, frontend and task service. It builds the images, starts
# the stack on free ports under its own project name, registers a user, logs in and adds a task. It checks the page's headers and runs the
# browser tests of accounts and tasks. It stops the task service, and restarts the gateway and then the whole stack. It checks each
# time that the session is still live. It checks the rights of the containers and the log, prints sizes and the time of each phase,
# and removes everything at the end.
#
#   scripts/compose-proof.sh
#
# Needs curl, jq, Node, npm and a container engine; installs Debian's Chromium (as root) if it is missing. Without an engine, ENGINE
# names a program that provides one: `start` starts it, `images NAME:TAG…` makes the base images that cannot be pulled, `stop`
# stops the engine that `start` started. Default: ../shared/docker/engine, if there.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/chromium.sh

say() { printf 'compose-proof: %s\n' "$*" >&2; }
die() { say "FAILED: $*"; exit 1; }
for tool in curl jq; do command -v "$tool" >/dev/null || die "$tool is missing"; done

phase='' began=0
# phase NAME: begins a phase, and prints how long the one before took.
phase() {
  [ -z "$phase" ] || say "$phase took $((SECONDS - began)) s"
  phase=$1 began=$SECONDS
}

# The distribution's own client comes first, because another one on the PATH may need plugins that are missing.
export PATH=/usr/bin:$PATH DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
engine=${ENGINE:-../shared/docker/engine}
project=gatelodge-proof-$$
work=$(mktemp -d "${TMPDIR:-/tmp}/compose-proof.XXXXXX")
stack='' alone='' started_engine=''

# The classic compose is looked for at each call: the engine may have just installed it.
compose() {
  local with=(-p "$project" --env-file "$work/env")
  if command -v docker-compose >/dev/null; then docker-compose "${with[@]}" "$@"; else docker compose "${with[@]}" "$@"; fi
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
  [ "$status" != 0 ] || say "all checks passed"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# free_port FIRST: prints a free port in FIRST…FIRST+4999. The ranges are below the one of outgoing connections.
free_port() {
  local port
  for _ in {1..50}; do
    port=$(($1 + RANDOM % 5000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no free port found"
}

# healthy NAME CONTAINER: waits up to two minutes until the image's health check passes.
healthy() {
  for _ in {1..240}; do
    [ "$(docker inspect -f '{{.State.Health.Status}}' "$2")" != healthy ] || return 0
    sleep 0.5
  done
  docker inspect -f '{{json .State}}' "$2" >&2
  die "the $1 is not healthy"
}

# up: starts the stack and waits for it. The gateway waits for PostgreSQL's health, and the frontend for the gateway's.
up() {
  compose up -d
  gateway=$(compose ps -q gateway)
  frontend=$(compose ps -q frontend)
  tasks=$(compose ps -q tasks)
  [ "$(docker inspect -f '{{.State.Health.Status}}' "$gateway")" = healthy ] || die "the frontend did not wait for the gateway's health"
  healthy frontend "$frontend"
  healthy 'task service' "$tasks"
}

# expect WHAT FILTER QUERY [VARIABLES]: sends the query with the cookie jar. The response must satisfy the jq filter.
expect() {
  local answer
  answer=$(jq -nc --arg query "$3" --argjson variables "${4:-null}" '{$query, $variables}' \
    | curl -sS --max-time 30 -b "$work/jar" -c "$work/jar" -H 'Content-Type: application/json' --data @- "http://localhost:$port/graphql") \
    || die "$1: no answer"
  jq -e "$2" <<<"$answer" >/dev/null || die "$1: $answer"
  say "ok: $1"
}

# served PATH LINE…: requests a path of the page's server. Each line must be in the response's head. The body is in $work/body.
served() {
  local path=$1 head line
  shift
  head=$(curl -sS --max-time 30 -o "$work/body" -D - "$page$path" | tr -d '\r') || die "$path: no answer"
  for line; do grep -qixE -- "$line" <<<"$head" || die "$path without $line: $head"; done
  say "ok: $path is served as it should be"
}

# confined NAME CONTAINER
confined() {
  local uid status
  uid=$(docker exec "$2" id -u)
  status=$(docker exec "$2" cat /proc/1/status)
  [ "$uid" != 0 ] || die "the $1 runs as root"
  ! docker exec -u 0 "$2" touch /proof 2>/dev/null || die "the $1's root file system can be written to"
  grep -q '^CapEff:[[:space:]]*0*$' <<<"$status" || die "the $1 has capabilities"
  grep -q '^NoNewPrivs:[[:space:]]*1$' <<<"$status" || die "the $1 may gain privileges"
  say "ok: the $1: user $uid, read-only root, no capabilities"
}

megabytes() { awk '{ printf "%.1f MB", $1 / 1e6 }'; }
image_size() { docker image inspect -f '{{.Size}}' "$1" | megabytes; }

phase 'getting the browser, the engine and the base images'
browser_ready || die "no browser tests without them"
docker info >/dev/null 2>&1 || {
  [ -x "$engine" ] || die "no container engine answers, and there is no ENGINE to start one"
  "$engine" start
  started_engine=1
}
mapfile -t images < <(sed -nE 's/^(FROM|    image:) +([^ ]+:[^ ]+).*/\2/p' Dockerfile examples/todo/*/Dockerfile docker-compose.yaml | sort -u)
if [ -x "$engine" ]; then "$engine" images "${images[@]}"; fi

port=$(free_port 20000)
page_port=$(free_port 25000)
page=http://localhost:$page_port
sed "s/^GATELODGE_PORT=.*/GATELODGE_PORT=$port/; s/^FRONTEND_PORT=.*/FRONTEND_PORT=$page_port/" .env.example >"$work/env"
# Variables of the shell would override the file.
unset POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB GATELODGE_PORT FRONTEND_PORT VITE_GATELODGE_URL
stack=1
phase 'building the images'
compose build
phase 'starting the stack'
up
say "ok: PostgreSQL, then the gateway at http://localhost:$port, then the frontend at $page"

phase 'an account by curl'
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

phase 'a task through the gateway'
tasks_of_me='{ me { username tasks { title done externalNumber } } session { id } }'
expect 'a task is added at the one address' '.data.addTask | .task.title == "Learn to swim" and .userErrors == []' \
  'mutation { addTask(input: {title: "Learn to swim", externalNumber: 7}) { task { title } userErrors { code } } }'
expect 'one query has fields of both' '.data.me | .username == "ada" and .tasks == [{title: "Learn to swim", done: false, externalNumber: 7}]' "$tasks_of_me"
[ -z "$(docker port "$tasks")" ] || die "the task service has a published port"
stranger=$(curl -sS --max-time 30 -H 'Content-Type: application/json' --data '{"query":"{ tasks { title } }"}' "http://localhost:$port/graphql")
jq -e '.data == null and .errors[0].extensions.code == "UNAUTHENTICATED"' <<<"$stranger" >/dev/null || die "a stranger's answer: $stranger"
# Past the gateway, from the same network: the service asks for a token.
direct=$(docker exec "$tasks" node -e "fetch('http://127.0.0.1:9000/graphql?query={__typename}', {headers: {'x-user-id': 'ada', 'remote-user': 'ada'}}).then(({ status }) => console.log(status))")
[ "$direct" = 401 ] || die "the task service answers $direct without a token"
say "ok: a stranger gets no task, with or without the gateway"

phase 'without the task service'
compose stop tasks
expect 'the account works without the task service' '.data.me | .username == "ada" and .tasks == null' "$tasks_of_me"
# The name of a stopped container is unknown, or it takes the resolver too long to find that out.
expect 'and the error says why' '.errors[0] | .path == ["me", "tasks"] and (.extensions.code | test("^(BAD_GATEWAY|GATEWAY_TIMEOUT)$"))' "$tasks_of_me"
expect 'login works, too' '.data.login | .user.username == "ada" and .userErrors == []' \
  "mutation (\$input: LoginInput!) { login(input: \$input) { user { username } userErrors { code } } }" "$login"
compose start tasks
healthy 'task service' "$tasks"
expect 'the task is back' '.data.me.tasks | length == 1' "$tasks_of_me"
token=$(awk -F '\t' '$6 == "gatelodge" { print $7 }' "$work/jar") # of the second login

phase "the page's headers"
# The page's Content-Security-Policy names the one address that it may call.
common=('X-Content-Type-Options: nosniff' 'Referrer-Policy: no-referrer' 'Cross-Origin-Opener-Policy: same-origin'
  "Content-Security-Policy: default-src 'none'; script-src 'self'; .* connect-src localhost:8000 ws://localhost:8000; .*frame-ancestors 'none'")
for path in / /register; do
  served "$path" 'HTTP/1.1 200 .*' 'Content-Type: text/html.*' 'Cache-Control: no-cache' "${common[@]}"
  grep -qF '<div id="root">' "$work/body" || die "$path is not the page"
done
asset=$(grep -oE -m1 '/assets/[^"]+\.js' "$work/body") || die "the page has no script"
served "$asset" 'HTTP/1.1 200 .*' 'Content-Type: (text|application)/javascript.*' 'Cache-Control: public, max-age=31536000, immutable' "${common[@]}"
served /assets/gone.js 'HTTP/1.1 404 .*' "${common[@]}"

phase 'the browser tests of accounts and tasks'
in_browser() { (cd examples/todo/frontend && GATELODGE_STACK=$port,$page_port node --test --test-reporter=spec "$@"); }
in_browser tests/account.test.js
# scripts/browser-tests.sh runs all of them.
in_browser --test-name-pattern='tasks are added|two users never|a stranger gets' tests/tasks.test.js
say "ok: accounts and tasks in $("$CHROMIUM" --version)"

phase 'restarts'
compose stop gateway
[ "$(docker inspect -f '{{.State.ExitCode}}' "$gateway")" = 0 ] || die "the gateway did not end with status 0 on SIGTERM"
compose start gateway
healthy gateway "$gateway"
expect 'the session outlives a restart of the gateway' '.data.me.username == "ada"' "$me"
compose logs --no-color gateway >"$work/log"
compose down
up
expect 'and one of the whole stack' '.data.me.username == "ada"' "$me"
expect 'the task does, too' '.data.me.tasks | length == 1' "$tasks_of_me"
compose logs --no-color gateway tasks >>"$work/log"
grep -q '^gateway' "$work/log" || die "the gateway has not logged anything"
for secret in "$password" "$token"; do
  ! grep -qF -- "$secret" "$work/log" || die "the log has a password or a token in it"
done
say "ok: no password and no token in the log"

phase 'rights and sizes'
confined gateway "$gateway"
confined frontend "$frontend"
confined 'task service' "$tasks"
image=$(docker inspect -f '{{.Image}}' "$gateway")
alone=$(docker run -d --read-only --cap-drop=ALL "$image")
healthy 'gateway alone' "$alone"
docker rm -fv "$alone" >/dev/null
alone=''
say "ok: on its own, too, with SQLite on a read-only root"

say "the gateway: image $(image_size "$image"), binary $(docker exec "$gateway" stat -c %s /usr/local/bin/gatelodge | megabytes)," \
  "resident memory $(docker exec "$gateway" cat /proc/1/status | awk '/^VmRSS/ { printf "%.1f MiB", $2 / 1024 }')"
say "the frontend: image $(image_size "$(docker inspect -f '{{.Image}}' "$frontend")")"
say "the task service: image $(image_size "$(docker inspect -f '{{.Image}}' "$tasks")")"
phase ''
