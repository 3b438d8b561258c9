//! Administrators: who may change other users, and that at least one administrator remains.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use crate::{
    auth::{Auth, Error, Failure, Refusal, caller::Caller, session::authenticate::Authenticated},
    domain::{id::UserId, security_event::EventKind, user::User},
    store::Transaction,
};

/// The source address of the operator's own hashes.
pub(crate) const OPERATOR_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The administrator or operator who changes other users.
#[derive(Clone, Copy)]
pub struct Actor<'a>(Option<(&'a Authenticated, Caller<'a>)>);

impl<'a> Actor<'a> {
    /// The operator, at the command line. The operator has full access to the database anyway.
    pub const OPERATOR: Actor<'static> = Actor(None);

    /// Returns a signed-in administrator. Any other user is refused before a lookup, so that they do not learn which
    /// users exist (ASVS 8.2.1, 8.3.1).
    pub fn admin(signed_in: &'a Authenticated, caller: Caller<'a>) -> Result<Self, Failure> {
        if signed_in.user.roles.is_admin() {
            Ok(Self(Some((signed_in, caller))))
        } else {
            Err(Failure::Forbidden)
        }
    }

    /// Returns the administrator's id; `None` for the operator.
    fn id(&self) -> Option<UserId> {
        self.0.map(|(signed_in, _)| signed_in.user.id)
    }
}

impl fmt::Display for Actor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => id.fmt(f),
            None => f.write_str("operator"),
        }
    }
}

/// Why an administrator's change is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminRefusal {
    /// There is no such user.
    NotFound,
    /// The administrator's last password check is too old.
    ReauthenticationRequired,
}

impl Refusal for AdminRefusal {}

impl Auth {
    /// Begins a change of a user, and locks the user until the transaction ends.
    ///
    /// An administrator needs a recent password check, and must still be an administrator. All administrators stay
    /// locked until the transaction ends: if two take each other's role at once, one wins.
    pub(crate) async fn begin_admin_change(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
    ) -> Result<(Transaction, User), Error<AdminRefusal>> {
        if actor
            .0
            .is_some_and(|(signed_in, _)| !self.is_recent(signed_in))
        {
            return Err(AdminRefusal::ReauthenticationRequired.into());
        }
        let transaction = self.store.begin().await?;
        if let Some(admin) = actor.id()
            && !transaction.users().lock_admins().await?.contains(&admin)
        {
            return Err(Failure::Forbidden.into());
        }
        if let Some((signed_in, caller)) = &actor.0 {
            self.recheck_session(&transaction, signed_in, caller)
                .await?;
        }
        let found = match id {
            Some(id) => transaction.users().lock(id).await?,
            None => None,
        };
        let found = found.ok_or(AdminRefusal::NotFound)?;
        Ok((transaction, found.user))
    }

    /// Returns whether an administrator would remove the last administrator. For the operator it is always false: the
    /// operator may do that.
    pub(crate) async fn leaves_no_admin(
        &self,
        transaction: &Transaction,
        actor: &Actor<'_>,
        id: UserId,
    ) -> Result<bool, Failure> {
        Ok(actor.id().is_some() && self.is_last_admin(transaction, id).await?)
    }

    /// Returns whether a user is the only administrator who can log in. All administrators stay locked until the
    /// transaction ends, so that only one of the last two can go.
    pub(crate) async fn is_last_admin(
        &self,
        transaction: &Transaction,
        id: UserId,
    ) -> Result<bool, Failure> {
        Ok(transaction.users().lock_admins().await? == [id])
    }

    /// Returns whether there is an administrator who can log in.
    pub async fn has_admin(&self) -> Result<bool, Failure> {
        Ok(!self.store.users().admins().await?.is_empty())
    }

    /// Records what was done to a user, and by which administrator.
    pub(crate) async fn record_admin_event(
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
