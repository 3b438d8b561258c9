//! Information about a client: its address and its user agent.

use std::net::IpAddr;

/// Maximum bytes of a stored user agent. Browsers need a quarter of it, but a header may have thousands.
const MAX_USER_AGENT: usize = 512;

/// The client of a session or event. Users see it in their lists. It is not verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The client's user agent.
    pub user_agent: Option<UserAgent>,
}

/// A user agent: printable and of limited length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserAgent(String);

impl UserAgent {
    /// Removes characters that must not be displayed, and shortens the text. Returns `None` if nothing is left.
    pub fn parse(header: &str) -> Option<Self> {
        let mut text: String = header.chars().filter(|char| is_visible(*char)).collect();
        text.truncate(text.floor_char_boundary(MAX_USER_AGENT));
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a readable name of the device, like "Firefox on Linux", or `None` for an unknown user agent.
    pub fn device_name(&self) -> Option<String> {
        let parsed = woothee::parser::Parser::new().parse(&self.0)?;
        let browser = known(parsed.name);
        let system = match parsed.os {
            "Mac OSX" => Some("macOS"),
            windows if windows.starts_with("Windows") && parsed.category == "pc" => Some("Windows"),
            other => known(other),
        };
        match (browser, system) {
            (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
            (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
            (None, None) => None,
        }
    }
}

/// Returns whether a character is visible. Control and format characters can reorder or hide other characters.
fn is_visible(char: char) -> bool {
    !char.is_control()
        && !matches!(char, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Returns the parser's result, unless it is unknown.
fn known(word: &str) -> Option<&str> {
    (!word.is_empty() && word != "UNKNOWN").then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_a_readable_name() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
        ] {
            let agent = UserAgent::parse(agent).unwrap();
            assert_eq!(agent.device_name().as_deref(), Some(name), "{agent:?}");
        }
        assert_eq!(UserAgent::parse("?!").unwrap().device_name(), None);
    }

    #[test]
    fn a_user_agent_is_short_and_printable() {
        assert_eq!(UserAgent::parse(" \t\u{7}\u{1b} "), None);
        assert_eq!(UserAgent::parse("\u{202E}\u{200B}"), None);
        assert_eq!(UserAgent::parse("cu\u{1b}rl/8").unwrap().as_str(), "curl/8");
        assert!(UserAgent::parse(&"é".repeat(1000)).unwrap().as_str().len() <= MAX_USER_AGENT);
    }
}
