//! Revoke user sessions: ends all sessions of one user, or of all users.

use std::{collections::HashSet, time::Duration};

use tokio::time::sleep;

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Error, Failure, account::security_events::delete_surplus},
    domain::{
        client::Client,
        id::{SessionId, UserId},
        security_event::EventKind,
        user::User,
    },
    store::StoreError,
};

/// Sessions that one transaction ends, when all end: few enough not to block other requests.
const BATCH: u64 = 500;
/// The maximum number of conflicts with other transactions, in total.
const MAX_LOST: u32 = 20;
/// The delay after a conflict.
const INTERVAL: Duration = Duration::from_millis(50);

/// The result of ended sessions.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// The user.
    pub user: User,
    /// How many sessions ended.
    pub count: u64,
}

impl Auth {
    /// Ends all sessions of a user (ASVS 7.4.5).
    pub async fn revoke_user_sessions(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<Revoked, Error<AdminRefusal>> {
        let (mut transaction, user) = self
            .begin_admin_change(actor, id)
            .await
            .map_err(Error::convert)?;
        let count = transaction.end_sessions(user.id, None).await?;
        if count > 0 {
            self.record_admin_event(&transaction, user.id, EventKind::SessionRevoked, actor)
                .await?;
        }
        transaction.commit().await?;
        tracing::info!(user = %user.id, count, by = %actor, "sessions revoked");
        Ok(Revoked { user, count })
    }

    /// Ends all current sessions of all users, in batches. Returns how many.
    ///
    /// Needed after a restored backup: it contains sessions that ended after the backup was made.
    pub async fn revoke_all_sessions(&self) -> Result<u64, Failure> {
        let (mut count, mut lost) = (0, 0);
        // Sessions that begin later are left out: otherwise the loop might never end.
        let Some(newest) = self.store.sessions().newest().await? else {
            return Ok(0);
        };
        loop {
            match self.revoke_some_sessions(newest).await {
                Ok(0) => {
                    tracing::info!(count, "all sessions revoked");
                    return Ok(count);
                }
                Ok(ended) => count += ended,
                // A login or logout at the same time won the conflict.
                Err(Failure::Unavailable(StoreError::Conflict(_))) if lost < MAX_LOST => {
                    lost += 1;
                    sleep(INTERVAL).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn revoke_some_sessions(&self, up_to: SessionId) -> Result<u64, Failure> {
        let mut transaction = self.store.begin().await?;
        let owners = transaction.end_some(up_to, BATCH).await?;
        let ended = owners.len() as u64;
        let mut events = vec![];
        for owner in owners.into_iter().collect::<HashSet<_>>() {
            let event = self.event(EventKind::SessionRevoked, Client::default())?;
            events.push((owner, event));
        }
        transaction.security_events().insert_all(&events).await?;
        for (owner, _) in &events {
            delete_surplus(&transaction, *owner).await?;
        }
        transaction.commit().await?;
        Ok(ended)
    }
}
