//! Add user: the operator creates an account, with the same rules as a registration.

use secrecy::SecretString;

use super::actor::{Actor, OPERATOR_ADDRESS};
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

/// Why a user is not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddUserRefusal {
    /// The username is not allowed.
    UsernameInvalid(UsernameError),
    /// Another user has the username.
    UsernameTaken,
    /// The password is not allowed.
    PasswordInvalid(PasswordError),
}

impl Refusal for AddUserRefusal {}

impl Auth {
    /// Adds a user, even if registration is closed. Nobody is signed in.
    pub async fn add_user(
        &self,
        username: &str,
        password: SecretString,
    ) -> Result<User, Error<AddUserRefusal>> {
        let username = Username::parse_new(username).map_err(AddUserRefusal::UsernameInvalid)?;
        let password = self.new_password(password, &username).await;
        let password = password.map_err(AddUserRefusal::PasswordInvalid)?;
        let hash = self
            .hasher
            .hash(OPERATOR_ADDRESS, password, &*self.entropy)
            .await?;
        let now = self.clock.now();
        let user = User {
            id: new_id(now, &*self.entropy)?,
            username,
            created_at: now,
            roles: Roles::default(),
            disabled_at: None,
        };
        let transaction = self.store.begin().await?;
        transaction
            .users()
            .insert(&user, &hash)
            .await
            .map_err(|error| Error::of_insert(error, AddUserRefusal::UsernameTaken))?;
        self.record_admin_event(
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

    /// Checks a password that the operator sets for a user, with the same rules as the user's own choice.
    pub(crate) async fn new_password(
        &self,
        typed: SecretString,
        username: &Username,
    ) -> Result<Password, PasswordError> {
        let password = Password::new(typed)?;
        if self
            .password_policy
            .is_too_common(&password, username)
            .await
        {
            return Err(PasswordError::TooCommon);
        }
        Ok(password)
    }
}
