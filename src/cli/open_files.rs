//! The limit of open files: raises it to the maximum, and lowers the number of connections to fit in it.
//!
//! Otherwise a client that opens many sockets could use up all files. Then the database's connections and the hasher's
//! files could not be opened.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::{
    Config,
    database::DatabaseKind,
    server::{AdminListen, MAX_ADMIN_CONNECTIONS},
};

/// Files for everything except connections of clients and the database: listeners, the runtime, the breached passwords
/// and the connections to their service.
const OTHER_FILES: u64 = 128;
/// Open files of one SQLite connection: the database, its log and a temporary file.
const FILES_PER_SQLITE_CONNECTION: u64 = 3;

/// Raises the soft limit of open files to the hard limit, and lowers the maximum of connections to fit in it.
pub fn fit(config: &mut Config) {
    let files = raise();
    let connections = fitting(config, files);
    if connections < config.server.max_connections {
        tracing::warn!(
            files,
            wanted = config.server.max_connections,
            connections,
            "the limit of open files is too low for GATELODGE_MAX_CONNECTIONS, which is lowered: raise the limit \
             (LimitNOFILE, --ulimit nofile), or set fewer connections"
        );
        config.server.max_connections = connections;
    }
}

/// Raises the limit and returns it, or `u64::MAX` if there is none.
fn raise() -> u64 {
    let limits = getrlimit(Resource::Nofile);
    let soft = limits.current.unwrap_or(u64::MAX);
    let hard = limits.maximum.unwrap_or(u64::MAX);
    if soft >= hard {
        return soft;
    }
    let raised = Rlimit {
        current: limits.maximum,
        maximum: limits.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => {
            tracing::info!(from = soft, to = hard, "limit of open files raised");
            hard
        }
        Err(error) => {
            tracing::warn!(%error, soft, hard, "the limit of open files could not be raised");
            soft
        }
    }
}

/// Returns the number of client connections that fit beside all other files: at least half of the files, and at most
/// the configured maximum.
fn fitting(config: &Config, files: u64) -> u32 {
    let connections = u64::from(config.database.connections);
    let database = match config.database.url.kind() {
        Some(DatabaseKind::Sqlite) => (connections + 1) * FILES_PER_SQLITE_CONNECTION,
        // One more listens for notifications.
        _ => connections + 1,
    };
    let admin = match config.server.admin_listen {
        AdminListen::Off => 0,
        AdminListen::At(_) => MAX_ADMIN_CONNECTIONS.into(),
    };
    let upstream = config.upstream.as_ref();
    let sockets = u64::from(config.socket.max_sockets);
    let upstream = upstream.map_or(0, |upstream| sockets + upstream.max_requests as u64);
    let others = [database, admin, upstream, OTHER_FILES].into_iter();
    let room = files.saturating_sub(others.fold(0, u64::saturating_add));
    let room = room.max(files / 2).max(1);
    u32::try_from(room)
        .unwrap_or(u32::MAX)
        .min(config.server.max_connections)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Config {
        let arguments = [&["gatelodge"], arguments].concat();
        crate::cli::parse(arguments.into_iter().map(Into::into)).unwrap()
    }

    #[test]
    fn connections_leave_room_for_the_database_the_admin_listener_and_the_rest() {
        let sqlite = config(&[]);
        assert_eq!(fitting(&sqlite, u64::MAX), 10_000);
        assert_eq!(fitting(&sqlite, 10_279), 10_000);
        assert_eq!(fitting(&sqlite, 10_278), 9_999);
        assert_eq!(fitting(&sqlite, 1024), 745);
        let postgres = config(&["--database-url", "postgres://h/d", "--admin-listen", "off"]);
        assert_eq!(fitting(&postgres, 1024), 879);
        let upstream = config(&["--upstream", "http://tasks:9000/graphql"]);
        let upstream = upstream.resolve().unwrap();
        assert_eq!(fitting(&upstream, 15_000), 14_721 - 5_000 - 256);
        // Too few files for everything: half of them, and at least one.
        assert_eq!(fitting(&sqlite, 100), 50);
        assert_eq!(fitting(&sqlite, 1), 1);
        assert_eq!(fitting(&config(&["--max-connections", "20"]), 1024), 20);
    }
}
