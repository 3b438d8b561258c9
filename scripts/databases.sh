#!/usr/bin/env bash
# Starts a temporary PostgreSQL 15, PgBouncer 1.18 and MariaDB 10.11 from Debian's packages, and runs a command with them.
#
#   scripts/databases.sh run -- cargo test
#
# The servers use a folder under TMPDIR and free ports of 127.0.0.1. They stop when the command ends. The command finds them in
# TEST_DATABASE_URLS ("postgres://…,mysql://…"), with a user that may create and drop databases and users. PgBouncer, in transaction mode,
# has the port TEST_PGBOUNCER_PORT. Connections through TEST_READ_ONLY_PGBOUNCER_PORT are read-only. The exit status is the
# command's. Missing packages are installed, which needs root. Other clusters of the machine are not touched.
# The servers are tuned for tests and lose data at a power cut.
set -euo pipefail
source "$(dirname "$0")/apt.sh"

pg=/usr/lib/postgresql/15/bin
packages=(postgresql-15 pgbouncer mariadb-server-core mariadb-client-core)
user=gatelodge

die() { printf 'databases.sh: %s\n' "$*" >&2; exit 1; }

install_packages() {
  [ -x "$pg/postgres" ] && [ -x /usr/sbin/pgbouncer ] && [ -x /usr/sbin/mariadbd ] && [ -x /usr/bin/mariadb ] && return
  apt_install "${packages[@]}"
}

# free_port FIRST: prints a free port in FIRST…FIRST+4999. The ranges are below the one of outgoing connections.
free_port() {
  local port
  for _ in {1..50}; do
    port=$(($1 + RANDOM % 5000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no free port found"
}

# Database servers refuse to run as root. They end with this script, however it ends (pdeathsig).
drop=(setpriv --pdeathsig=QUIT)
[ "$(id -u)" != 0 ] || drop+=(--reuid=nobody --regid=nogroup --clear-groups)

start_postgres() {
  local data=$dir/postgres
  printf %s "$password" >"$dir/password"
  "${drop[@]}" "$pg/initdb" -D "$data" -U "$user" --pwfile="$dir/password" --auth=password -E UTF8 --locale=C.UTF-8 --no-sync
  cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $pg_port
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 32MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
shared_preload_libraries = 'pg_stat_statements'
jit = off
CONF
  exec setsid "${drop[@]}" "$pg/postgres" -D "$data"
}

# start_pgbouncer PORT PARAMETERS: starts a pooler with fewer server connections than client connections, so that clients share them.
start_pgbouncer() {
  printf '"%s" "%s"\n' "$user" "$password" >"$dir/users-$1"
  cat >"$dir/pgbouncer-$1.ini" <<CONF
[databases]
* = host=127.0.0.1 port=$pg_port $2
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $1
unix_socket_dir =
auth_type = plain
auth_file = $dir/users-$1
pool_mode = transaction
default_pool_size = 4
max_client_conn = 1000
CONF
  exec setsid "${drop[@]}" /usr/sbin/pgbouncer "$dir/pgbouncer-$1.ini"
}

start_mariadb() {
  local data=$dir/mariadb
  cat >"$dir/init.sql" <<SQL
CREATE DATABASE IF NOT EXISTS $user;
CREATE USER IF NOT EXISTS $user@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL ON *.* TO $user@'127.0.0.1' WITH GRANT OPTION;
SQL
  "${drop[@]}" mariadb-install-db --no-defaults --datadir="$data" --skip-test-db --auth-root-authentication-method=socket
  exec setsid "${drop[@]}" /usr/sbin/mariadbd --no-defaults --datadir="$data" --init-file="$dir/init.sql" \
    --bind-address=127.0.0.1 --port="$maria_port" --socket="$dir/mariadb.sock" --pid-file="$dir/mariadb.pid" \
    --skip-name-resolve --max-connections=300 --character-set-server=utf8mb4 \
    --innodb-buffer-pool-size=64M --innodb-log-file-size=32M --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0
}

ask_postgres() { PGPASSWORD=$password PGCONNECT_TIMEOUT=5 "$pg/psql" -h 127.0.0.1 -p "$pg_port" -U "$user" -d postgres -qtc "$1"; }
ask_mariadb() {
  MYSQL_PWD=$password mariadb --no-defaults --connect-timeout=5 -h 127.0.0.1 -P "$maria_port" -u "$user" -Ne "$1"
}

# wait_for NAME PID: waits until the server answers a query. Fails if the server died, or after a minute.
wait_for() {
  for _ in {1..300}; do
    "ask_$1" 'SELECT 1' >/dev/null 2>&1 && return
    kill -0 "$2" 2>/dev/null || break
    sleep 0.2
  done
  tail -20 "$dir/$1.log" >&2
  die "$1 did not start"
}

pids=()
stop() {
  local pid
  # QUIT stops both servers fast and releases PostgreSQL's shared memory. KILL is for a server that is not up yet.
  for pid in "${pids[@]}"; do kill -QUIT "$pid" 2>/dev/null || true; done
  for _ in {1..50}; do kill -0 "${pids[@]}" 2>/dev/null || break; sleep 0.1; done
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait "${pids[@]}" 2>/dev/null || true
  rm -rf "$dir"
}

if [ $# -lt 3 ] || [ "$1 $2" != 'run --' ]; then sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; fi
shift 2

umask 022
dir=$(mktemp -d "${TMPDIR:-/tmp}/databases.XXXXXX")
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
install_packages
[ "$(id -u)" != 0 ] || chown nobody:nogroup "$dir"
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
pg_port=$(free_port 20000)
maria_port=$(free_port 25000)
bouncer_port=$(free_port 15000)
read_only_port=$(free_port 10000)
start_postgres >"$dir/postgres.log" 2>&1 &
pids+=($!)
start_mariadb >"$dir/mariadb.log" 2>&1 &
pids+=($!)
start_pgbouncer "$bouncer_port" '' >"$dir/pgbouncer.log" 2>&1 &
pids+=($!)
start_pgbouncer "$read_only_port" "connect_query='SET default_transaction_read_only = on'" >"$dir/read-only.log" 2>&1 &
pids+=($!)
wait_for postgres "${pids[0]}"
wait_for mariadb "${pids[1]}"
ask_postgres "CREATE DATABASE $user" >/dev/null

export TEST_DATABASE_URLS="postgres://$user:$password@127.0.0.1:$pg_port/$user,mysql://$user:$password@127.0.0.1:$maria_port/$user"
export TEST_PGBOUNCER_PORT=$bouncer_port TEST_READ_ONLY_PGBOUNCER_PORT=$read_only_port
"$@"
