//! Administrators: who may change other people, and that somebody is left who may.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use crate::{
    auth::{Auth, Error, Failure, Refusal, caller::Caller, session::authenticate::Authenticated},
    domain::{id::UserId, security_event::EventKind, user::User},
    store::Transaction,
};

/// Where the operator's own hashes are asked for.
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Who changes other people.
#[derive(Clone, Copy)]
pub struct Actor<'a>(Option<(&'a Authenticated, Caller<'a>)>);

impl<'a> Actor<'a> {
    /// Who runs the deployment, by the command line: they have the database anyway.
    pub const OPERATOR: Actor<'static> = Actor(None);

    /// A signed-in administrator. Anybody else is refused before anything is looked up, so that they do not learn
    /// who exists (ASVS 8.2.1, 8.3.1).
    pub fn admin(who: &'a Authenticated, caller: Caller<'a>) -> Result<Self, Failure> {
        if who.user.roles.is_admin() {
            Ok(Self(Some((who, caller))))
        } else {
            Err(Failure::Forbidden)
        }
    }

    /// The administrator; `None` for the operator.
    fn id(&self) -> Option<UserId> {
        self.0.map(|(who, _)| who.user.id)
    }
}

/// For the log.
impl fmt::Display for Actor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => id.fmt(f),
            None => f.write_str("operator"),
        }
    }
}

/// What an administrator must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminRefusal {
    /// There is no such person.
    NotFound,
    /// They must prove anew who they are.
    ReauthenticationRequired,
}

impl Refusal for AdminRefusal {}

impl Auth {
    /// Begins a change of a person, who stays as they are until it ends.
    ///
    /// An administrator must have proved lately who they are, and must be one still: no administrator changes
    /// until the work ends, so that of two who take each other's role one wins.
    pub(crate) async fn administer(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<(Transaction, User), Error<AdminRefusal>> {
        if actor.0.is_some_and(|(who, _)| !self.is_recent(who)) {
            return Err(AdminRefusal::ReauthenticationRequired.into());
        }
        let transaction = self.store.begin().await?;
        if let Some(admin) = actor.id()
            && !transaction.users().lock_admins().await?.contains(&admin)
        {
            return Err(Failure::Forbidden.into());
        }
        if let Some((who, caller)) = &actor.0 {
            self.recheck_session(&transaction, who, caller).await?;
        }
        let found = match id {
            Some(id) => transaction.users().lock(id).await?,
            None => None,
        };
        let found = found.ok_or(AdminRefusal::NotFound)?;
        Ok((transaction, found.user))
    }

    /// Whether nobody would be left who may administer people, and it matters: the operator may do even that.
    pub(crate) async fn leaves_no_admin(
        &self,
        transaction: &Transaction,
        actor: &Actor<'_>,
        id: UserId,
    ) -> Result<bool, Failure> {
        Ok(actor.id().is_some() && self.is_last_admin(transaction, id).await?)
    }

    /// Whether a person is the only administrator who may log in. No administrator changes until the work ends, so
    /// that of the last two only one can go.
    pub(crate) async fn is_last_admin(
        &self,
        transaction: &Transaction,
        id: UserId,
    ) -> Result<bool, Failure> {
        Ok(transaction.users().lock_admins().await? == [id])
    }

    /// Whether anybody may administer people.
    pub async fn has_admin(&self) -> Result<bool, Failure> {
        Ok(!self.store.users().admins().await?.is_empty())
    }

    /// Notes what was done to a person, and which administrator did it.
    pub(crate) async fn note_act(
        &self,
        transaction: &Transaction,
        owner: UserId,
        kind: EventKind,
        actor: &Actor<'_>,
    ) -> Result<(), Failure> {
        let client = actor.0.map(|(_, caller)| caller.client());
        let mut event = self.event(kind, client.unwrap_or_default())?;
        event.actor = actor.id().filter(|actor| *actor != owner);
        self.insert_event(transaction, owner, &event).await
    }
}
