//! Feeds the fuzzer's bytes to `gatelodge_fuzz::stored_hash`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelodge_fuzz::stored_hash::check(bytes));
