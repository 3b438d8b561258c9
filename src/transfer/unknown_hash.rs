//! Names unsupported kinds of password hashes, so that an operator knows what the rows contain.

/// Returns the likely kind of an unsupported hash. It never contains the text, which may be a password.
pub fn kind_of(text: &str) -> &'static str {
    let is_hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.len() {
        32 if is_hex => return "plain MD5",
        40 if is_hex => return "plain SHA-1",
        64 if is_hex => return "plain SHA-256",
        128 if is_hex => return "plain SHA-512",
        _ => {}
    }
    let kinds = [
        ("md5$", "MD5"),
        ("unsalted_md5$", "MD5"),
        ("sha1$", "SHA-1"),
        ("unsalted_sha1$", "SHA-1"),
        ("crypt$", "crypt"),
        ("$1$", "MD5-crypt"),
        ("$5$", "SHA-256-crypt"),
        ("$6$", "SHA-512-crypt"),
        ("$P$", "phpass"),
        ("$H$", "phpass"),
        ("{SSHA}", "LDAP's SSHA"),
    ];
    kinds
        .iter()
        .find(|(beginning, _)| text.starts_with(beginning))
        .map_or("unknown", |(_, kind)| kind)
}
