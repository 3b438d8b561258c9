//! Change username: a person who proved lately who they are takes another name.

use crate::{
    auth::{
        Auth, Error, Refusal, caller::Caller, session::authenticate::Authenticated,
        throttle::reservation::Throttled,
    },
    domain::{
        security_event::EventKind,
        user::User,
        username::{Username, UsernameError},
    },
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

impl Refusal for ChangeUsernameRefusal {}

impl From<Throttled> for ChangeUsernameRefusal {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

impl Auth {
    /// Gives a person another name; their sessions and their id stay.
    pub async fn change_username(
        &self,
        who: &Authenticated,
        typed: &str,
        caller: &Caller<'_>,
    ) -> Result<User, Error<ChangeUsernameRefusal>> {
        if !self.is_recent(who) {
            return Err(ChangeUsernameRefusal::ReauthenticationRequired.into());
        }
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(ChangeUsernameRefusal::UsernameRequired.into());
        }
        let username =
            Username::parse_new(typed).map_err(ChangeUsernameRefusal::UsernameInvalid)?;
        // As at a registration: whether a name is free is told to nobody without end.
        let reserved = self.reserve_registration(caller.source).await;
        let reserved = reserved.inspect_err(|error| {
            if matches!(error, Error::Refused(_)) {
                tracing::info!(user = %who.user.id, "change of a username throttled");
            }
        });
        reserved.map_err(Error::convert)?.keep();
        let mut transaction = self.store.begin().await?;
        let now = self.lock_current(&transaction, who, caller).await?;
        transaction
            .rename_user(who.user.id, &username)
            .await
            .map_err(|error| Error::of_insert(error, ChangeUsernameRefusal::UsernameTaken))?;
        self.note(
            &transaction,
            who.user.id,
            EventKind::UsernameChanged,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %who.user.id, "username changed");
        Ok(User {
            username: username.as_typed().to_owned(),
            ..now.user
        })
    }
}
