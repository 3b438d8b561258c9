# Sourced by scripts that need Debian's packages. `die` must be defined.
#
#   apt_install [PACKAGE…]     installs them, which needs root. Their services are not started.

apt_install() {
  [ $# != 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then die "run as root on Debian, or install $* first"; fi
  printf 'installing %s\n' "$*" >&2
  local policy=/usr/sbin/policy-rc.d ours= log
  # Keeps Debian from starting the packages' own services, unless the machine has a policy already.
  [ -e "$policy" ] || { ours=1; printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod 755 "$policy"; }
  log=$({ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "$@"; } 2>&1) ||
    { [ -z "$ours" ] || rm "$policy"; tail -20 <<<"$log" >&2; die "apt-get failed"; }
  [ -z "$ours" ] || rm "$policy"
}

# The packages that deploy/nginx/nginx.conf needs and the machine lacks.
nginx_packages() {
  command -v nginx >/dev/null || echo nginx-light
  [ -e /usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so ] || echo libnginx-mod-http-headers-more-filter
}
