//! Identity tokens and the keys that sign them.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use gatelodge::auth::session::authenticate::Authenticated;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use sea_orm::{ConnectionTrait, Statement, Value as SqlValue};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::harness::{Browser, TestApp, TestDatabase};

mod keys;
mod secrets;
mod tokens;

/// A decoded token whose signature was verified with the app's key set.
struct Token {
    text: String,
    header: Value,
    claims: Value,
}

impl Token {
    fn kid(&self) -> &str {
        self.header["kid"].as_str().unwrap()
    }
}

fn decoded(part: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()
}

/// Returns the user and session of a browser.
async fn signed_in(app: &TestApp, browser: &Browser) -> Authenticated {
    let token = browser.token().unwrap();
    let token = gatelodge::domain::token::SessionToken::parse(token.as_bytes()).unwrap();
    app.auth.authenticate(&token.hash()).await.unwrap().unwrap()
}

/// Returns a browser's token for an audience.
async fn token_for(app: &TestApp, browser: &Browser, audience: &str) -> Token {
    let Authenticated { user, session } = signed_in(app, browser).await;
    let token = app.issuer.token(&user, &session, audience).await.unwrap();
    verified(app, token.expose_secret())
}

/// Returns a browser's token.
async fn token(app: &TestApp, browser: &Browser) -> Token {
    token_for(app, browser, "gatelodge").await
}

/// Verifies a token with the key set.
fn verified(app: &TestApp, text: &str) -> Token {
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    let claims = serde_json::from_slice(&decoded(claims)).unwrap();
    let keys = key_set(app);
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    assert_eq!(key["alg"], header["alg"]);
    let part = |name: &str| decoded(key[name].as_str().unwrap());
    let signature = decoded(signature);
    match header["alg"].as_str().unwrap() {
        "ES256" => {
            let point = [vec![4], part("x"), part("y")].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(signed.as_bytes(), &signature)
        }
        _ => UnparsedPublicKey::new(&ED25519, part("x")).verify(signed.as_bytes(), &signature),
    }
    .unwrap();
    Token {
        text: text.to_owned(),
        header,
        claims,
    }
}

/// Returns the keys of the key set.
fn key_set(app: &TestApp) -> Vec<Value> {
    let document = app.issuer.jwks().unwrap();
    let set: Value = serde_json::from_str(&document.body).unwrap();
    set["keys"].as_array().unwrap().clone()
}

/// Returns the ids of the published keys.
fn published(app: &TestApp) -> Vec<String> {
    let keys = key_set(app);
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// Makes all signing keys older, as if time had passed on the database's clock.
async fn age_keys(database: &TestDatabase, by: TimeDelta) {
    let db = database.connect().await;
    let backend = db.get_database_backend();
    let ask = Statement::from_string(backend, "SELECT number, signs_from FROM signing_keys");
    for row in db.query_all_raw(ask).await.unwrap() {
        let number: i64 = row.try_get_by_index(0).unwrap();
        let signs_from: DateTime<Utc> = row.try_get_by_index(1).unwrap();
        let update = if database.name().starts_with("postgres") {
            "UPDATE signing_keys SET signs_from = $1 WHERE number = $2"
        } else {
            "UPDATE signing_keys SET signs_from = ? WHERE number = ?"
        };
        let values: [SqlValue; 2] = [(signs_from - by).into(), number.into()];
        let update = Statement::from_sql_and_values(backend, update, values);
        db.execute_raw(update).await.unwrap();
    }
    db.close().await.unwrap();
}
