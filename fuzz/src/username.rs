//! The normalized form of a name is a valid name, and normalizing it again does not change it.

use gatelodge::domain::username::{MAX_CHARS, Username};

/// Checks that the normalized form is stable, and that no invisible character is accepted.
pub fn check(bytes: &[u8]) {
    let Ok(typed) = str::from_utf8(bytes) else {
        return;
    };
    let Ok(name) = Username::parse(typed) else {
        return;
    };
    assert_eq!(name.as_typed(), typed);
    assert!((1..=MAX_CHARS).contains(&typed.chars().count()));
    for char in typed.chars() {
        assert!(!char.is_control() && !char.is_whitespace(), "{typed:?}");
        let hidden = matches!(char, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
        // Two joiners are parts of letters in some scripts. RFC 5892 defines where they are allowed.
        assert!(
            !hidden || matches!(char, '\u{200C}' | '\u{200D}'),
            "{typed:?}"
        );
    }
    // A normalized form may be too long for a name. It is still compared, but cannot be typed.
    if name.key().chars().count() <= MAX_CHARS {
        let again = Username::parse(name.key()).expect("the normalized form is a valid name");
        assert_eq!(again.key(), name.key(), "{typed:?}");
    }
}
