//! Revoke session: a person ends sessions of theirs from elsewhere: one, or all but the one they use.

use uuid::Uuid;

use super::authenticate::Authenticated;
use crate::{
    auth::{Auth, Error, Refusal, caller::Caller},
    domain::{id::SessionId, security_event::EventKind},
};

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeSessionRefusal {
    /// They have no such session: another person's is answered as one that never was.
    NotFound,
    /// They must prove anew who they are.
    ReauthenticationRequired,
}

/// What a person must mend before their other sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeOtherSessionsRefusal {
    /// They must prove anew who they are.
    ReauthenticationRequired,
}

impl Refusal for RevokeSessionRefusal {}

impl Refusal for RevokeOtherSessionsRefusal {}

impl Auth {
    /// Ends one of a person's own sessions. Ending another than the present one asks for a recent proof: who finds a
    /// session left open must not cut its owner off everywhere else (ASVS 7.5.2).
    pub async fn revoke_session(
        &self,
        who: &Authenticated,
        id: Option<SessionId>,
        caller: &Caller<'_>,
    ) -> Result<SessionId, Error<RevokeSessionRefusal>> {
        let is_present = id == Some(who.session.id);
        if !is_present && !self.is_recent(who) {
            return Err(RevokeSessionRefusal::ReauthenticationRequired.into());
        }
        // What is no session's id is looked for all the same: neither answer nor time tells it from another person's.
        let wanted = id.unwrap_or_else(|| SessionId::from_uuid(Uuid::nil()));
        let mut transaction = self.store.begin().await?;
        self.lock_current(&transaction, who, caller).await?;
        if !transaction.end_session(who.user.id, wanted).await? {
            return Err(RevokeSessionRefusal::NotFound.into());
        }
        let kind = if is_present {
            EventKind::LoggedOut
        } else {
            EventKind::SessionRevoked
        };
        self.note(&transaction, who.user.id, kind, caller).await?;
        transaction.commit().await?;
        tracing::info!(user = %who.user.id, session = %wanted, "session revoked");
        Ok(wanted)
    }

    /// Ends all of a person's sessions but the present one; tells how many.
    pub async fn revoke_other_sessions(
        &self,
        who: &Authenticated,
        caller: &Caller<'_>,
    ) -> Result<u64, Error<RevokeOtherSessionsRefusal>> {
        if !self.is_recent(who) {
            return Err(RevokeOtherSessionsRefusal::ReauthenticationRequired.into());
        }
        let mut transaction = self.store.begin().await?;
        self.lock_current(&transaction, who, caller).await?;
        let ended = transaction
            .end_sessions(who.user.id, Some(who.session.id))
            .await?;
        if ended > 0 {
            let kind = EventKind::SessionRevoked;
            self.note(&transaction, who.user.id, kind, caller).await?;
        }
        transaction.commit().await?;
        tracing::info!(user = %who.user.id, ended, "other sessions revoked");
        Ok(ended)
    }
}
