#!/usr/bin/env bash
# Runs every fuzz target for some time, from its corpus. Inputs that break a property are written to fuzz/artifacts.
#
#   scripts/fuzz.sh [SECONDS] [TARGET…]     default: 60 seconds, all targets
#
# Needs cargo-fuzz (cargo install cargo-fuzz --locked) and a C++ compiler. New inputs of interest go to
# target/fuzz-corpus. To replay them in the ordinary tests, run `cargo fuzz cmin TARGET` and copy them into fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
if (($#)); then targets=("$@"); else mapfile -t targets < <(basename --suffix .rs fuzz/fuzz_targets/*.rs); fi
# The stable compiler accepts the flags of libFuzzer's instrumentation only with this variable. The code is safe Rust, so it
# needs no sanitizer.
export RUSTC_BOOTSTRAP=1
cargo fuzz build --sanitizer none
for target in "${targets[@]}"; do
  echo "=== $target"
  mkdir -p "target/fuzz-corpus/$target"
  cargo fuzz run --sanitizer none "$target" "target/fuzz-corpus/$target" "fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -dict="fuzz/dictionaries/$target" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
done
