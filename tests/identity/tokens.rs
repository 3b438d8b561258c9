//! The claims of identity tokens, and how long a token is reused.

use chrono::TimeDelta;
use gatelodge::config::token::Algorithm;
use serde_json::{Value, json};

use super::{key_set, token, token_for};
use crate::harness::{
    PASSWORD, test, test_with,
    transfer::{import_text, line},
};

#[test]
fn a_token_states_who_is_asking_for_two_minutes() {
    test(async |app| {
        let ada = app.register("Ada").await;
        app.give_roles(&ada, "editor admin").await;
        app.advance(TimeDelta::minutes(3));
        let token = token_for(app, &ada.browser, "tasks").await;
        let sessions = ada.browser.sessions().await;
        let jti = token.claims["jti"].as_str().unwrap();
        assert_eq!(jti.len(), 22, "{jti}");
        let start = 1_800_000_000;
        assert_eq!(
            token.claims,
            json!({
                "iss": "http://localhost:8000",
                "sub": ada.id,
                "aud": "tasks",
                "exp": start + 180 + 120,
                "iat": start + 180 - 5,
                "jti": jti,
                "sid": sessions[0],
                "auth_time": start,
                "preferred_username": "Ada",
                "roles": ["admin", "editor"],
                "amr": ["pwd"],
            })
        );
        assert_eq!(
            token.header,
            json!({"typ": "JWT", "alg": "ES256", "kid": key_set(app)[0]["kid"]})
        );
        let cookie = ada.browser.token().unwrap();
        assert!(!token.text.contains(&cookie));
    });
}

#[test]
fn the_key_set_has_public_members_alone() {
    for (algorithm, members) in [
        (
            Algorithm::Es256,
            ["alg", "crv", "kid", "kty", "use", "x", "y"].as_slice(),
        ),
        (Algorithm::EdDsa, &["alg", "crv", "kid", "kty", "use", "x"]),
    ] {
        test_with(
            |config| config.token.token_algorithm = algorithm,
            async |app| {
                let keys = key_set(app);
                assert_eq!(keys.len(), 1);
                let mut found: Vec<_> = keys[0].as_object().unwrap().keys().collect();
                found.sort();
                assert_eq!(found, members);
                assert_eq!(keys[0]["use"], "sig");
                assert_eq!(keys[0]["alg"], algorithm.name());
                // `token` verifies the signature.
                token(app, &app.register("ada").await.browser).await;
            },
        );
    }
}

#[test]
fn the_metadata_names_the_key_set_and_the_claims() {
    test(async |app| {
        let metadata: Value = serde_json::from_str(&app.issuer.metadata().body).unwrap();
        assert_eq!(
            metadata["jwks_uri"],
            "http://localhost:8000/.well-known/jwks.json"
        );
        assert_eq!(metadata["issuer"], "http://localhost:8000");
        assert_eq!(
            metadata["id_token_signing_alg_values_supported"],
            json!(["ES256"])
        );
        let token = token(app, &app.register("ada").await.browser).await;
        let mut claims: Vec<_> = token.claims.as_object().unwrap().keys().collect();
        let mut named: Vec<_> = metadata["claims_supported"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        claims.sort();
        named.sort_unstable();
        assert_eq!(claims, named);
    });
}

#[test]
fn a_token_is_reused_for_half_of_its_lifetime() {
    test(async |app| {
        let browser = app.register("ada").await.browser;
        let first = token(app, &browser).await.text;
        app.advance(TimeDelta::seconds(59));
        assert_eq!(token(app, &browser).await.text, first);
        assert_ne!(token_for(app, &browser, "tasks").await.text, first);
        app.advance(TimeDelta::seconds(1));
        let second = token(app, &browser).await.text;
        assert_ne!(second, first);
        // A clock that is set back makes the kept token one of the future.
        app.advance(TimeDelta::seconds(-30));
        assert_ne!(token(app, &browser).await.text, second);
    });
}

#[test]
fn a_change_of_the_user_or_session_makes_a_new_token_at_once() {
    test(async |app| {
        let ada = app.register("ada").await;
        let first = token(app, &ada.browser).await;
        app.give_roles(&ada, "editor").await;
        let second = token(app, &ada.browser).await;
        assert_eq!(first.claims["roles"], json!([]));
        assert_eq!(second.claims["roles"], json!(["editor"]));
        let input = json!({"username": "Countess"});
        ada.browser
            .mutate("changeUsername", input, "user { username }")
            .await;
        let third = token(app, &ada.browser).await;
        assert_eq!(third.claims["preferred_username"], "Countess");
        app.advance(TimeDelta::seconds(1));
        ada.browser
            .mutate(
                "reauthenticate",
                json!({"password": PASSWORD}),
                "session { id }",
            )
            .await;
        let fourth = token(app, &ada.browser).await;
        assert_eq!(
            fourth.claims["auth_time"].as_i64().unwrap(),
            third.claims["auth_time"].as_i64().unwrap() + 1
        );
    });
}

#[test]
fn an_imported_user_has_their_old_id_in_the_token_if_the_setting_is_on() {
    for is_on in [true, false] {
        test_with(
            |config| config.token.token_external_id = is_on,
            async |app| {
                import_text(app, "jsonl", &line("17", "ada", &json!({})), &[]);
                let imported = app.browser();
                imported.login("ada", PASSWORD).await;
                let expected = if is_on { json!("17") } else { Value::Null };
                for _ in 0..2 {
                    assert_eq!(token(app, &imported).await.claims["external_id"], expected);
                    app.advance(TimeDelta::minutes(1));
                }
                let registered = app.register("grace").await.browser;
                let claims = token(app, &registered).await.claims;
                assert!(claims.get("external_id").is_none());
            },
        );
    }
}
