//! Reads the text of the settings file.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    FileError, FileTable, FileValue, SettingsFile,
    position::Position,
    tables::{self, Table},
    unknown::unknown,
    value,
};
use crate::config::{database::DatabaseUrl, setting::Setting};

/// toml's message for a key that is there twice.
const DUPLICATE: &str = "duplicate key";

impl SettingsFile {
    /// Notes an error.
    pub(super) fn refuse(
        &mut self,
        line: Option<usize>,
        key: Option<&str>,
        problem: impl Into<String>,
    ) {
        self.errors.push(FileError {
            path: self.path.clone(),
            line,
            key: key.map(str::to_owned),
            problem: problem.into(),
        });
    }

    /// Reads the text.
    pub(super) fn parse(&mut self, text: &str, settings: &[Setting]) {
        let position = Position::new(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        let names: Vec<_> = settings
            .iter()
            .map(|setting| setting.key.as_str())
            .collect();
        for error in errors {
            let line = error.span().map(|span| position.line(span.start));
            // toml's Display would print the line, which may hold a secret. Its message has only fixed words.
            if error.message() == DUPLICATE {
                let key = error.span().and_then(|span| position.key(span));
                let key = key.filter(|key| names.contains(key) || tables::find(key).is_some());
                let name = key.map_or_else(|| "a key".to_owned(), |key| format!("`{key}`"));
                self.refuse(
                    line,
                    key,
                    format!("{name} is set twice. Remove one of them"),
                );
            } else {
                self.refuse(
                    line,
                    None,
                    format!("is not valid TOML: {}", error.message()),
                );
                self.is_unusable = true;
            }
        }
        if self.is_unusable {
            return;
        }
        for (key, value) in table.into_inner() {
            let line = position.line(key.span().start);
            let key = key.into_inner();
            if let Some(setting) = settings.iter().find(|setting| setting.key == *key) {
                self.add_value(setting, value.get_ref(), line);
            } else if let Some(table) = tables::find(&key) {
                self.add_table(table, value, line, &position, settings);
            } else {
                let problem = unknown(&key, value.get_ref(), settings);
                self.refuse(Some(line), problem.nearest.as_deref(), problem.text);
            }
        }
    }

    fn add_value(&mut self, setting: &Setting, value: &DeValue<'_>, line: usize) {
        match value::of_setting(setting, value) {
            Ok(values) => {
                if setting.is_secret && values.iter().any(|value| is_secret(setting, value)) {
                    self.secrets.push(setting.key.clone());
                }
                let value = FileValue { values, line };
                self.values.insert(setting.key.clone(), value);
            }
            Err(problem) => {
                let problem = format!("`{}` {problem}", setting.key);
                self.refuse(Some(line), Some(&setting.key), problem);
            }
        }
    }

    fn add_table(
        &mut self,
        table: &'static Table,
        value: Spanned<DeValue<'_>>,
        line: usize,
        position: &Position<'_>,
        settings: &[Setting],
    ) {
        let json = value::json(value.get_ref());
        let read = table.read(value, settings);
        for (at, problem) in read.errors {
            let line = at.map_or(line, |at| position.line(at));
            self.refuse(Some(line), None, problem);
        }
        self.tables.push(FileTable {
            name: table.name,
            json,
            apply: read.apply,
        });
    }
}

/// Returns whether the value of a secret setting really holds one: a database URL often has no password.
fn is_secret(setting: &Setting, value: &str) -> bool {
    !setting.key.ends_with("-url") || DatabaseUrl::take(value).has_password()
}
