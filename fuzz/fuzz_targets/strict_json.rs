//! Feeds the fuzzer's bytes to `gatelodge_fuzz::strict_json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelodge_fuzz::strict_json::check(bytes));
