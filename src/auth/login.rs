//! Login: a person proves who they are by their password.

use secrecy::{ExposeSecret, SecretString};

use super::{Auth, Failure, SignIn, caller::Caller, counts::Throttled, hasher::Verdict};
use crate::{
    domain::{password::Password, username::Username},
    store::StoredPassword,
};

/// What a person typed.
pub struct LoginForm {
    /// Their name.
    pub username: String,
    /// Their password.
    pub password: SecretString,
}

/// How it ended.
pub enum LoginOutcome {
    /// They are who they say.
    LoggedIn(Box<SignIn>),
    /// They must mend something first.
    Refused(Vec<LoginRefusal>),
}

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// No username was given.
    UsernameRequired,
    /// No password was given.
    PasswordRequired,
    /// Unknown name or wrong password: which of them, nobody learns (ASVS 6.3.8).
    InvalidCredentials,
    /// Too many tries.
    Throttled(Throttled),
}

impl Auth {
    /// Checks a name and a password, and opens a session in place of the browser's present one, if any.
    ///
    /// A refused login leaves the present session alone. Every refused login costs one hash of today's cost, so
    /// that the time it takes tells nothing about who exists.
    pub async fn login(
        &self,
        form: LoginForm,
        caller: &Caller<'_>,
    ) -> Result<LoginOutcome, Failure> {
        if let Some(missing) = form.missing() {
            return Ok(LoginOutcome::Refused(missing));
        }
        let typed = form.username.clone();
        let place = match self.reserve_login(&typed, caller).await? {
            Ok(place) => place,
            Err(throttled) => {
                tracing::info!("login throttled");
                let refusal = LoginRefusal::Throttled(throttled);
                return Ok(LoginOutcome::Refused(vec![refusal]));
            }
        };
        let user = match self.check_password(form).await {
            Ok(Some(stored)) => stored.user,
            Ok(None) => {
                place.keep();
                tracing::info!("login refused");
                return Ok(LoginOutcome::Refused(vec![
                    LoginRefusal::InvalidCredentials,
                ]));
            }
            Err(failure) => {
                // Nothing was checked: it was no try.
                place.give_back().await;
                return Err(failure);
            }
        };
        place.give_back().await;

        let device = self.remember_device(caller.device, &typed)?;
        let work = self.store.begin().await?;
        let signed_in = self
            .open_session(&work, user, device, caller.session)
            .await?;
        work.commit().await?;
        tracing::info!(user = %signed_in.user.id, session = %signed_in.session.id, "logged in");
        Ok(LoginOutcome::LoggedIn(Box::new(signed_in)))
    }

    /// Finds whose name and password these are; `None` when they are nobody's.
    async fn check_password(&self, form: LoginForm) -> Result<Option<StoredPassword>, Failure> {
        let stored = match Username::parse(&form.username) {
            Ok(username) => self.store.users().find_password(&username).await?,
            Err(_) => None,
        };
        let (Some(stored), Some(password)) = (stored, Password::attempt(form.password)) else {
            self.hasher.verify_decoy().await?;
            return Ok(None);
        };
        let verdict = self
            .hasher
            .verify(password.clone(), stored.hash.clone())
            .await?;
        let Verdict::Match { stale } = verdict else {
            return Ok(None);
        };
        if stale && let Err(error) = self.upgrade_hash(&stored, password).await {
            // The password is right all the same; the next login tries again.
            tracing::warn!(user = %stored.user.id, %error, "a password hash could not be brought to today's cost");
        }
        Ok(Some(stored))
    }

    /// Makes a hash of another cost anew, now that the password is at hand.
    async fn upgrade_hash(
        &self,
        stored: &StoredPassword,
        password: Password,
    ) -> Result<(), Failure> {
        let hash = self.hasher.hash(password, &*self.entropy).await?;
        let replaced = self
            .store
            .users_mut()
            .replace_hash(stored.user.id, &stored.hash, &hash)
            .await?;
        tracing::info!(user = %stored.user.id, replaced, "password hash brought to today's cost");
        Ok(())
    }
}

impl LoginForm {
    /// The fields that are empty, if any is.
    fn missing(&self) -> Option<Vec<LoginRefusal>> {
        let username = self.username.is_empty();
        let password = self.password.expose_secret().is_empty();
        let missing: Vec<_> = [
            username.then_some(LoginRefusal::UsernameRequired),
            password.then_some(LoginRefusal::PasswordRequired),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!missing.is_empty()).then_some(missing)
    }
}
