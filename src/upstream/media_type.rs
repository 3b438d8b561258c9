//! The media type of an answer.

use hyper::{HeaderMap, header};

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`.
    Json,
    /// `application/graphql-response+json`.
    GraphqlResponse,
    /// `multipart/mixed`: parts of one answer, as `@defer` has them.
    Multipart,
    /// `text/event-stream`.
    EventStream,
    /// Anything else.
    Other,
}

impl MediaType {
    /// Returns the media type of a message. Two Content-Type headers are none, because readers differ in which one counts.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::CONTENT_TYPE).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Self::Other;
        };
        let Ok(text) = value.to_str() else {
            return Self::Other;
        };
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        let is = |name: &str| essence.trim().eq_ignore_ascii_case(name);
        if is("multipart/mixed") {
            Self::Multipart
        } else if is("text/event-stream") {
            Self::EventStream
        } else if !is_utf8(parameters) {
            Self::Other
        } else if is("application/json") {
            Self::Json
        } else if is("application/graphql-response+json") {
            Self::GraphqlResponse
        } else {
            Self::Other
        }
    }

    /// Returns whether the answer is one JSON text.
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::GraphqlResponse)
    }
}

/// Returns whether the parameters name no encoding but UTF-8, in which JSON is written (RFC 8259, section 8.1).
fn is_utf8(parameters: &str) -> bool {
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    });
    charset.is_none_or(|charset| {
        charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("us-ascii")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> MediaType {
        let lines = values.iter().map(|value| value.parse().unwrap());
        let headers = lines.map(|value| (header::CONTENT_TYPE, value)).collect();
        MediaType::of(&headers)
    }

    #[test]
    fn the_media_type_is_read_without_its_parameters() {
        for (value, expected) in [
            ("application/json", MediaType::Json),
            ("Application/JSON ; Charset=\"UTF-8\"", MediaType::Json),
            (
                "application/graphql-response+json; charset=utf-8",
                MediaType::GraphqlResponse,
            ),
            ("multipart/mixed; boundary=\"-\"", MediaType::Multipart),
            ("text/event-stream;charset=utf-8", MediaType::EventStream),
            ("application/json; charset=utf-16", MediaType::Other),
            ("application/json, text/html", MediaType::Other),
            ("application/jsonp", MediaType::Other),
            ("text/html", MediaType::Other),
            ("", MediaType::Other),
        ] {
            assert_eq!(of(&[value]), expected, "{value}");
        }
        assert_eq!(of(&[]), MediaType::Other);
        assert_eq!(of(&["application/json", "text/html"]), MediaType::Other);
    }
}
