#!/usr/bin/env bash
# Runs the code blocks of README.md, in their order, against a gateway with a free port and a temporary folder. A comment that
# begins with `# {` after a command is the expected response, up to `, …`. A block that is not run is listed below, with the
# reason; a block that nothing here knows is an error.
#
#   scripts/readme.sh [BINARY]     default: target/debug/gatelodge
#
# Needs curl, Python 3 and Node 20 or later.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { printf 'readme: %s\n' "$*" >&2; exit 1; }
binary=$(realpath "${1:-target/debug/gatelodge}")
[ -x "$binary" ] || die "$binary does not exist; run cargo build first"
work=$(mktemp -d)
finish() {
  if [ -f "$work/pid" ]; then
    kill "$(cat "$work/pid")" 2>/dev/null || true
    timeout 10 tail --pid="$(cat "$work/pid")" -f /dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
mkdir "$work/blocks" "$work/bin" "$work/folder"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# The blocks, as files named by number and language, with the free port in place of 8000.
python3 - "$work/blocks" "$port" <<'PYTHON'
import pathlib, re, sys
folder, port = pathlib.Path(sys.argv[1]), sys.argv[2]
text = pathlib.Path('README.md').read_text()
for number, (language, code) in enumerate(re.findall(r'^```(\w*)\n(.*?)^```$', text, re.M | re.S), 1):
    (folder / f'{number:02}.{language}').write_text(code.replace('localhost:8000', f'localhost:{port}'))
PYTHON

# `cargo run` starts the binary that is built already, and returns when the gateway is ready.
cat >"$work/bin/cargo" <<CARGO
#!/usr/bin/env bash
set -euo pipefail
[ "\$*" = run ] || { echo "README.md has a cargo command that scripts/readme.sh does not know: \$*" >&2; exit 1; }
"$binary" >"$work/log" 2>&1 &
echo \$! >"$work/pid"
for _ in {1..100}; do
  ! "$binary" healthcheck 2>/dev/null || exit 0
  sleep 0.1
done
cat "$work/log" >&2
exit 1
CARGO
chmod +x "$work/bin/cargo"
ln -s "$binary" "$work/bin/gatelodge"

# A browser's part in the JavaScript: cookies, an Origin, and the check of the CORS headers.
cat >"$work/browser.mjs" <<'BROWSER'
const plain = globalThis.fetch
const origin = 'http://localhost:5173'
const jar = new Map()
globalThis.fetch = async (url, { credentials, headers, ...options }) => {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const sent = { ...headers, origin, ...(credentials === 'include' && cookie && { cookie }) }
  const response = await plain(url, { ...options, headers: sent })
  const allowed = ['origin', 'credentials'].map((name) => response.headers.get(`access-control-allow-${name}`))
  if (allowed.join() !== `${origin},true`) throw new Error(`a browser would hide this response: ${allowed}`)
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
    jar.set(name, value)
  }
  return response
}
BROWSER

export PATH=$work/bin:$PATH GATELODGE_LISTEN=127.0.0.1:$port GATELODGE_ADMIN_LISTEN=127.0.0.1:0
unset DATABASE_URL DATABASE_URL_FILE GATELODGE_SECRET GATELODGE_SECRET_FILE GATELODGE_PUBLIC_URL GATELODGE_ALLOWED_ORIGINS
cd "$work/folder"

ran=0
for block in "$work"/blocks/*; do
  case $block in
    *.sh)
      # Needs a container engine, and scripts/compose-proof.sh proves the same stack.
      if grep -q '^docker compose' "$block"; then continue; fi
      bash -euo pipefail "$block" >"$work/out" 2>&1 || { cat "$work"/{log,out} >&2 || true; die "failed: $(cat "$block")"; }
      sed -nE 's/^# (\{.*)$/\1/p' "$block"
      ;;
    *.js)
      cp "$block" "$work/block.mjs"
      node --import "$work/browser.mjs" "$work/block.mjs" >"$work/out" 2>&1 || die "failed: $(cat "$block" "$work/out")"
      sed -nE '$s#^// (.*)$#\1#p' "$block"
      ;;
    # The example of a settings file names a secret of a deployment, so the keys alone are checked.
    *.toml)
      sed -E 's/^secret-file = .*/secret = "a secret of the example, for this check alone"/' "$block" >"$work/settings.toml"
      gatelodge config --check --config "$work/settings.toml" >"$work/out" 2>&1 || die "failed: $(cat "$block" "$work/out")"
      ;;
    # A picture.
    *.text) continue ;;
    # Needs a service behind the gateway. tests/services/one-endpoint.test.js asks one.
    *.graphql) continue ;;
    *) die "no rule for $(basename "$block"): $(head -3 "$block")" ;;
  esac >"$work/expected"
  while read -r expected; do
    grep -qF -- "${expected%, …\}}" "$work/out" || die "expected $expected, but got: $(cat "$work/out")"
  done <"$work/expected"
  ran=$((ran + 1))
done
[ "$ran" -ge 5 ] || die "only $ran blocks were found"

# Each setting that README.md names exists.
"$binary" --help >"$work/help"
grep -oE '\b(GATELODGE|DATABASE)_[A-Z_]+' "$OLDPWD/README.md" | sort -u | while read -r setting; do
  grep -qF "[env: $setting" "$work/help" || die "README.md names $setting, which --help does not have"
done
printf 'readme: %d blocks ran, and their output is as README.md says\n' "$ran"
