//! Any stored string is read without a panic, and lets nobody in by accident.

use argon2::Params;
use gatelodge::auth::password::{
    argon2id::{Memory, Verification, hash, params, verify},
    foreign::ForeignHash,
    pepper::Peppers,
    stored_hash::StoredHash,
};

/// The longest run of digits that is tried: a stored string decides what checking it costs, and the fuzzer would
/// find the one that costs gigabytes first.
const MOST_DIGITS: usize = 2;

/// The bytes are what the database has; and then a password.
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
    // Salt and hash, which are last, cost nothing.
    let costs = stored.split('$').take(4);
    let dear = costs
        .flat_map(|part| part.split(|char: char| !char.is_ascii_digit()))
        .any(|digits| digits.len() > MOST_DIGITS);
    if dear {
        return;
    }
    match verify(today, peppers, b"correct horse", stored, memory) {
        Ok(Verification::Match { .. }) => {
            let other = verify(today, peppers, b"correct horsf", stored, memory);
            assert!(matches!(other, Ok(Verification::Mismatch)), "{stored}");
        }
        Ok(Verification::Mismatch | Verification::NoPepper) => {}
        // What is told of a broken string must not hold it: it goes into the log.
        Err(error) => {
            let told = error.to_string();
            let base64 = |part: &&str| part.len() >= 16 && !part.contains([' ', ':']);
            for part in stored.split('$').filter(base64) {
                assert!(!told.contains(part), "{told}");
            }
        }
    }
}

/// Another system's hash is judged, never computed; its recipe is read back as it was written.
fn any_foreign(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let _ = StoredHash::parse(text);
    if let Ok(hash) = ForeignHash::parse(text) {
        let recipe = hash.without_digest();
        let again = ForeignHash::parse(recipe).expect("a recipe reads back");
        assert_eq!(again.without_digest(), recipe);
        assert_eq!(again.weight(), hash.weight());
    }
}

fn any_password(password: &[u8], today: &Params, peppers: &Peppers, memory: &mut Memory) {
    let stored = hash(today, peppers, password, b"sixteen bytes !!", memory)
        .expect("any password has a hash");
    let verdict = verify(today, peppers, password, &stored, memory);
    assert!(
        matches!(verdict, Ok(Verification::Match { stale: false })),
        "{stored}"
    );
    let longer = [password, b"\0"].concat();
    let verdict = verify(today, peppers, &longer, &stored, memory);
    assert!(matches!(verdict, Ok(Verification::Mismatch)), "{stored}");
}
