//! The values that hold for settings whose default depends on other settings. `gatelodge config` shows them.

use clap::ValueEnum;

use crate::config::{
    Config,
    database::DatabaseKind,
    values::{duration, origin::Origin},
};

impl Config {
    /// Returns the key and the value of each setting whose default is computed, as on the command line. A setting that
    /// then has no value is left out.
    pub fn computed_defaults(&self) -> Vec<(&'static str, Vec<String>)> {
        let mut public_url = self.browser.public_url.clone();
        public_url.listen_on(self.server.listen.port());
        let origins = self.browser.allowed_origins();
        let log_format = self.log.format().to_possible_value();
        let mut computed = vec![
            ("public-url", vec![public_url.to_string()]),
            (
                "allowed-origins",
                origins.iter().map(Origin::to_string).collect(),
            ),
            ("session-idle", vec![duration::show(self.session.idle())]),
            (
                "session-idle-short",
                vec![duration::show(self.session.idle_short())],
            ),
            ("graphiql", vec![self.graphiql().to_string()]),
            ("introspection", vec![self.introspection().to_string()]),
            ("hash-workers", vec![self.password.workers().to_string()]),
            (
                "max-connections-per-source",
                vec![self.server.max_connections_per_source().to_string()],
            ),
            (
                "log-format",
                log_format
                    .iter()
                    .map(|format| format.get_name().to_owned())
                    .collect(),
            ),
        ];
        let url = &self.database.url;
        if url.kind() == Some(DatabaseKind::Postgres) && !url.is_pgbouncer() {
            computed.push(("database-listen-url", vec![url.redacted()]));
        }
        computed
    }
}
