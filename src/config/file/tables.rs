//! The tables of the settings file. They have no flag and no variable.
//!
//! **To add a table**, add one entry to [`TABLES`]. Its type implements `Deserialize` with `deny_unknown_fields` and
//! kebab-case names. The settings file, `gatelodge config` and docs/settings.md then know it.

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue, Error, ValueDeserializer},
};

use super::unknown::nearest;
use crate::config::{Config, setting::Setting, upstream};

/// A table of the settings file.
pub struct Table {
    /// The name: `[name]` or `[[name]]`.
    pub name: &'static str,
    /// Whether there may be several: `[[name]]`.
    pub repeats: bool,
    /// What it does.
    pub meaning: &'static str,
    /// Its keys: name, default and meaning.
    pub keys: &'static [(&'static str, &'static str, &'static str)],
    /// Reads the value, and returns what puts it into the settings.
    read: fn(Spanned<DeValue<'_>>) -> Result<Apply, Vec<Problem>>,
}

/// Puts a table into the settings.
pub type Apply = Box<dyn FnOnce(&mut Config)>;

/// An error, and the byte where it is.
type Problem = (Option<usize>, String);

/// All tables.
pub const TABLES: &[Table] = &[FORWARD_AUTH, GRAPHQL_UPSTREAM];

const FORWARD_AUTH: Table = Table {
    name: "forward-auth",
    repeats: true,
    meaning: "A further policy of forward-auth. `/forward-auth` itself requires a session and needs no table.",
    keys: &[
        (
            "path",
            "required",
            "The path that the proxy asks: one segment that begins with `/forward-auth-`.",
        ),
        (
            "require",
            "`\"session\"`",
            "What the user must have: `\"session\"`, `\"role:NAME\"`, or an array of these that must all hold.",
        ),
        (
            "optional",
            "`false`",
            "Whether strangers pass too, without an identity. It excludes `require`.",
        ),
        (
            "redirect",
            "`false`",
            "Whether a browser without a session is sent to `login-url`. Other clients get 401.",
        ),
        (
            "preflight",
            "`\"refuse\"`",
            "`\"pass\"` allows OPTIONS requests with `Access-Control-Request-Method`, so that the application answers them.",
        ),
        (
            "method",
            "`\"forwarded\"`",
            "Where the request's method is: `\"forwarded\"` in `X-Forwarded-Method`, `\"request\"` in the proxy's own request.",
        ),
    ],
    read: |value| read_each(value, |config| &mut config.gate.forward_auth),
};

const GRAPHQL_UPSTREAM: Table = Table {
    name: upstream::TABLE,
    repeats: false,
    meaning: "The GraphQL service behind the gate. `GATELODGE_UPSTREAM` is enough where every other key has its default.",
    keys: &[
        (
            "url",
            "required",
            "The address of the service's GraphQL endpoint. `GATELODGE_UPSTREAM` wins over it, and may replace it.",
        ),
        (
            "audience",
            "`token-audience`",
            "The audience (`aud`) of the service's identity tokens.",
        ),
        (
            "require",
            "`\"session\"`",
            "What the user must have: `\"session\"`, `\"role:NAME\"`, or an array of these that must all hold. `\"none\"` also forwards requests of strangers.",
        ),
        (
            "schema",
            "introspection",
            "File with the service's schema, in the GraphQL schema language.",
        ),
        (
            "type-prefix",
            "`\"\"`",
            "The prefix of Gatelodge's type names where they clash with the service's. Without it a clash is refused.",
        ),
        ("connect-timeout", "`\"2s\"`", "Timeout for a connection."),
        (
            "first-byte-timeout",
            "`\"10s\"`",
            "Timeout for the first byte of an answer. It is at most `limit-time`.",
        ),
        (
            "silence-timeout",
            "`\"30s\"`",
            "Timeout for the next byte of an answer.",
        ),
        (
            "pool-idle-timeout",
            "`\"4s\"`",
            "How long an unused connection is kept. Choose a time below the service's own: Node.js and uvicorn keep connections for 5s, gunicorn for 2s.",
        ),
        (
            "timeout",
            "`\"60s\"`",
            "Timeout for a whole answer. Streams and `@defer` end by `silence-timeout` alone.",
        ),
        (
            "max-requests",
            "`256`",
            "Maximum number of requests to the service that run at once. Further ones wait, for `first-byte-timeout` at most.",
        ),
        (
            "max-merge",
            "`\"8MiB\"`",
            "Maximum size of an answer that is merged with Gatelodge's own fields. Other answers are streamed.",
        ),
        (
            "max-depth",
            "`20`",
            "Maximum depth of the fields that are forwarded, with fragments expanded.",
        ),
        (
            "max-complexity",
            "`2000`",
            "Maximum number of the fields that are forwarded, with fragments expanded.",
        ),
        (
            "forward-extensions",
            "`[]`",
            "The keys of a request's `extensions` that are forwarded. All others are removed.",
        ),
        (
            "forward-connection-params",
            "`[]`",
            "The keys of a WebSocket's `connection_init` payload that are forwarded. All others are removed. `authorization` and `headers` cannot be.",
        ),
        (
            "socket-token-lifetime",
            "`\"1h\"`",
            "The lifetime of the identity token of a WebSocket or a subscription. It is over with the session at the latest. A WebSocket is closed with 1012 when its token is over, and the client connects again.",
        ),
        (
            "socket-message-size",
            "`\"1MiB\"`",
            "Maximum size of one message of the service over a WebSocket.",
        ),
    ],
    read: |value| read_one(value, |config| &mut config.gate.graphql_upstream),
};

/// Returns the table with a name.
pub fn find(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// The result of reading a table.
pub struct TableRead {
    /// Puts it into the settings, if it has no errors.
    pub apply: Option<Apply>,
    /// Each error, and where it is.
    pub errors: Vec<Problem>,
}

impl Table {
    /// Returns the line that begins the table.
    pub fn heading(&self) -> String {
        if self.repeats {
            format!("[[{}]]", self.name)
        } else {
            format!("[{}]", self.name)
        }
    }

    /// Reads the table.
    pub(super) fn read(&self, mut value: Spanned<DeValue<'_>>, settings: &[Setting]) -> TableRead {
        let mut errors = vec![];
        let has_right_form = match value.get_mut() {
            DeValue::Array(elements) if self.repeats => elements.iter_mut().all(|element| {
                let table = as_table(element.get_mut());
                table
                    .map(|table| self.remove_unknown(table, settings, &mut errors))
                    .is_some()
            }),
            value if !self.repeats => {
                let table = as_table(value);
                table
                    .map(|table| self.remove_unknown(table, settings, &mut errors))
                    .is_some()
            }
            _ => false,
        };
        if !has_right_form {
            let problem = format!(
                "`{}` is a table. Begin it with {}",
                self.name,
                self.heading()
            );
            errors.push((Some(value.span().start), problem));
            return TableRead {
                apply: None,
                errors,
            };
        }
        let apply = match (self.read)(value) {
            Ok(apply) => Some(apply),
            Err(wrong) => {
                let wrong = wrong.into_iter();
                errors.extend(
                    wrong.map(|(at, problem)| (at, format!("{}: {problem}", self.heading()))),
                );
                None
            }
        };
        TableRead { apply, errors }
    }

    /// Reports and removes keys that the table does not have.
    fn remove_unknown(
        &self,
        table: &mut DeTable<'_>,
        settings: &[Setting],
        errors: &mut Vec<Problem>,
    ) {
        let names = || self.keys.iter().map(|(name, ..)| *name);
        for (key, value) in std::mem::take(table) {
            let name = key.get_ref();
            if names().any(|known| known == name) {
                table.insert(key, value);
                continue;
            }
            let fix = if settings.iter().any(|setting| setting.key == *name) {
                format!("`{name}` is a setting. Write it above the first table")
            } else if let Some(nearest) = nearest(name, names()) {
                format!("Did you mean `{nearest}`?")
            } else {
                format!("Its keys are {}", names().collect::<Vec<_>>().join(", "))
            };
            let problem = format!("{} has no key `{name}`. {fix}", self.heading());
            errors.push((Some(key.span().start), problem));
        }
    }
}

fn as_table<'v, 'i>(value: &'v mut DeValue<'i>) -> Option<&'v mut DeTable<'i>> {
    match value {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// Reads each table of `[[name]]` into a field of the settings.
fn read_each<T: DeserializeOwned + 'static>(
    value: Spanned<DeValue<'_>>,
    field: fn(&mut Config) -> &mut Vec<T>,
) -> Result<Apply, Vec<Problem>> {
    let elements = match value.into_inner() {
        DeValue::Array(elements) => elements,
        _ => DeArray::new(),
    };
    let (mut all, mut errors) = (vec![], vec![]);
    for element in elements {
        match T::deserialize(ValueDeserializer::from(element)) {
            Ok(read) => all.push(read),
            Err(error) => errors.push((start(&error), error.message().to_owned())),
        }
    }
    if errors.is_empty() {
        Ok(Box::new(move |config| *field(config) = all))
    } else {
        Err(errors)
    }
}

/// Reads the table `[name]` into a field of the settings. Each of its keys has a default, so that one key can be read alone,
/// and all wrong keys are reported at once.
fn read_one<T: DeserializeOwned + 'static>(
    value: Spanned<DeValue<'_>>,
    field: fn(&mut Config) -> &mut Option<T>,
) -> Result<Apply, Vec<Problem>> {
    let mut errors = vec![];
    for (key, one) in value.get_ref().as_table().into_iter().flatten() {
        let at = one.span();
        let table = DeTable::from_iter([(key.clone(), one.clone())]);
        let table = Spanned::new(at.clone(), DeValue::Table(table));
        if let Err(error) = T::deserialize(ValueDeserializer::from(table)) {
            let at = start(&error).unwrap_or(at.start);
            let problem = format!("`{}` {}", key.get_ref(), error.message());
            errors.push((Some(at), problem));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(read) => Ok(Box::new(move |config| *field(config) = Some(read))),
        Err(error) => Err(vec![(start(&error), error.message().to_owned())]),
    }
}

fn start(error: &Error) -> Option<usize> {
    error.span().map(|span| span.start)
}
