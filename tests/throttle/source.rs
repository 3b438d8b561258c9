//! The throttle by source: one address, and the addresses that proxies report.

use gatelodge::config::{Config, throttle::Rate};
use serde_json::json;

use crate::{
    harness::{PASSWORD, TestApp, assert_no_errors, codes, retry_after, test_with},
    throttle::attempts::advance_seconds,
};

#[test]
fn a_source_has_a_limit_of_failures_across_all_names() {
    let ten = |config: &mut Config| config.throttle.source = "10/10m".parse().unwrap();
    test_with(ten, async |app| {
        app.register("ada").await;
        for number in 0..10 {
            let right = app.browser().login("ada", PASSWORD).await;
            assert_no_errors(&right);
            let wrong = app.fail_login(&format!("name{number}")).await;
            assert_eq!(wrong, None);
        }
        assert_eq!(app.fail_login("name").await, Some(60));
        advance_seconds(app, 60).await;
        assert_eq!(app.fail_login("name").await, None);
        assert_eq!(app.fail_login("name").await, Some(60));
    });
}

#[test]
fn registrations_that_reach_the_database_are_counted_by_source() {
    let three = |config: &mut Config| {
        config.throttle.register = Rate {
            count: 3,
            within: std::time::Duration::from_hours(1),
        };
    };
    test_with(three, async |app| {
        for _ in 0..10 {
            let payload = app.browser().register("a b", PASSWORD).await;
            assert_eq!(
                codes(&payload),
                ["USERNAME_INVALID"],
                "this one needs no database"
            );
        }
        app.register("ada").await;
        assert_eq!(
            codes(&app.browser().register("ada", PASSWORD).await),
            ["USERNAME_TAKEN"]
        );
        app.register("bob").await;
        assert_eq!(
            retry_after(&app.browser().register("eve", PASSWORD).await),
            Some(1200)
        );
        assert_eq!(app.database.db_count("users").await, 2);
        advance_seconds(app, 1200).await;
        app.register("eve").await;
    });
}

/// Returns a browser behind a proxy that reports its address.
async fn from(app: &TestApp, header: &str, address: &str) -> Option<u64> {
    let query = "mutation { login(input: { username: \"nobody\", password: \"x\" }) { userErrors { code retryAfter field } } }";
    let reply = app
        .browser()
        .post_with(&[(header, address)], &json!({ "query": query }))
        .await;
    retry_after(&reply.data()["login"])
}

#[test]
fn a_forwarding_header_is_read_from_trusted_proxies_alone() {
    let two = |config: &mut Config| config.throttle.source = "2/10m".parse().unwrap();
    test_with(two, async |app| {
        for number in 0..6 {
            let throttled = from(app, "x-forwarded-for", &format!("1.2.3.{number}")).await;
            assert_eq!(
                throttled.is_some(),
                number >= 2,
                "a stranger's word makes no new source"
            );
        }
    });
    let trusting = |config: &mut Config| {
        two(config);
        config.server.trusted_proxies = vec![
            "127.0.0.0/8".parse().unwrap(),
            "10.0.0.0/8".parse().unwrap(),
        ];
    };
    test_with(trusting, async |app| {
        for number in 0..4 {
            for left in ["", "6.6.6.6, ", "junk, "] {
                let address = format!("{left}1.2.3.{number}, 10.1.1.1");
                let throttled = from(app, "x-forwarded-for", &address).await;
                assert_eq!(
                    throttled.is_some(),
                    left == "junk, ",
                    "the third of one source: {address}"
                );
            }
        }
        // One customer of an IPv6 provider is one source.
        for (host, throttled) in [(1, false), (2, false), (3, true)] {
            let address = format!("2001:db8:1:1::{host}");
            assert_eq!(
                from(app, "x-forwarded-for", &address).await.is_some(),
                throttled
            );
        }
        assert_eq!(from(app, "x-forwarded-for", "2001:db8:1:2::1").await, None);
        for header in [
            "forwarded",
            "x-real-ip",
            "cf-connecting-ip",
            "true-client-ip",
        ] {
            from(app, header, "for=9.9.9.9").await;
        }
        assert!(
            from(app, "x-real-ip", "8.8.8.8").await.is_some(),
            "other headers count for nothing"
        );
    });
}

/// Registers from an address, and returns whether it is throttled.
async fn registers(app: &TestApp, name: &str, address: &str) -> bool {
    let query = "mutation($input: RegisterInput!) { register(input: $input) { userErrors { code retryAfter field } } }";
    let input = json!({ "username": name, "password": PASSWORD, "confirmPassword": PASSWORD });
    let body = json!({ "query": query, "variables": { "input": input } });
    let from = [("x-forwarded-for", address)];
    let reply = app.browser().post_with(&from, &body).await;
    retry_after(&reply.data()["register"]).is_some()
}

fn two_behind_a_proxy(config: &mut Config) {
    config.throttle.source = "2/10m".parse().unwrap();
    config.throttle.register = "2/10m".parse().unwrap();
    config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

#[test]
fn an_ipv6_56_has_twice_and_a_48_four_times_the_limit_of_a_64() {
    test_with(two_behind_a_proxy, async |app| {
        let passed = async |subnets: &[u16]| {
            let mut passed = 0;
            for (number, subnet) in subnets.iter().enumerate() {
                let address = format!("2001:db8:7:{subnet:x}::{number}");
                if from(app, "x-forwarded-for", &address).await.is_none() {
                    passed += 1;
                }
            }
            passed
        };
        // Sixteen /64s of one /56, one attempt each; then others of the same /48.
        let one: Vec<u16> = (0..16).collect();
        assert_eq!(passed(&one).await, 4);
        let others: Vec<u16> = (1..16).map(|number| number << 8).collect();
        assert_eq!(passed(&others).await, 4);
        assert_eq!(from(app, "x-forwarded-for", "2001:db8:8::1").await, None);

        let mut registered = 0;
        for number in 0..16 {
            let address = format!("2001:db8:9:{number:x}::1");
            registered += u32::from(!registers(app, &format!("user{number}"), &address).await);
        }
        assert_eq!(registered, 4);
        for number in 16..32 {
            let address = format!("2001:db8:9:{number:x}00::1");
            registered += u32::from(!registers(app, &format!("user{number}"), &address).await);
        }
        assert_eq!(registered, 8);
    });
}

#[test]
fn clients_behind_nat64_are_sources_by_their_ipv4_addresses() {
    test_with(two_behind_a_proxy, async |app| {
        for number in 0..8 {
            let address = format!("64:ff9b::192.0.2.{number}");
            assert_eq!(from(app, "x-forwarded-for", &address).await, None);
        }
        // Every spelling of the address is the same client.
        let [plain, mapped] = ["192.0.2.1", "::ffff:192.0.2.1"];
        assert_eq!(from(app, "x-forwarded-for", plain).await, None);
        assert!(from(app, "x-forwarded-for", mapped).await.is_some());
        assert!(
            from(app, "x-forwarded-for", "64:ff9b::c000:201")
                .await
                .is_some()
        );
    });
}
