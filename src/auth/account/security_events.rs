//! Security events: recorded in the transaction of the change, shown to their user, deleted when they are old.

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
    /// Records what a user did to their own account.
    pub(crate) async fn record_event(
        &self,
        transaction: &Transaction,
        owner: UserId,
        kind: EventKind,
        caller: &Caller<'_>,
    ) -> Result<(), Failure> {
        let event = self.event(kind, caller.client())?;
        self.insert_event(transaction, owner, &event).await
    }

    /// Inserts an event of a user, and deletes the events above the limit. The caller holds the user's lock, so that
    /// the second of two transactions sees the event of the first.
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

    /// Records a wrong password. An attempt for an unknown username is recorded too, without a user: the same work, so
    /// that time does not reveal which usernames exist (ASVS 6.3.8).
    pub(crate) async fn record_refusal(
        &self,
        owner: Option<UserId>,
        kind: EventKind,
        client: Client,
    ) -> Result<(), Failure> {
        let event = self.event(kind, client)?;
        let transaction = self.store.begin().await?;
        // A user who is being deleted gets no event.
        let wanted = owner.unwrap_or_else(|| UserId::from_uuid(Uuid::nil()));
        let there = transaction.users().lock(wanted).await?;
        let owner = owner.filter(|_| there.is_some());
        transaction.security_events().insert(owner, &event).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns an event with the current time.
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

    /// Returns a user's events, newest first: at most `limit`, older than `after`.
    pub async fn own_events(
        &self,
        owner: UserId,
        after: Option<EventId>,
        limit: u64,
    ) -> Result<Vec<SecurityEvent>, Failure> {
        let events = self.store.security_events();
        let since = self.clock.now() - self.event_retention;
        Ok(events.page(owner, since, after, limit).await?)
    }

    /// Deletes all events past their retention time. Returns how many.
    pub async fn delete_old_events(&self) -> Result<u64, Failure> {
        let before = self.clock.now() - self.event_retention;
        let mut total = 0;
        loop {
            let ids = self.store.security_events().find_old(before, BATCH).await?;
            if ids.is_empty() {
                return Ok(total);
            }
            let deleted = self.store.security_events_mut().delete(&ids).await?;
            total += deleted;
            // Another node deleted them first.
            if deleted == 0 {
                return Ok(total);
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
    // Usually there are few events, and this is the only query.
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
