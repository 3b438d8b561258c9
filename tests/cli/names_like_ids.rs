//! A new username cannot look like an id.

use serde_json::json;

use crate::harness::{
    PASSWORD, codes, test,
    transfer::{import_text, line},
};

const LIKE_AN_ID: &str = "USER_01h455vb4pex5vsknk084sn02q";

#[test]
fn a_name_that_looks_like_an_id_is_refused_at_registration_and_at_a_change() {
    test(async |app| {
        let browser = app.browser();
        let register = "mutation($input: RegisterInput!) { register(input: $input) { userErrors { code field } } }";
        let input =
            json!({ "username": LIKE_AN_ID, "password": PASSWORD, "confirmPassword": PASSWORD });
        let reply = browser
            .post_with(
                &[],
                &json!({ "query": register, "variables": { "input": input } }),
            )
            .await;
        assert_eq!(codes(&reply.data()["register"]), ["USERNAME_INVALID"]);

        browser.must_register("ada", PASSWORD).await;
        let rename = "mutation($input: ChangeUsernameInput!) { changeUsername(input: $input) { userErrors { code } } }";
        let input = json!({ "username": LIKE_AN_ID });
        let reply = browser
            .post_with(
                &[],
                &json!({ "query": rename, "variables": { "input": input } }),
            )
            .await;
        assert_eq!(codes(&reply.data()["changeUsername"]), ["USERNAME_INVALID"]);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn an_import_refuses_a_row_whose_name_looks_like_an_id() {
    test(async |app| {
        let rows = [
            line("1", LIKE_AN_ID, &json!({})),
            line("2", "grace", &json!({})),
        ]
        .concat();
        let ran = import_text(app, "jsonl", &rows, &[]);
        assert!(ran.error.contains("form of an id"), "{}", ran.error);
        assert_eq!(app.database.db_count("users").await, 1);
    });
}
