#!/bin/sh
# Builds GraphiQL into dist/: index.html as it is (a template), everything else gzipped. Needs Node 20.19 or newer.
set -eu
cd "$(dirname "$0")"

npm ci --ignore-scripts
npx --no-install vite build

[ "$(grep -o '{{nonce}}' build/index.html | wc -l)" -eq 1 ] || { echo "index.html must hold {{nonce}} once" >&2; exit 1; }

rm -rf dist
mkdir dist
mv build/index.html dist/
for file in build/*; do
  gzip -9nc "$file" > "dist/${file#build/}.gz"
done
rm -rf build
du -sb dist
