# Sourced by scripts that need a running gateway. Starts one on a free port with a new SQLite database in a temporary
# folder, and stops it when the script ends.
#
#   gateway_start BINARY     sets gateway_url, gateway_folder and gateway_pid

gateway_start() {
  local port
  gateway_folder=$(mktemp -d)
  trap gateway_stop EXIT
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  gateway_url=http://localhost:$port
  DATABASE_URL="sqlite://$gateway_folder/gatelodge.db?mode=rwc" GATELODGE_LISTEN=127.0.0.1:$port \
    GATELODGE_ADMIN_LISTEN=off GATELODGE_PUBLIC_URL=$gateway_url "$1" serve 2>"$gateway_folder/log" &
  gateway_pid=$!
  for _ in {1..100}; do
    if GATELODGE_LISTEN=127.0.0.1:$port "$1" healthcheck 2>/dev/null; then return; fi
    sleep 0.1
  done
  cat "$gateway_folder/log" >&2
  echo "the gateway did not become ready" >&2
  return 1
}

gateway_stop() {
  kill "$gateway_pid" 2>/dev/null || true
  wait "$gateway_pid" 2>/dev/null || true
  rm -rf "$gateway_folder"
}

# Raises the limits of a gateway that starts afterwards, for tests that compare answers and not limits.
gateway_without_limits() {
  local limit
  export GATELODGE_THROTTLE_ACCOUNT=1000000 GATELODGE_THROTTLE_SOURCE=1000000/10m GATELODGE_LIMIT_TOKENS=5000 \
    GATELODGE_LIMIT_DEPTH=60 GATELODGE_LIMIT_COMPLEXITY=100000
  for limit in ROOTS ALIASES ARGUMENTS DIRECTIVES SPREADS ERRORS; do export "GATELODGE_LIMIT_$limit=1000"; done
}

# Adds the users alice and admin, who is an administrator, to the running gateway.
#
#   gateway_add_users BINARY     sets GATEWAY_PASSWORD and DATABASE_URL
gateway_add_users() {
  local name
  export GATEWAY_PASSWORD="correct horse 42 battery" DATABASE_URL="sqlite://$gateway_folder/gatelodge.db"
  for name in alice admin; do
    printf '%s' "$GATEWAY_PASSWORD" | "$1" user add "$name" --password-stdin >"$gateway_folder/users" 2>&1 ||
      { cat "$gateway_folder/users" >&2; return 1; }
  done
  "$1" user roles admin --add admin >"$gateway_folder/users"
}
