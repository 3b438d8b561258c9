//! Login: a person proves who they are by their password.

use secrecy::{ExposeSecret, SecretString};

use super::{Auth, Failure, SignIn, hasher::Verdict};
use crate::{
    domain::{password::Password, token::SessionTokenHash, username::Username},
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
}

impl Auth {
    /// Checks a name and a password, and opens a session in place of the browser's present one, if any.
    ///
    /// A refused login leaves the present session alone. Every refused login costs one hash of today's cost, so
    /// that the time it takes tells nothing about who exists.
    pub async fn login(
        &self,
        form: LoginForm,
        replaces: Option<&SessionTokenHash>,
    ) -> Result<LoginOutcome, Failure> {
        let missing: Vec<_> = [
            (form.username.is_empty(), LoginRefusal::UsernameRequired),
            (
                form.password.expose_secret().is_empty(),
                LoginRefusal::PasswordRequired,
            ),
        ]
        .into_iter()
        .filter_map(|(missing, refusal)| missing.then_some(refusal))
        .collect();
        if !missing.is_empty() {
            return Ok(LoginOutcome::Refused(missing));
        }

        let stored = match Username::parse(&form.username) {
            Ok(username) => self.store.users().find_password(&username).await?,
            Err(_) => None,
        };
        let (Some(stored), Some(password)) = (stored, Password::attempt(form.password)) else {
            self.hasher.verify_decoy().await?;
            return Ok(refused());
        };
        let verdict = self
            .hasher
            .verify(password.clone(), stored.hash.clone())
            .await?;
        let Verdict::Match { stale } = verdict else {
            return Ok(refused());
        };
        if stale {
            self.upgrade_hash(&stored, password).await?;
        }

        let work = self.store.begin().await?;
        let signed_in = self.open_session(&work, stored.user, replaces).await?;
        work.commit().await?;
        tracing::info!(user = %signed_in.user.id, session = %signed_in.session.id, "logged in");
        Ok(LoginOutcome::LoggedIn(Box::new(signed_in)))
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

fn refused() -> LoginOutcome {
    tracing::info!("login refused");
    LoginOutcome::Refused(vec![LoginRefusal::InvalidCredentials])
}
