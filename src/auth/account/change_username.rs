//! Change username: a signed-in user with a recent password check takes another username.

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

/// Why a username change is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeUsernameRefusal {
    /// The username is empty.
    UsernameRequired,
    /// The username is not allowed.
    UsernameInvalid(UsernameError),
    /// Another user has the username.
    UsernameTaken,
    /// The last password check is too old.
    ReauthenticationRequired,
    /// The source tried too many usernames.
    Throttled(Throttled),
}

impl Refusal for ChangeUsernameRefusal {}

impl From<Throttled> for ChangeUsernameRefusal {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

impl Auth {
    /// Changes a user's username. The user's id and sessions stay.
    pub async fn change_username(
        &self,
        signed_in: &Authenticated,
        typed: &str,
        caller: &Caller<'_>,
    ) -> Result<User, Error<ChangeUsernameRefusal>> {
        if !self.is_recent(signed_in) {
            return Err(ChangeUsernameRefusal::ReauthenticationRequired.into());
        }
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(ChangeUsernameRefusal::UsernameRequired.into());
        }
        let username =
            Username::parse_new(typed).map_err(ChangeUsernameRefusal::UsernameInvalid)?;
        // As at a registration: limits how many usernames a source can test for existence.
        let reserved = self.reserve_registration(caller.source).await;
        let reserved = reserved.inspect_err(|error| {
            if matches!(error, Error::Refused(_)) {
                tracing::info!(user = %signed_in.user.id, "change of a username throttled");
            }
        });
        reserved.map_err(Error::convert)?.keep();
        let mut transaction = self.store.begin().await?;
        let now = self.lock_current(&transaction, signed_in, caller).await?;
        transaction
            .rename_user(signed_in.user.id, &username)
            .await
            .map_err(|error| Error::of_insert(error, ChangeUsernameRefusal::UsernameTaken))?;
        self.record_event(
            &transaction,
            signed_in.user.id,
            EventKind::UsernameChanged,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %signed_in.user.id, "username changed");
        Ok(User {
            username,
            ..now.user
        })
    }
}
