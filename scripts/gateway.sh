# Sourced by scripts that need a running gateway. Starts one on a free port with a new SQLite database in a temporary
# folder, and stops it when the script ends.
#
#   gateway_start BINARY     sets gateway_url

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
