//! The timeouts of a session against a simple model, for any sequence of uses, logins, sweeps and clock changes.

use chrono::TimeDelta;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place};

use crate::harness::{Browser, PASSWORD, TestApp, codes, test};

const IDLE: i64 = 7 * 24 * 60;
const LIFETIME: i64 = 30 * 24 * 60;

#[derive(Clone, Copy, Debug)]
enum Step {
    Use,
    LogIn,
    LogOut,
    Sweep,
    /// The clock advances by this many minutes, or goes back.
    Clock(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // The clock moves around a timeout: shortly before it, shortly after it, and back again.
    let clock = prop_oneof![
        3 => 0..IDLE,
        1 => 0..LIFETIME,
        1 => Just(IDLE),
        2 => IDLE..IDLE + 2_000,
        3 => -4_000..0_i64,
    ];
    let step = prop_oneof![
        4 => Just(Step::Use),
        1 => Just(Step::LogIn),
        1 => Just(Step::LogOut),
        1 => Just(Step::Sweep),
        6 => clock.prop_map(Step::Clock),
    ];
    vec(step, 1..40)
}

/// Expected state, with times in minutes.
#[derive(Default)]
struct Model {
    now: i64,
    /// When the session was opened and last used, while there is one.
    session: Option<(i64, i64)>,
    /// Copy of the latest cookie, since a browser would drop it when it is cleared.
    token: Option<String>,
}

impl Model {
    fn is_live(&self) -> bool {
        self.session
            .is_some_and(|(opened, seen)| self.now < (opened + LIFETIME).min(seen + IDLE))
    }

    /// An observed end is final, whatever the clock does later.
    fn see(&mut self) -> bool {
        if !self.is_live() {
            self.session = None;
        }
        self.session.is_some()
    }

    fn use_it(&mut self) -> bool {
        let live = self.see();
        if let Some((_, seen)) = &mut self.session {
            *seen = self.now.max(*seen);
        }
        live
    }
}

async fn compare(
    app: &TestApp,
    browser: &Browser,
    model: &mut Model,
    step: Step,
) -> Result<(), TestCaseError> {
    if let Some(token) = &model.token {
        browser.set_token(token);
    }
    match step {
        Step::Use => {
            let is_me = browser.me().await.is_some();
            prop_assert_eq!(is_me, model.use_it());
        }
        Step::LogIn => {
            let reply = browser.login_reply("ada", PASSWORD).await;
            prop_assert!(codes(&reply.data()["login"]).is_empty(), "{}", reply.data());
            model.session = Some((model.now, model.now));
            model.token = browser.token();
        }
        Step::LogOut => {
            prop_assert_eq!(browser.logout().await, model.see());
            model.session = None;
        }
        Step::Sweep => {
            app.auth.delete_expired().await.unwrap();
            model.see();
        }
        Step::Clock(minutes) => {
            app.advance(TimeDelta::minutes(minutes));
            model.now += minutes;
        }
    }
    // A use is recorded after its answer.
    app.finish_background_work().await;
    Ok(())
}

#[test]
fn a_session_is_live_exactly_when_the_model_says_so() {
    test(async |app| {
        app.register("ada").await;
        let mut runner = TestRunner::new(ProptestConfig {
            cases: 32,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let run = |steps: Vec<Step>| {
            let browser = app.browser();
            let mut model = Model::default();
            block_in_place(|| {
                Handle::current().block_on(async {
                    for step in [Step::LogIn].into_iter().chain(steps) {
                        compare(app, &browser, &mut model, step).await?;
                    }
                    Ok(())
                })
            })
        };
        runner.run(&steps(), run).unwrap();
    });
}
