//! The database objects that the migrations create, by name and type. They distinguish Gatelodge's tables from those of
//! another application.

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// An id.
    Uuid,
    /// Text with a maximum number of characters.
    Text(u32),
    /// A fixed number of bytes.
    Bytes(u32),
    /// A point in time.
    Time,
    /// True or false.
    Boolean,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    BigInteger,
}

/// A column: its name and its type.
pub type Column = (&'static str, ColumnType);

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The migration that creates it.
    pub migration: &'static str,
    /// The object's name.
    pub name: &'static str,
    /// The columns that it is created with.
    pub columns: &'static [Column],
    /// The columns that later migrations add.
    pub added: &'static [Column],
}

/// An index or a foreign key.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The migration that creates it.
    pub migration: &'static str,
    /// The object's name.
    pub name: &'static str,
    /// The table that it belongs to.
    pub table: &'static str,
}

use ColumnType::{BigInteger, Boolean, Bytes, Integer, Text, Time, Uuid};

/// All tables, in the order in which they are created.
pub const TABLES: &[Table] = &[
    Table {
        migration: "m20261123_000001_create_users",
        name: "users",
        columns: &[
            ("id", Uuid),
            ("username", Text(150)),
            ("username_key", Text(450)),
            ("password_hash", Text(512)),
            ("created_at", Time),
        ],
        added: &[
            ("roles", Text(1024)),
            ("disabled_at", Time),
            ("password_version", Integer),
            ("is_admin", Boolean),
        ],
    },
    Table {
        migration: "m20261123_000002_create_sessions",
        name: "sessions",
        columns: &[
            ("id", Uuid),
            ("user_id", Uuid),
            ("token_hash", Bytes(32)),
            ("created_at", Time),
            ("authenticated_at", Time),
            ("last_seen_at", Time),
            ("expires_at", Time),
        ],
        added: &[
            ("persistent", Boolean),
            ("client_address", Text(45)),
            ("user_agent", Text(512)),
        ],
    },
    Table {
        migration: "m20261123_000006_create_throttles",
        name: "throttles",
        columns: &[
            ("throttle_key", Bytes(32)),
            ("taken", Integer),
            ("until", Time),
            ("taken_at", Time),
            ("version", BigInteger),
        ],
        added: &[],
    },
    Table {
        migration: "m20261123_000007_create_secrets",
        name: "secrets",
        columns: &[("name", Text(64)), ("secret_value", Text(128))],
        added: &[],
    },
    Table {
        migration: "m20261124_000015_create_security_events",
        name: "security_events",
        columns: &[
            ("id", Uuid),
            ("user_id", Uuid),
            ("kind", Text(64)),
            ("created_at", Time),
            ("client_address", Text(45)),
            ("user_agent", Text(512)),
            ("actor_id", Uuid),
        ],
        added: &[],
    },
    Table {
        migration: "m20261124_000101_create_imported_people",
        name: "imported_people",
        columns: &[
            ("user_id", Uuid),
            ("external_id", Text(191)),
            ("email", Text(320)),
            ("first_name", Text(300)),
            ("last_name", Text(300)),
            ("last_login", Time),
            ("import_run", Uuid),
        ],
        added: &[],
    },
    Table {
        migration: "m20261124_000102_create_foreign_hashes",
        name: "foreign_hashes",
        columns: &[("user_id", Uuid), ("kind", Text(32)), ("cost", BigInteger)],
        added: &[],
    },
    Table {
        migration: crate::levels::FIRST,
        name: "schema_levels",
        columns: &[
            ("migration", Text(191)),
            ("level", Integer),
            ("min_level", Integer),
            ("version", Text(64)),
        ],
        added: &[],
    },
    Table {
        migration: "m20261127_000401_create_signing_keys",
        name: "signing_keys",
        columns: &[
            ("number", BigInteger),
            ("kid", Text(64)),
            ("algorithm", Text(16)),
            ("public_key", Text(128)),
            ("private_key_sealed", Text(512)),
            ("sealed_with", Text(16)),
            ("created_at", Time),
            ("signs_from", Time),
        ],
        added: &[],
    },
];

/// All named indexes. In SQLite and PostgreSQL no other table can have an index with the same name.
pub const INDEXES: &[Part] = &[
    part(
        "m20261123_000003_index_sessions_by_user",
        "idx_sessions_user_id",
        "sessions",
    ),
    part(
        "m20261123_000004_index_sessions_by_absolute_end",
        "idx_sessions_expires_at",
        "sessions",
    ),
    part(
        "m20261123_000005_index_sessions_by_last_use",
        "idx_sessions_last_seen_at",
        "sessions",
    ),
    part(
        "m20261123_000008_index_throttles_by_last_use",
        "idx_throttles_taken_at",
        "throttles",
    ),
    part(
        "m20261124_000016_index_security_events_by_user",
        "idx_security_events_user_id",
        "security_events",
    ),
    part(
        "m20261124_000017_index_security_events_by_time",
        "idx_security_events_created_at",
        "security_events",
    ),
    part(
        "m20261124_000103_index_foreign_hashes_by_cost",
        "idx_foreign_hashes_cost",
        "foreign_hashes",
    ),
    part(
        "m20261124_000202_index_users_by_is_admin",
        "idx_users_is_admin",
        "users",
    ),
    part(
        "m20261124_000203_index_users_by_beginning",
        "idx_users_username_key_beginning",
        "users",
    ),
];

/// All foreign keys. In MySQL no other table can have a foreign key with the same name.
pub const FOREIGN_KEYS: &[Part] = &[
    part(
        "m20261123_000002_create_sessions",
        "fk_sessions_user_id",
        "sessions",
    ),
    part(
        "m20261124_000101_create_imported_people",
        "fk_imported_people_user_id",
        "imported_people",
    ),
    part(
        "m20261124_000102_create_foreign_hashes",
        "fk_foreign_hashes_user_id",
        "foreign_hashes",
    ),
];

const fn part(migration: &'static str, name: &'static str, table: &'static str) -> Part {
    Part {
        migration,
        name,
        table,
    }
}
