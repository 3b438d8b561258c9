//! Media types of requests and responses (GraphQL over HTTP, section 4).

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{graphql::error_code::ErrorCode, http::ErrorResponse};

/// The media type of a response. It decides the status of an operation that GraphQL refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// `application/graphql-response+json`: a refused operation has status 400.
    GraphqlResponse,
    /// `application/json`: a refused operation has status 200, for clients that read a body only with 200.
    Json,
}

impl ResponseType {
    /// Returns the value for the Content-Type header.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// Returns the status of an operation that GraphQL refuses.
    pub fn refused(self) -> StatusCode {
        match self {
            Self::GraphqlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }

    /// Chooses the type by the Accept header's weights and order. `*/*` means JSON.
    pub fn choose(headers: &HeaderMap) -> Result<Self, ErrorResponse> {
        let has_value = |value: &HeaderValue| !value.is_empty();
        if !headers.get_all(header::ACCEPT).iter().any(has_value) {
            return Ok(Self::Json);
        }
        let graphql = preference(headers, "application/graphql-response+json");
        let json = preference(headers, "application/json");
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

/// Returns the media types of a stream that the client accepts, for the upstream: `multipart/mixed` and `text/event-stream` as
/// the client wrote them, then JSON if the client accepts it, too. The server of graphql-sse knows `text/event-stream` alone.
pub fn streams(headers: &HeaderMap) -> Option<HeaderValue> {
    let ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    let mut accepted: Vec<_> = ranges
        .filter(|range| {
            let essence = range.split(';').next().unwrap_or_default().trim();
            let is = |name: &str| essence.eq_ignore_ascii_case(name);
            is("multipart/mixed") || is("text/event-stream")
        })
        .collect();
    if accepted.is_empty() {
        return None;
    }
    if ResponseType::choose(headers).is_ok() {
        accepted.push("application/graphql-response+json;q=0.9, application/json;q=0.8");
    }
    HeaderValue::from_str(&accepted.join(", ")).ok()
}

/// A client's preference for a media type: by weight, then by how exactly it is named, then by order.
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

/// Returns the preference for a media type (RFC 9110, section 12.5.1), or `None` if it is not acceptable.
fn preference(headers: &HeaderMap, wanted: &str) -> Option<Preference> {
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
        // The most exact range decides, also if it refuses the type.
        if best.is_none_or(|best| exactness > best.exactness) {
            best = Some(Preference {
                thousandths,
                exactness,
                position,
            });
        }
    }
    best.filter(|best| best.thousandths > 0)
}

/// Parses a weight like `0.8` into thousandths. An invalid weight is 0.
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

/// Returns whether a browser requests an HTML page.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

/// Refuses a body that is not declared as JSON in UTF-8.
///
/// The three types that an HTML form can send without a preflight are refused. With them a page on any origin could
/// send a mutation with the user's cookie.
pub fn check_body(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let refused = |message| Err(ErrorResponse::new(ErrorCode::UnsupportedMediaType, message));
    // A compressed body may be a decompression bomb.
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
            // Other parameters have no meaning for JSON (RFC 8259, section 11), but must be well-formed.
            Some((name, _)) => {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_graphic() && byte != b'/')
            }
            None => parameter.is_empty(),
        })
}

/// Returns the value of a header that occurs exactly once and is ASCII.
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
