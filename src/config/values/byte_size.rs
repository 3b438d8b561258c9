//! Sizes in bytes with a unit: `512KiB`, `16MiB`, `0`.

/// Parses a size in bytes.
pub fn parse(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let factor: Option<u64> = match &text[digits.len()..] {
        "" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        _ => None,
    };
    factor
        .and_then(|factor| digits.parse::<u64>().ok()?.checked_mul(factor))
        .ok_or_else(|| {
            "is not a size. Write a number of bytes, or a number with KiB, MiB or GiB, like 16MiB"
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_size_is_a_number_with_an_optional_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("2KiB", 2048),
            ("16MiB", 16 << 20),
            ("1GiB", 1 << 30),
        ] {
            assert_eq!(parse(text), Ok(bytes));
        }
        for wrong in [
            "",
            "MiB",
            "16MB",
            "16 MiB",
            "-1",
            "1.5MiB",
            "99999999999GiB",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
