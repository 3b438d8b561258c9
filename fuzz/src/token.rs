//! A token and a device cookie have exactly one encoding.

use gatelodge::domain::{device::Device, token::SessionToken};

/// Checks that a parsed value is encoded to the same bytes.
pub fn check(bytes: &[u8]) {
    if let Some(token) = SessionToken::parse(bytes) {
        assert_eq!(token.encode().as_bytes(), bytes);
    }
    if let Some(device) = Device::parse(bytes) {
        assert_eq!(device.encode().as_bytes(), bytes);
        assert!(device.marks().len() <= 5);
    }
}
