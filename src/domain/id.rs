//! Opaque ids whose prefix tells the kind: TypeIDs over UUIDv7 (`user_…`, `session_…`, `event_…`).

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

/// Names a person, in every face of Gatelodge.
pub type UserId = TypeSafeId<UserPrefix>;

/// Names a session; never its token.
pub type SessionId = TypeSafeId<SessionPrefix>;

/// Names a security event.
pub type EventId = TypeSafeId<EventPrefix>;

/// A new id of the wanted kind: the time in milliseconds, then 74 random bits (RFC 9562, section 5.7).
pub fn new_id<K: StaticType>(
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<TypeSafeId<K>, EntropyError> {
    let mut random = [0; 10];
    entropy.fill(&mut random)?;
    // A clock before 1970 has no UUIDv7; its ids then start at 1970.
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    let uuid: Uuid = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    Ok(TypeSafeId::from_uuid(uuid))
}

/// A random UUID, for what has an id and no time.
pub fn random_uuid(entropy: &dyn Entropy) -> Result<Uuid, EntropyError> {
    let mut random = [0; 16];
    entropy.fill(&mut random)?;
    Ok(Builder::from_random_bytes(random).into_uuid())
}
