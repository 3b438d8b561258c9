//! The claims of an identity token (RFC 7519, section 4; OpenID Connect Core 1.0, section 2).

use chrono::TimeDelta;
use serde::Serialize;

use crate::domain::{clock::Timestamp, session::Session, user::User};

/// How far `iat` is set back. Some verifiers refuse a token whose `iat` is in the future by their clock.
const BACKDATE: TimeDelta = TimeDelta::seconds(5);

/// The claims that every token has, for the metadata.
pub const NAMES: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "jti",
    "sid",
    "auth_time",
    "preferred_username",
    "roles",
    "amr",
];

/// The claim of imported users, if it is turned on.
pub const EXTERNAL_ID: &str = "external_id";

/// The claims of a token.
#[derive(Serialize)]
pub struct Claims<'a> {
    /// The public URL.
    pub iss: &'a str,
    /// The user's id.
    pub sub: String,
    /// The audience.
    pub aud: &'a str,
    /// The end of the token, in seconds since 1970.
    pub exp: i64,
    /// The time of issue, set back by five seconds.
    pub iat: i64,
    /// A random id of the token.
    pub jti: String,
    /// The session's id. It is not its token.
    pub sid: String,
    /// The time of the last password check.
    pub auth_time: i64,
    /// The username.
    pub preferred_username: &'a str,
    /// The roles, in order.
    pub roles: Vec<&'a str>,
    /// How the user proved their identity (RFC 8176).
    pub amr: &'static [&'static str],
    /// The user's id in the system from which they were imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<&'a str>,
}

/// The authentication methods of every session: a password.
pub const PASSWORD: &[&str] = &["pwd"];

impl<'a> Claims<'a> {
    /// Returns the claims of a session's token.
    pub fn of(
        user: &'a User,
        session: &Session,
        issuer: &'a str,
        audience: &'a str,
        now: Timestamp,
        lifetime: TimeDelta,
        jti: String,
    ) -> Self {
        Self {
            iss: issuer,
            sub: user.id.to_string(),
            aud: audience,
            exp: (now + lifetime).timestamp(),
            iat: (now - BACKDATE).timestamp(),
            jti,
            sid: session.id.to_string(),
            auth_time: session.authenticated_at.timestamp(),
            preferred_username: user.username.as_typed(),
            roles: user.roles.iter().collect(),
            amr: PASSWORD,
            external_id: None,
        }
    }
}

/// The subject of Gatelodge's own requests.
const OWN_SUBJECT: &str = "gatelodge";

/// The claims of a token of Gatelodge itself. It belongs to no session and has no roles.
#[derive(Serialize)]
pub struct OwnClaims<'a> {
    iss: &'a str,
    sub: &'static str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: String,
}

impl<'a> OwnClaims<'a> {
    /// Returns the claims for an audience.
    pub fn of(
        issuer: &'a str,
        audience: &'a str,
        now: Timestamp,
        lifetime: TimeDelta,
        jti: String,
    ) -> Self {
        Self {
            iss: issuer,
            sub: OWN_SUBJECT,
            aud: audience,
            exp: (now + lifetime).timestamp(),
            iat: (now - BACKDATE).timestamp(),
            jti,
        }
    }
}
