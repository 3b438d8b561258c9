//! Feeds the fuzzer's bytes to `gatelodge_fuzz::username`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelodge_fuzz::username::check(bytes));
