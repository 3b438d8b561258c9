//! Add user: the operator makes an account, by the rules of those who register.

use secrecy::SecretString;

use super::actor::{Actor, HERE};
use crate::{
    auth::{Auth, Error, Refusal},
    domain::{
        id::new_id,
        password::{Password, PasswordError},
        role::Roles,
        security_event::EventKind,
        user::User,
        username::{Username, UsernameError},
    },
};

/// What the operator must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddUserRefusal {
    /// The username cannot be taken by anybody.
    UsernameInvalid(UsernameError),
    /// Somebody has the username.
    UsernameTaken,
    /// The password cannot be taken.
    PasswordInvalid(PasswordError),
}

impl Refusal for AddUserRefusal {}

impl Auth {
    /// Adds a person, also where strangers may not register. Nobody is logged in by it.
    pub async fn add_user(
        &self,
        username: &str,
        password: SecretString,
    ) -> Result<User, Error<AddUserRefusal>> {
        let username = Username::parse_new(username).map_err(AddUserRefusal::UsernameInvalid)?;
        let password = self.new_password(password, &username).await;
        let password = password.map_err(AddUserRefusal::PasswordInvalid)?;
        let hash = self.hasher.hash(HERE, password, &*self.entropy).await?;
        let now = self.clock.now();
        let user = User {
            id: new_id(now, &*self.entropy)?,
            username: username.as_typed().to_owned(),
            created_at: now,
            roles: Roles::default(),
            disabled_at: None,
        };
        let transaction = self.store.begin().await?;
        transaction
            .users()
            .insert(&user, &username, &hash)
            .await
            .map_err(|error| Error::of_insert(error, AddUserRefusal::UsernameTaken))?;
        self.note_act(
            &transaction,
            user.id,
            EventKind::UserAdded,
            &Actor::OPERATOR,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, "user added");
        Ok(user)
    }

    /// A new password that somebody sets for somebody else, judged as one's own is.
    pub(crate) async fn new_password(
        &self,
        typed: SecretString,
        username: &Username,
    ) -> Result<Password, PasswordError> {
        let password = Password::new(typed)?;
        if self.passwords.is_too_common(&password, username).await {
            return Err(PasswordError::TooCommon);
        }
        Ok(password)
    }
}
