//! Change username: a person who proved lately who they are takes another name.

use super::{Auth, Failure, Outcome, authenticate::Authenticated, caller::Caller};
use crate::{
    domain::{
        security_event::EventKind,
        user::User,
        username::{Username, UsernameError},
    },
    store::InsertUserError,
};

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeUsernameRefusal {
    /// No username was given.
    UsernameRequired,
    /// The username cannot be taken by anybody.
    UsernameInvalid(UsernameError),
    /// Somebody else has the username.
    UsernameTaken,
    /// They must prove anew who they are.
    ReauthenticationRequired,
}

impl Auth {
    /// Gives a person another name; their sessions and their id stay.
    pub async fn change_username(
        &self,
        who: &Authenticated,
        typed: &str,
        caller: &Caller<'_>,
    ) -> Result<Outcome<User, ChangeUsernameRefusal>, Failure> {
        if !self.is_recent(who) {
            return Ok(Outcome::refused(
                ChangeUsernameRefusal::ReauthenticationRequired,
            ));
        }
        if typed.is_empty() {
            return Ok(Outcome::refused(ChangeUsernameRefusal::UsernameRequired));
        }
        let username = match Username::parse(typed) {
            Ok(username) => username,
            Err(error) => {
                return Ok(Outcome::refused(ChangeUsernameRefusal::UsernameInvalid(
                    error,
                )));
            }
        };
        let mut work = self.store.begin().await?;
        match work.rename_user(who.user.id, &username).await {
            Ok(()) => {}
            Err(InsertUserError::UsernameTaken) => {
                return Ok(Outcome::refused(ChangeUsernameRefusal::UsernameTaken));
            }
            Err(InsertUserError::Store(error)) => return Err(error.into()),
        }
        self.note(&work, who.user.id, EventKind::UsernameChanged, caller)
            .await?;
        work.commit().await?;
        tracing::info!(user = %who.user.id, "username changed");
        Ok(Outcome::Done(User {
            username: username.as_typed().to_owned(),
            ..who.user.clone()
        }))
    }
}
