//! Any stored string is parsed without a panic, and a wrong password never matches it.

use argon2::Params;
use gatelodge::auth::password::{
    argon2id::{Memory, Verification, hash, params, verify},
    foreign::ForeignHash,
    pepper::Peppers,
    stored_hash::StoredHash,
};

/// Maximum digits of a number in a stored string. The string decides the cost of its check, and the fuzzer would find
/// strings that need gigabytes.
const MAX_DIGITS: usize = 2;

/// Checks the bytes as a stored string, and then as a password.
pub fn check(bytes: &[u8]) {
    let mut memory = Memory::default();
    let peppers = Peppers::default();
    let today = params(8, 1, 1).unwrap_or_default();
    any_string(bytes, &today, &peppers, &mut memory);
    any_foreign(bytes);
    any_password(bytes, &today, &peppers, &mut memory);
}

fn any_string(bytes: &[u8], today: &Params, peppers: &Peppers, memory: &mut Memory) {
    let Ok(stored) = str::from_utf8(bytes) else {
        return;
    };
    // Salt and hash, which come last, do not affect the cost.
    let costs = stored.split('$').take(4);
    let is_expensive = costs
        .flat_map(|part| part.split(|char: char| !char.is_ascii_digit()))
        .any(|digits| digits.len() > MAX_DIGITS);
    if is_expensive {
        return;
    }
    match verify(today, peppers, b"correct horse", stored, memory) {
        Ok(Verification::Match { .. }) => {
            let other = verify(today, peppers, b"correct horsf", stored, memory);
            assert!(matches!(other, Ok(Verification::Mismatch)), "{stored}");
        }
        Ok(Verification::Mismatch | Verification::NoPepper) => {}
        // The error is logged, so it must not contain the invalid string.
        Err(error) => {
            let message = error.to_string();
            let base64 = |part: &&str| part.len() >= 16 && !part.contains([' ', ':']);
            for part in stored.split('$').filter(base64) {
                assert!(!message.contains(part), "{message}");
            }
        }
    }
}

/// Parses another system's hash without computing it. Its parameters must survive writing and parsing.
fn any_foreign(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let _ = StoredHash::parse(text);
    if let Ok(hash) = ForeignHash::parse(text) {
        let parameters = hash.without_digest();
        let again = ForeignHash::parse(parameters).expect("the parameters can be parsed");
        assert_eq!(again.without_digest(), parameters);
        assert_eq!(again.weight(), hash.weight());
    }
}

fn any_password(password: &[u8], today: &Params, peppers: &Peppers, memory: &mut Memory) {
    let stored = hash(today, peppers, password, b"sixteen bytes !!", memory)
        .expect("any password has a hash");
    let result = verify(today, peppers, password, &stored, memory);
    assert!(
        matches!(
            result,
            Ok(Verification::Match {
                needs_rehash: false
            })
        ),
        "{stored}"
    );
    let longer = [password, b"\0"].concat();
    let result = verify(today, peppers, &longer, &stored, memory);
    assert!(matches!(result, Ok(Verification::Mismatch)), "{stored}");
}
