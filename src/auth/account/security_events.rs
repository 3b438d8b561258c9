//! Security events: noted as part of the change that they tell of, shown to their person, swept when they are old.

use uuid::Uuid;

use crate::{
    auth::{Auth, Failure, caller::Caller},
    domain::{
        client::Client,
        id::{EventId, UserId, new_id},
        security_event::{EventKind, MAX_EVENTS, SecurityEvent, surplus},
    },
    store::Transaction,
};

/// Events deleted by one statement.
const BATCH: u64 = 500;

impl Auth {
    /// Notes what a person did to their own account.
    pub(crate) async fn note(
        &self,
        transaction: &Transaction,
        owner: UserId,
        kind: EventKind,
        caller: &Caller<'_>,
    ) -> Result<(), Failure> {
        let event = self.event(kind, caller.client())?;
        self.insert_event(transaction, owner, &event).await
    }

    /// Inserts an event of a user, and deletes what is above the limit. The caller holds the user's lock, so that of
    /// two transactions the second sees what the first has noted.
    pub(crate) async fn insert_event(
        &self,
        transaction: &Transaction,
        owner: UserId,
        event: &SecurityEvent,
    ) -> Result<(), Failure> {
        transaction
            .security_events()
            .insert(Some(owner), event)
            .await?;
        delete_surplus(transaction, owner).await
    }

    /// Deletes a user's events that are above the limit.
    pub(crate) async fn trim_events(&self, owner: UserId) -> Result<(), Failure> {
        let events = self.store.security_events();
        if !events.has_more_than(owner, MAX_EVENTS).await? {
            return Ok(());
        }
        let transaction = self.store.begin().await?;
        transaction.users().lock(owner).await?;
        delete_surplus(&transaction, owner).await?;
        Ok(transaction.commit().await?)
    }

    /// Notes a try at a password. One at a name that nobody has is noted, too, as nobody's: the same work, so that
    /// the time it takes does not tell who exists (ASVS 6.3.8).
    pub(crate) async fn note_refusal(
        &self,
        owner: Option<UserId>,
        kind: EventKind,
        client: Client,
    ) -> Result<(), Failure> {
        let event = self.event(kind, client)?;
        let transaction = self.store.begin().await?;
        // Who is being deleted leaves nothing behind.
        let wanted = owner.unwrap_or_else(|| UserId::from_uuid(Uuid::nil()));
        let there = transaction.users().lock(wanted).await?;
        let owner = owner.filter(|_| there.is_some());
        transaction.security_events().insert(owner, &event).await?;
        Ok(transaction.commit().await?)
    }

    /// An event of now.
    pub(crate) fn event(&self, kind: EventKind, client: Client) -> Result<SecurityEvent, Failure> {
        let now = self.clock.now();
        Ok(SecurityEvent {
            id: new_id(now, &*self.entropy)?,
            kind,
            created_at: now,
            client,
            actor: None,
        })
    }

    /// A person's events, newest first: at most `most`, older than `after`.
    pub async fn own_events(
        &self,
        owner: UserId,
        after: Option<EventId>,
        most: u64,
    ) -> Result<Vec<SecurityEvent>, Failure> {
        let events = self.store.security_events();
        let since = self.clock.now() - self.keep_events;
        Ok(events.page(owner, since, after, most).await?)
    }

    /// Deletes all events that are older than they are kept; tells how many.
    pub async fn delete_old_events(&self) -> Result<u64, Failure> {
        let before = self.clock.now() - self.keep_events;
        let mut swept = 0;
        loop {
            let ids = self.store.security_events().find_old(before, BATCH).await?;
            if ids.is_empty() {
                return Ok(swept);
            }
            let deleted = self.store.security_events_mut().delete(&ids).await?;
            swept += deleted;
            // Another node was faster.
            if deleted == 0 {
                return Ok(swept);
            }
        }
    }
}

/// Deletes a user's events that are above the limit, at most a batch at a time.
pub(crate) async fn delete_surplus(
    transaction: &Transaction,
    owner: UserId,
) -> Result<(), Failure> {
    let events = transaction.security_events();
    // As a rule they are few, and this is all.
    if !events.has_more_than(owner, MAX_EVENTS).await? {
        return Ok(());
    }
    let kinds = events.count_kinds(owner).await?;
    let total: u64 = kinds.iter().map(|kind| kind.count).sum();
    let keep = total.saturating_sub(BATCH).max(MAX_EVENTS);
    for (kind, count) in surplus(kinds, keep) {
        let oldest = events.oldest(owner, &kind, count).await?;
        events.delete(&oldest).await?;
    }
    Ok(())
}
