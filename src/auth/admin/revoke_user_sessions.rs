//! Revoke user sessions: all sessions of another person end, or all sessions of everybody.

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

/// Sessions of everybody that one transaction ends: few enough that nobody waits behind it.
const BATCH: u64 = 500;
/// How often another transaction may win against it, all in all.
const MAX_LOST: u32 = 20;
/// How long it leaves the other alone.
const INTERVAL: Duration = Duration::from_millis(50);

/// Whose sessions are ended.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// The person.
    pub user: User,
    /// How many they were.
    pub count: u64,
}

impl Auth {
    /// Ends all of a person's sessions (ASVS 7.4.5).
    pub async fn revoke_user_sessions(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<Revoked, Error<AdminRefusal>> {
        let (mut transaction, user) = self.administer(actor, id).await.map_err(Error::convert)?;
        let count = transaction.end_sessions(user.id, None).await?;
        if count > 0 {
            self.note_act(&transaction, user.id, EventKind::SessionRevoked, actor)
                .await?;
        }
        transaction.commit().await?;
        tracing::info!(user = %user.id, count, by = %actor, "sessions revoked");
        Ok(Revoked { user, count })
    }

    /// Ends all sessions of everybody that there are now, some at a time; tells how many.
    ///
    /// A restored backup brings sessions back that had ended since it was made.
    pub async fn revoke_all_sessions(&self) -> Result<u64, Failure> {
        let (mut count, mut lost) = (0, 0);
        // Those who log in from here on are no concern of it: it would not end.
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
                // Somebody logged in or out at the same time, and the database let them win.
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
