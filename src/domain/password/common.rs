//! The passwords that attackers try first (ASVS 6.2.4). `scripts/common-passwords.sh` documents their source.

/// The list: one password on each line, sorted by bytes, in lower case, with at least eight characters.
const LIST: &str = include_str!("common_passwords.txt");

/// Returns whether a password is on the list. Ignores case.
///
/// The binary search works on the text itself. An index of its lines would need more memory than the list.
pub fn is_common(password: &str) -> bool {
    let wanted = password.to_lowercase();
    let mut rest = LIST;
    while !rest.is_empty() {
        let middle = rest.floor_char_boundary(rest.len() / 2);
        let start = rest[..middle].rfind('\n').map_or(0, |at| at + 1);
        let end = rest[start..].find('\n').map_or(rest.len(), |at| start + at);
        match wanted.as_bytes().cmp(&rest.as_bytes()[start..end]) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => rest = &rest[..start],
            std::cmp::Ordering::Greater => rest = rest.get(end + 1..).unwrap_or_default(),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_found_and_what_is_between_is_not() {
        let lines: Vec<_> = LIST.lines().collect();
        assert!(lines.len() > 10_000);
        assert!(lines.is_sorted());
        for line in lines {
            assert!(is_common(line), "{line}");
            assert!(!is_common(&format!("{line}\u{1}")), "{line}");
        }
    }

    #[test]
    fn case_makes_no_difference() {
        assert!(is_common("PassWord1"));
        assert!(is_common("QWERTYUIOP"));
        assert!(!is_common("violet harbour 42"));
        assert!(!is_common(""));
        assert!(!is_common("~~~~~~~~~~~~~~~~"));
    }
}
