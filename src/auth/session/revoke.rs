//! Revoke session: a user ends one of their sessions, or all but the current one.

use uuid::Uuid;

use super::authenticate::Authenticated;
use crate::{
    auth::{Auth, Error, Refusal, caller::Caller},
    domain::{id::SessionId, security_event::EventKind},
};

/// Why a session is not revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeSessionRefusal {
    /// The user has no such session. Another user's session gets the same answer.
    NotFound,
    /// The last password check is too old.
    ReauthenticationRequired,
}

/// Why the other sessions are not revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeOtherSessionsRefusal {
    /// The last password check is too old.
    ReauthenticationRequired,
}

impl Refusal for RevokeSessionRefusal {}

impl Refusal for RevokeOtherSessionsRefusal {}

impl Auth {
    /// Ends one of the user's sessions. Any other than the current one needs a recent password check: someone who finds
    /// an open session must not sign the user out everywhere else (ASVS 7.5.2).
    pub async fn revoke_session(
        &self,
        signed_in: &Authenticated,
        id: Option<SessionId>,
        caller: &Caller<'_>,
    ) -> Result<SessionId, Error<RevokeSessionRefusal>> {
        let is_current = id == Some(signed_in.session.id);
        if !is_current && !self.is_recent(signed_in) {
            return Err(RevokeSessionRefusal::ReauthenticationRequired.into());
        }
        // An invalid id is looked up too: neither the answer nor the time differs from another user's session.
        let wanted = id.unwrap_or_else(|| SessionId::from_uuid(Uuid::nil()));
        let mut transaction = self.store.begin().await?;
        self.lock_current(&transaction, signed_in, caller).await?;
        if !transaction.end_session(signed_in.user.id, wanted).await? {
            return Err(RevokeSessionRefusal::NotFound.into());
        }
        let kind = if is_current {
            EventKind::LoggedOut
        } else {
            EventKind::SessionRevoked
        };
        self.record_event(&transaction, signed_in.user.id, kind, caller)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %signed_in.user.id, session = %wanted, "session revoked");
        Ok(wanted)
    }

    /// Ends all of the user's sessions but the current one. Returns how many.
    pub async fn revoke_other_sessions(
        &self,
        signed_in: &Authenticated,
        caller: &Caller<'_>,
    ) -> Result<u64, Error<RevokeOtherSessionsRefusal>> {
        if !self.is_recent(signed_in) {
            return Err(RevokeOtherSessionsRefusal::ReauthenticationRequired.into());
        }
        let mut transaction = self.store.begin().await?;
        self.lock_current(&transaction, signed_in, caller).await?;
        let ended = transaction
            .end_sessions(signed_in.user.id, Some(signed_in.session.id))
            .await?;
        if ended > 0 {
            let kind = EventKind::SessionRevoked;
            self.record_event(&transaction, signed_in.user.id, kind, caller)
                .await?;
        }
        transaction.commit().await?;
        tracing::info!(user = %signed_in.user.id, ended, "other sessions revoked");
        Ok(ended)
    }
}
