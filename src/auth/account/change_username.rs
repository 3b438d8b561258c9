//! Change username: a person who proved lately who they are takes another name.

use crate::{
    auth::{
        Auth, Failure, Outcome, caller::Caller, session::authenticate::Authenticated,
        throttle::reservation::Throttled,
    },
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
    /// Too many names were tried.
    Throttled(Throttled),
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
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(Outcome::refused(ChangeUsernameRefusal::UsernameRequired));
        }
        let username = match Username::parse_new(typed) {
            Ok(username) => username,
            Err(error) => {
                return Ok(Outcome::refused(ChangeUsernameRefusal::UsernameInvalid(
                    error,
                )));
            }
        };
        // As at a registration: whether a name is free is told to nobody without end.
        match self.reserve_registration(caller.source).await? {
            Ok(place) => place.keep(),
            Err(throttled) => {
                tracing::info!(user = %who.user.id, "change of a username throttled");
                return Ok(Outcome::refused(ChangeUsernameRefusal::Throttled(
                    throttled,
                )));
            }
        }
        let mut transaction = self.store.begin().await?;
        let now = self.lock_current(&transaction, who, caller).await?;
        match transaction.rename_user(who.user.id, &username).await {
            Ok(()) => {}
            Err(InsertUserError::UsernameTaken) => {
                return Ok(Outcome::refused(ChangeUsernameRefusal::UsernameTaken));
            }
            Err(InsertUserError::Store(error)) => return Err(error.into()),
        }
        self.note(
            &transaction,
            who.user.id,
            EventKind::UsernameChanged,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %who.user.id, "username changed");
        Ok(Outcome::Done(User {
            username: username.as_typed().to_owned(),
            ..now.user
        }))
    }
}
