//! A token, and a device cookie, has one spelling.

use gatelodge::domain::{device::Device, token::SessionToken};

/// What is read is what would be written.
pub fn check(bytes: &[u8]) {
    if let Some(token) = SessionToken::parse(bytes) {
        assert_eq!(token.encode().as_bytes(), bytes);
    }
    if let Some(device) = Device::parse(bytes) {
        assert_eq!(device.encode().as_bytes(), bytes);
        assert!(device.marks().len() <= 5);
    }
}
