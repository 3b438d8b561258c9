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
use crate::config::{Config, setting::Setting};

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
    read: fn(Spanned<DeValue<'_>>) -> Result<Apply, Vec<Error>>,
}

/// Puts a table into the settings.
pub type Apply = Box<dyn FnOnce(&mut Config)>;

/// All tables.
pub const TABLES: &[Table] = &[Table {
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
}];

/// Returns the table with a name.
pub fn find(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// The result of reading a table.
pub struct TableRead {
    /// Puts it into the settings, if it has no errors.
    pub apply: Option<Apply>,
    /// Each error, and where it is.
    pub errors: Vec<(Option<usize>, String)>,
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
                errors.extend(wrong.map(|error| {
                    let at = error.span().map(|span| span.start);
                    (at, format!("{}: {}", self.heading(), error.message()))
                }));
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
        errors: &mut Vec<(Option<usize>, String)>,
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
) -> Result<Apply, Vec<Error>> {
    let elements = match value.into_inner() {
        DeValue::Array(elements) => elements,
        _ => DeArray::new(),
    };
    let (mut all, mut errors) = (vec![], vec![]);
    for element in elements {
        match T::deserialize(ValueDeserializer::from(element)) {
            Ok(read) => all.push(read),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(Box::new(move |config| *field(config) = all))
    } else {
        Err(errors)
    }
}
