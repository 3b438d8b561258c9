#!/usr/bin/env bash
# Proves that 200 concurrent clients are served through a real nginx that GATELODGE_TRUSTED_PROXIES lists, although one source
# may open only 20 connections. An nginx that is not listed gets at most 20.
#
#   scripts/nginx-clients.sh [BINARY]     default: target/debug/gatelodge
#
# A missing nginx is installed from Debian's packages, which needs root. It runs in a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/apt.sh
source scripts/gateway.sh

die() { printf 'nginx-clients.sh: %s\n' "$*" >&2; exit 1; }

command -v nginx >/dev/null || apt_install nginx-light

# clients EXPECTED: 200 clients hold a request each through nginx, then finish it. EXPECTED of them must get status 200.
clients() {
  nginx_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat >"$gateway_folder/nginx.conf" <<CONF
daemon off;
master_process off;
pid $gateway_folder/nginx.pid;
error_log $gateway_folder/nginx.log;
worker_rlimit_nofile 2048;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $gateway_folder/body;
  proxy_temp_path $gateway_folder/proxy;
  fastcgi_temp_path $gateway_folder/fastcgi;
  uwsgi_temp_path $gateway_folder/uwsgi;
  scgi_temp_path $gateway_folder/scgi;
  server {
    listen 127.0.0.1:$nginx_port;
    location / {
      proxy_pass ${gateway_url/localhost/127.0.0.1};
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Host \$host;
      proxy_set_header X-Forwarded-For \$remote_addr;
    }
  }
}
CONF
  nginx -e "$gateway_folder/nginx.log" -c "$gateway_folder/nginx.conf" 2>/dev/null &
  nginx_pid=$!
  python3 scripts/nginx_clients.py "$nginx_port" "$gateway_pid" "$1" || { tail -5 "$gateway_folder/log" "$gateway_folder/nginx.log" >&2; die "failed"; }
  kill "$nginx_pid"
  wait "$nginx_pid" || true
}

stop() {
  kill "${nginx_pid:-}" 2>/dev/null || true
  gateway_stop
}

export GATELODGE_MAX_CONNECTIONS_PER_SOURCE=20
GATELODGE_TRUSTED_PROXIES=127.0.0.0/24 gateway_start "${1:-target/debug/gatelodge}"
trap stop EXIT
clients 200
grep -q '"source":"127.0.1.200"' "$gateway_folder/log" || die "the clients' addresses are not in the log"
! grep -q GATELODGE_TRUSTED_PROXIES "$gateway_folder/log" || die "the log has a warning about proxies"
gateway_stop

gateway_start "${1:-target/debug/gatelodge}"
trap stop EXIT
clients 20
grep -q '"maximum":20.*GATELODGE_MAX_CONNECTIONS_PER_SOURCE\|GATELODGE_MAX_CONNECTIONS_PER_SOURCE.*"maximum":20' "$gateway_folder/log" ||
  die "the log does not name the limit"
