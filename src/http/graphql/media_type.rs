//! Media types: what a body may be, and what an answer should be (GraphQL over HTTP, section 4).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{graphql::error_code::ErrorCode, http::ErrorResponse};

/// The media type of an answer; it decides the status of what GraphQL refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// `application/graphql-response+json`: the status tells.
    GraphqlResponse,
    /// `application/json`: 200, for clients that read a body only then.
    Json,
}

impl ResponseType {
    /// The media type as a header says it.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// Chooses by Accept; the client's order and weights decide, and `*/*` means JSON.
    pub fn choose(headers: &HeaderMap) -> Result<Self, ErrorResponse> {
        let says_something = |value: &HeaderValue| !value.is_empty();
        if !headers.get_all(header::ACCEPT).iter().any(says_something) {
            return Ok(Self::Json);
        }
        let graphql = weight(headers, "application/graphql-response+json");
        let json = weight(headers, "application/json");
        match (graphql, json) {
            (Some(graphql), json) if json.is_none_or(|json| graphql.beats(json)) => {
                Ok(Self::GraphqlResponse)
            }
            (_, Some(_)) => Ok(Self::Json),
            (_, None) => Err(ErrorResponse::new(
                ErrorCode::NotAcceptable,
                "Accept application/graphql-response+json or application/json",
            )),
        }
    }
}

/// How much a client wants a media type: by weight, then by how exactly it is named, then by order.
#[derive(Clone, Copy)]
struct Preference {
    thousandths: u16,
    exactness: u8,
    position: usize,
}

impl Preference {
    fn beats(self, other: Self) -> bool {
        (self.thousandths, self.exactness, other.position)
            > (other.thousandths, other.exactness, self.position)
    }
}

/// The wish for a media type (RFC 9110, section 12.5.1); `None` when it is not acceptable.
fn weight(headers: &HeaderMap, wanted: &str) -> Option<Preference> {
    let family = wanted.split_once('/').map_or("", |(family, _)| family);
    let ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut best: Option<Preference> = None;
    for (position, range) in ranges.enumerate() {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let exactness = match name.as_str() {
            name if name == wanted => 2,
            "*/*" => 0,
            name if name.strip_suffix("/*") == Some(family) => 1,
            _ => continue,
        };
        let thousandths = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(1000, thousandths);
        // The most exact range speaks for the type, also when it refuses it.
        if best.is_none_or(|best| exactness > best.exactness) {
            best = Some(Preference {
                thousandths,
                exactness,
                position,
            });
        }
    }
    best.filter(|wish| wish.thousandths > 0)
}

/// A weight like `0.8`, in thousandths; what is none wants nothing.
fn thousandths(weight: &str) -> u16 {
    let weight = weight.trim();
    let is_plain = weight
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    match weight.parse::<f32>() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is from 0 to 1000"
        )]
        Ok(weight) if is_plain && weight <= 1.0 => (weight * 1000.0) as u16,
        _ => 0,
    }
}

/// Whether a person's browser asks for a page.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

/// Refuses a body that is not JSON in UTF-8, as it is declared.
///
/// The three types that a form can send without a preflight never pass: with them a page on any origin could
/// send a mutation along with the visitor's cookie.
pub fn check_body(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let refused = |message| Err(ErrorResponse::new(ErrorCode::UnsupportedMediaType, message));
    // What would have to be inflated first may be a bomb.
    if headers.contains_key(header::CONTENT_ENCODING) {
        return refused("Send the body without Content-Encoding");
    }
    match single(headers, &header::CONTENT_TYPE) {
        Some(value) if is_json(value) => Ok(()),
        _ => refused("Send the body as application/json"),
    }
}

fn is_json(value: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, charset)) if name.eq_ignore_ascii_case("charset") => {
                charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            // Other parameters mean nothing for JSON (RFC 8259, section 11), but they must be some.
            Some((name, _)) => {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_graphic() && byte != b'/')
            }
            None => parameter.is_empty(),
        })
}

/// The value of a header that is there once, in ASCII.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        values
            .iter()
            .map(|value| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_json_in_utf_8_passes_as_a_body() {
        for right in [
            "application/json",
            "application/json; charset=utf-8",
            "APPLICATION/JSON;charset=\"UTF-8\"",
        ] {
            assert!(is_json(right), "{right}");
        }
        for wrong in [
            "",
            "text/plain",
            "text/plain;application/json",
            "application/json;text/plain",
            "application/jsonp",
            "application/json; charset=utf-16",
            "application/graphql",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "application/json, text/plain",
        ] {
            assert!(!is_json(wrong), "{wrong}");
        }
        let twice = headers(
            header::CONTENT_TYPE,
            &["application/json", "application/json"],
        );
        assert!(check_body(&twice).is_err());
    }

    #[test]
    fn the_answer_is_what_the_client_wants_most() {
        let choose =
            |accept: &'static str| ResponseType::choose(&headers(header::ACCEPT, &[accept])).ok();
        for (accept, answer) in [
            (
                "application/graphql-response+json",
                Some(ResponseType::GraphqlResponse),
            ),
            ("application/json", Some(ResponseType::Json)),
            ("*/*", Some(ResponseType::Json)),
            ("application/*", Some(ResponseType::Json)),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(ResponseType::GraphqlResponse),
            ),
            (
                "application/graphql-response+json, application/json",
                Some(ResponseType::GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(ResponseType::Json),
            ),
            (
                "application/json;q=0.5, application/graphql-response+json;q=0.9",
                Some(ResponseType::GraphqlResponse),
            ),
            (
                "application/json;q=0, */*",
                Some(ResponseType::GraphqlResponse),
            ),
            ("text/html, image/webp", None),
            ("", Some(ResponseType::Json)),
            (
                "application/json;q=.5, application/graphql-response+json;q=0.4",
                Some(ResponseType::Json),
            ),
            (
                "application/json;q=abc, application/graphql-response+json;q=0.1",
                Some(ResponseType::GraphqlResponse),
            ),
            ("application/json;q=1.5", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(choose(accept), answer, "{accept}");
        }
        assert_eq!(
            ResponseType::choose(&HeaderMap::new()).ok(),
            Some(ResponseType::Json)
        );
    }
}
