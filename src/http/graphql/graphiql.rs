//! The GraphiQL page and its assets, embedded in the binary: no CDN, no inline script.

use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::{
    domain::entropy::{Entropy, EntropyError},
    graphql::error_code::ErrorCode,
    http::ErrorResponse,
};

/// The output of `graphiql/build.sh`: the page uncompressed, all assets compressed with gzip.
#[derive(RustEmbed)]
#[folder = "graphiql/dist"]
struct Files;

/// Random bytes of a nonce (CSP level 3, section 7.1 requires 128 bits).
const NONCE_LEN: usize = 16;

/// Returns the page. Its policy allows scripts from this origin only. The editor's style elements carry a nonce that is
/// new in each response.
pub fn page(entropy: &dyn Entropy) -> Result<Response, EntropyError> {
    let mut random = [0; NONCE_LEN];
    entropy.fill(&mut random)?;
    let nonce = format!("{:032x}", u128::from_be_bytes(random));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let Some(file) = Files::get("index.html") else {
        return Ok(missing());
    };
    let html = String::from_utf8_lossy(&file.data).replace("{{nonce}}", &nonce);
    let mut response = axum::response::Html(html).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept, origin"));
    Ok(response)
}

/// Returns an asset of the page. Its name contains a hash of its content, so browsers may cache it permanently.
pub async fn asset(Path(name): Path<String>) -> Response {
    let Some(file) = Files::get(&format!("{name}.gz")) else {
        return missing();
    };
    let content_type = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("ttf") => "font/ttf",
        _ => "text/plain; charset=utf-8",
    };
    let cache = if name == "LICENSES.txt" {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    };
    (
        [
            (header::CONTENT_TYPE, content_type),
            (header::CONTENT_ENCODING, "gzip"),
            (header::CACHE_CONTROL, cache),
            // The editor's worker loads more assets.
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
            ),
        ],
        file.data,
    )
        .into_response()
}

fn missing() -> Response {
    ErrorResponse::new(ErrorCode::NotFound, "There is nothing here").into_response()
}
