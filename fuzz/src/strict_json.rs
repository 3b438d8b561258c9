//! A request's body is parsed as any JSON parser would parse it, or it is refused.

use gatelodge::http::graphql::strict_json::StrictObject;
use serde_json::Value;

/// Checks that the strict parser gives the same result as a lenient one, and refuses duplicate keys.
pub fn check(bytes: &[u8]) {
    let strict = serde_json::from_slice::<StrictObject>(bytes)
        .ok()
        .map(|StrictObject(object)| Value::Object(object));
    let lenient = serde_json::from_slice::<Value>(bytes)
        .ok()
        .filter(Value::is_object)
        // The result has as many keys as the text.
        .filter(|value| keys(value) == colons(bytes));
    assert_eq!(strict, lenient);
}

fn keys(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.len() + object.values().map(keys).sum::<usize>(),
        Value::Array(values) => values.iter().map(keys).sum(),
        _ => 0,
    }
}

/// Counts the colons outside strings: one for each key.
fn colons(bytes: &[u8]) -> usize {
    let (mut colons, mut in_string, mut escaped) = (0, false, false);
    for &byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b':' if !in_string => colons += 1,
            _ => {}
        }
    }
    colons
}
