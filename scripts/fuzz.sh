#!/usr/bin/env bash
# Runs every fuzz target for a time, from its corpus; what breaks a property ends up in fuzz/artifacts.
#
#   scripts/fuzz.sh [SECONDS] [TARGET…]     default: 60 seconds, all targets
#
# Needs cargo-fuzz (cargo install cargo-fuzz --locked) and a C++ compiler. What the fuzzer finds worth keeping goes to
# target/fuzz-corpus; `cargo fuzz cmin TARGET` and a copy into fuzz/corpus make it part of the ordinary tests.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
if (($#)); then targets=("$@"); else mapfile -t targets < <(basename --suffix .rs fuzz/fuzz_targets/*.rs); fi
# libFuzzer's instrumentation is behind flags that the stable compiler takes with this only. The code is safe Rust: no
# sanitizer is needed to see it go wrong.
export RUSTC_BOOTSTRAP=1
cargo fuzz build --sanitizer none
for target in "${targets[@]}"; do
  echo "=== $target"
  mkdir -p "target/fuzz-corpus/$target"
  cargo fuzz run --sanitizer none "$target" "target/fuzz-corpus/$target" "fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -dict="fuzz/dictionaries/$target" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
done
