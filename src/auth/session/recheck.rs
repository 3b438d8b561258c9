//! Present: who asks is still there when the change is made, not only when the request began.

use super::authenticate::Authenticated;
use crate::{
    auth::{Auth, Failure, caller::Caller},
    store::{StoredPassword, Transaction},
};

impl Auth {
    /// Finds a signed-in person as they are now, and keeps all others from changing them until the work ends.
    ///
    /// What is remembered of a session may be a second old: one that was revoked meanwhile, or whose token was
    /// renewed, changes nothing any more, nor does a person who was disabled.
    pub(crate) async fn lock_current(
        &self,
        transaction: &Transaction,
        who: &Authenticated,
        caller: &Caller<'_>,
    ) -> Result<StoredPassword, Failure> {
        let found = transaction.users().lock(who.user.id).await?;
        let enabled = found.filter(|found| found.user.disabled_at.is_none());
        let found = enabled.ok_or(Failure::Unauthenticated)?;
        self.recheck_session(transaction, who, caller).await?;
        Ok(found)
    }

    /// The session that the request came with must be there, with the token that it came with.
    pub(crate) async fn recheck_session(
        &self,
        transaction: &Transaction,
        who: &Authenticated,
        caller: &Caller<'_>,
    ) -> Result<(), Failure> {
        let token = caller.session.ok_or(Failure::Unauthenticated)?;
        if transaction.sessions().exists(who.session.id, token).await? {
            Ok(())
        } else {
            Err(Failure::Unauthenticated)
        }
    }
}
