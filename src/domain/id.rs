//! Opaque ids with a prefix for their kind: TypeIDs over UUIDv7 (`user_…`, `session_…`, `event_…`).

use type_safe_id::{StaticType, TypeSafeId};
use uuid::{Builder, Uuid};

use super::{
    clock::Timestamp,
    entropy::{Entropy, EntropyError},
};

/// The kind of [`UserId`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserPrefix;

impl StaticType for UserPrefix {
    const TYPE: &'static str = "user";
}

/// The kind of [`SessionId`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SessionPrefix;

impl StaticType for SessionPrefix {
    const TYPE: &'static str = "session";
}

/// The kind of [`EventId`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventPrefix;

impl StaticType for EventPrefix {
    const TYPE: &'static str = "event";
}

/// The id of a user, in all interfaces of Gatelodge.
pub type UserId = TypeSafeId<UserPrefix>;

/// The id of a session. It is not the session's token.
pub type SessionId = TypeSafeId<SessionPrefix>;

/// The id of a security event.
pub type EventId = TypeSafeId<EventPrefix>;

/// Returns a new id: the time in milliseconds, then 74 random bits (RFC 9562, section 5.7).
pub fn new_id<K: StaticType>(
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<TypeSafeId<K>, EntropyError> {
    let mut random = [0; 10];
    entropy.fill(&mut random)?;
    // UUIDv7 has no times before 1970. A clock before 1970 counts as 1970.
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    let uuid: Uuid = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    Ok(TypeSafeId::from_uuid(uuid))
}

/// Returns a random UUID, for ids without a time.
pub fn random_uuid(entropy: &dyn Entropy) -> Result<Uuid, EntropyError> {
    let mut random = [0; 16];
    entropy.fill(&mut random)?;
    Ok(Builder::from_random_bytes(random).into_uuid())
}
