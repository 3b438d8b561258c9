//! `User.sessions`: users see where they are logged in, and no other user's sessions.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Browser, PASSWORD, test, test_with};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

async fn login_with(browser: &Browser, agent: &str) {
    let query = format!(
        "mutation {{ login(input: {{ username: \"ada\", password: \"{PASSWORD}\" }}) {{ user {{ id }} }} }}"
    );
    let reply = browser
        .post_with(&[("user-agent", agent)], &json!({ "query": query }))
        .await;
    assert!(reply.data()["login"]["user"]["id"].is_string());
}

async fn nodes(browser: &Browser, arguments: &str) -> Value {
    let query = format!(
        "{{ me {{ sessions{arguments} {{
            nodes {{ id clientAddress userAgent deviceName current createdAt lastSeenAt expiresAt }}
            edges {{ cursor node {{ id }} }}
            pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }} }}"
    );
    browser.query(&query).await["me"]["sessions"].clone()
}

#[test]
fn a_user_sees_their_sessions_newest_first_with_address_and_user_agent() {
    test(async |app| {
        let first = app.register("ada").await;
        app.register("bob").await;
        app.advance(TimeDelta::minutes(1));
        let second = app.browser();
        login_with(&second, FIREFOX).await;

        let seen = nodes(&second, "").await;
        let nodes = seen["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 2, "{seen:#}");
        assert_eq!(nodes[0]["deviceName"], "Firefox on Linux");
        assert_eq!(nodes[0]["userAgent"], FIREFOX);
        assert_eq!(nodes[0]["clientAddress"], "127.0.0.1");
        assert_eq!(nodes[0]["current"], true);
        assert_eq!(nodes[1]["deviceName"], Value::Null);
        assert_eq!(nodes[1]["current"], false);
        assert_eq!(seen["edges"][1]["node"]["id"], nodes[1]["id"]);
        let own = first.query("{ session { id current } }").await;
        assert_eq!(
            own["session"],
            json!({ "id": nodes[1]["id"], "current": true })
        );
    });
}

#[test]
fn a_long_list_comes_in_pages() {
    test(async |app| {
        let browser = app.register("ada").await;
        for _ in 0..4 {
            app.advance(TimeDelta::seconds(1));
            app.browser().login("ada", PASSWORD).await;
        }
        let all = browser.sessions().await;
        assert_eq!(all.len(), 5);
        let mut seen: Vec<String> = vec![];
        let mut arguments = "(first: 2)".to_owned();
        for has_next in [true, true, false] {
            let page = nodes(&browser, &arguments).await;
            assert_eq!(page["pageInfo"]["hasNextPage"], has_next);
            assert_eq!(page["pageInfo"]["hasPreviousPage"], !seen.is_empty());
            let ids = page["nodes"].as_array().unwrap().iter();
            seen.extend(ids.map(|node| node["id"].as_str().unwrap().to_owned()));
            arguments = format!("(first: 2, after: {})", page["pageInfo"]["endCursor"]);
        }
        assert_eq!(seen, all);
        assert_eq!(nodes(&browser, "(first: 0)").await["nodes"], json!([]));
        for wrong in [
            "(after: \"junk\")",
            "(after: \"user_01h455vb4pex5vsknk084sn02q\")",
            "(first: -1)",
        ] {
            let query = format!("{{ me {{ sessions{wrong} {{ nodes {{ id }} }} }} }}");
            let reply = browser.run(&query, json!({})).await;
            assert_eq!(reply.code(), "BAD_USER_INPUT", "{wrong}: {}", reply.text);
        }
    });
}

#[test]
fn sessions_that_have_ended_are_not_shown() {
    test(async |app| {
        app.register("ada").await;
        app.advance(TimeDelta::days(7));
        let browser = app.log_in("ada").await;
        assert_eq!(browser.sessions().await.len(), 1);
    });
}

#[test]
fn a_login_over_the_session_limit_ends_the_oldest_session() {
    test_with(
        |config| config.session.max_sessions = 3,
        async |app| {
            let mut browsers = vec![];
            for _ in 0..5 {
                let browser = app.browser();
                if browsers.is_empty() {
                    browser.must_register("ada", PASSWORD).await;
                } else {
                    browser.login("ada", PASSWORD).await;
                }
                browsers.push(browser);
                app.advance(TimeDelta::seconds(1));
            }
            let mut live = vec![];
            for browser in &browsers {
                live.push(browser.me().await.is_some());
            }
            assert_eq!(live, [false, false, true, true, true]);
            assert_eq!(app.database.db_count("sessions").await, 3);
        },
    );
}

#[test]
fn nested_connections_are_refused_and_so_are_too_many_fields_in_one() {
    test(async |app| {
        let browser = app.register("ada").await;
        let many: String = (0..25).map(|n| format!("a{n}: id ")).collect();
        for query in [
            "{ me { sessions { nodes { user { sessions { nodes { id } } } } } } }".to_owned(),
            "{ me { ...S } } fragment S on User { sessions { nodes { user { ...E } } } }
             fragment E on User { securityEvents { nodes { id } } }"
                .to_owned(),
            format!(
                "{{ me {{ sessions {{ nodes {{ {many} }} edges {{ node {{ {many} }} }} }} }} }}"
            ),
        ] {
            let reply = browser.run(&query, json!({})).await;
            assert_eq!(reply.code(), "OPERATION_TOO_COMPLEX", "{query}");
        }
    });
}

#[test]
fn the_answer_to_a_login_already_lists_the_sessions() {
    test(async |app| {
        app.register("ada").await;
        app.advance(TimeDelta::seconds(1));
        let input = json!({ "username": "ada", "password": PASSWORD });
        let wanted = "user { sessions { nodes { current } } } session { current }";
        let payload = app.browser().mutate("login", input, wanted).await;
        assert_eq!(
            payload["user"]["sessions"]["nodes"],
            json!([{ "current": true }, { "current": false }])
        );
        assert_eq!(payload["session"]["current"], true);
    });
}
