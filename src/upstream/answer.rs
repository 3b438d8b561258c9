//! The service's answer, and what counts as one.

use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Response, StatusCode,
    body::{Body, Bytes},
    header::{self, HeaderValue},
};

use super::{MediaType, MergeSlot, UpstreamBody, UpstreamError, headers};

/// Maximum bytes of an answer that needs no slot to be merged.
const SMALL: usize = 64 * 1024;

/// An answer that is GraphQL.
pub struct UpstreamResponse {
    /// The status: success, or the refusal of a document.
    pub status: StatusCode,
    /// The headers that may reach the client. The media type is not among them, since it depends on what happens to the
    /// body.
    pub headers: HeaderMap,
    /// The body.
    pub body: UpstreamBody,
    media_type: MediaType,
    content_type: HeaderValue,
}

impl UpstreamResponse {
    /// Takes an answer if it is one.
    pub(super) fn new(answer: Response<UpstreamBody>) -> Result<Self, UpstreamError> {
        let (head, body) = answer.into_parts();
        let media_type = MediaType::of(&head.headers);
        if !is_answer(head.status, media_type) {
            return Err(UpstreamError::Status(head.status));
        }
        if media_type == MediaType::Other {
            return Err(UpstreamError::NotGraphql("its media type is not JSON"));
        }
        // It was not asked for, and what is merged or spliced must be readable.
        if is_encoded(&head.headers) {
            return Err(UpstreamError::NotGraphql("it is compressed"));
        }
        let content_type = head.headers.get(header::CONTENT_TYPE).cloned();
        Ok(Self {
            status: head.status,
            headers: headers::downward(&head.headers),
            body,
            media_type,
            content_type: content_type.ok_or(UpstreamError::NotGraphql("it has no media type"))?,
        })
    }

    /// Returns what the answer is. It is never [`MediaType::Other`].
    pub fn media_type(&self) -> MediaType {
        self.media_type
    }

    /// Returns the Content-Type of the answer, which a stream needs for its parts.
    pub fn content_type(&self) -> &HeaderValue {
        &self.content_type
    }

    /// Returns the whole body, if it has at most `max` bytes.
    pub async fn collect(self, max: usize) -> Result<Bytes, UpstreamError> {
        self.collect_to_merge(max, &mut None).await
    }

    /// Returns the whole body as [`UpstreamResponse::collect`] does. A large one waits for a slot if there is none yet. The slot is
    /// to be kept as long as the bytes, and what is made of them.
    ///
    /// One slot is for all answers of an operation. If each answer took one, operations would wait for each other's slots.
    pub async fn collect_to_merge(
        mut self,
        max: usize,
        slot: &mut Option<MergeSlot>,
    ) -> Result<Bytes, UpstreamError> {
        // A declared size is refused before anything is read.
        if self.body.size_hint().lower() > max as u64 {
            return Err(UpstreamError::TooLarge(max));
        }
        let mut bytes = vec![];
        while let Some(frame) = self.body.frame().await {
            let data = frame?.into_data().unwrap_or_default();
            let length = bytes.len() + data.len();
            if length > max {
                return Err(UpstreamError::TooLarge(max));
            }
            if length > SMALL && slot.is_none() {
                *slot = Some(self.body.merge_slot().await?);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes.into())
    }
}

/// Returns whether a status belongs to a GraphQL answer.
///
/// Success does, but neither without a body nor with a part of one. So do 400 and 422, with which services refuse a
/// document. Any other 4xx counts only with `application/graphql-response+json`: with `application/json`, it may be from
/// something between (GraphQL over HTTP, section 6.4). 401, 403 and 407 never count: the token is ours, so the client can
/// do nothing about it. Nor do redirects, which are not followed, and 5xx: the service is broken.
fn is_answer(status: StatusCode, media_type: MediaType) -> bool {
    match status.as_u16() {
        204..=206 | 401 | 403 | 407 => false,
        200..=299 => true,
        400 | 422 => media_type.is_json(),
        400..=499 => media_type == MediaType::GraphqlResponse,
        _ => false,
    }
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    // `none` is no name of HTTP, but graphql-sse sends it with every stream.
    codings.any(|coding| {
        !coding.as_bytes().eq_ignore_ascii_case(b"identity")
            && !coding.as_bytes().eq_ignore_ascii_case(b"none")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_counts_as_an_answer_if_a_graphql_server_means_it() {
        use MediaType::{GraphqlResponse, Json, Multipart, Other};
        for (status, media_type, expected) in [
            (200, Json, true),
            (200, Multipart, true),
            (203, Json, true),
            (204, Json, false),
            (206, Json, false),
            (301, Json, false),
            (304, Json, false),
            (400, Json, true),
            (400, Other, false),
            (422, GraphqlResponse, true),
            (404, Json, false),
            (413, Json, false),
            (429, GraphqlResponse, true),
            (401, GraphqlResponse, false),
            (403, GraphqlResponse, false),
            (407, GraphqlResponse, false),
            (500, GraphqlResponse, false),
            (503, Json, false),
            (101, Json, false),
        ] {
            let code = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                is_answer(code, media_type),
                expected,
                "{status} {media_type:?}"
            );
        }
    }
}
