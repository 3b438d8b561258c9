//! `gatelodge user enable NAME`.

use super::{
    open::open,
    person::{self, OPERATOR},
    whom::{Whom, find, nobody},
};
use crate::{
    auth::Outcome,
    cli::{CliError, other},
};

/// Enables a person.
pub fn run(
    Whom {
        name,
        json,
        settings,
    }: Whom,
) -> Result<(), CliError> {
    open(*settings, async |auth| {
        let before = find(auth, &name).await?;
        let enabled = auth.enable_user(&OPERATOR, Some(before.id));
        // Nothing is asked of the operator: who is refused has gone meanwhile.
        let Outcome::Done(user) = enabled.await.map_err(other)? else {
            return Err(nobody(&name));
        };
        person::tell(&user, json, "is enabled");
        Ok(())
    })
}
