//! A name's form for comparing is itself a name, and the same one.

use gatelodge::domain::username::{MAX_CHARS, Username};

/// Preparing a prepared name changes nothing; nothing invisible gets through.
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
        // The two joiners are letters' parts in some scripts, and RFC 5892 says where.
        assert!(
            !hidden || matches!(char, '\u{200C}' | '\u{200D}'),
            "{typed:?}"
        );
    }
    // A form that is too long to be a name is still compared; it cannot be typed.
    if name.key().chars().count() <= MAX_CHARS {
        let again = Username::parse(name.key()).expect("the form of a name is a name");
        assert_eq!(again.key(), name.key(), "{typed:?}");
    }
}
