//! Checks at the time of a change that the session is still live, not only when the request began.

use super::authenticate::Authenticated;
use crate::{
    auth::{Auth, Failure, caller::Caller},
    store::{StoredPassword, Transaction},
};

impl Auth {
    /// Finds the current state of a signed-in user, and locks the user until the transaction ends.
    ///
    /// The cached session may be a second old. A session that was revoked or whose token was renewed since, or a
    /// disabled user, must not change anything.
    pub(crate) async fn lock_current(
        &self,
        transaction: &Transaction,
        signed_in: &Authenticated,
        caller: &Caller<'_>,
    ) -> Result<StoredPassword, Failure> {
        let found = transaction.users().lock(signed_in.user.id).await?;
        let enabled = found.filter(|found| found.user.disabled_at.is_none());
        let found = enabled.ok_or(Failure::Unauthenticated)?;
        self.recheck_session(transaction, signed_in, caller).await?;
        Ok(found)
    }

    /// Checks that the session of the request still exists with the token of the request.
    pub(crate) async fn recheck_session(
        &self,
        transaction: &Transaction,
        signed_in: &Authenticated,
        caller: &Caller<'_>,
    ) -> Result<(), Failure> {
        let token = caller.session.ok_or(Failure::Unauthenticated)?;
        if transaction
            .sessions()
            .exists(signed_in.session.id, token)
            .await?
        {
            Ok(())
        } else {
            Err(Failure::Unauthenticated)
        }
    }
}
