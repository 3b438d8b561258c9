//! Administrators: somebody must be left who may administer people.

use super::{Auth, Failure};
use crate::{domain::id::UserId, store::Work};

impl Auth {
    /// Whether a person is the only administrator who may log in. No administrator changes until the work ends, so
    /// that of the last two only one can go.
    pub(super) async fn is_last_admin(&self, work: &Work, id: UserId) -> Result<bool, Failure> {
        Ok(work.users().lock_admins().await? == [id])
    }
}
