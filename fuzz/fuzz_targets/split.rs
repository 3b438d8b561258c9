//! Feeds the fuzzer's bytes to `gatelodge_fuzz::split`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gatelodge_fuzz::split::check(bytes));
