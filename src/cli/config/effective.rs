//! The value that holds for each setting, without secrets.

use serde::Serialize;
use serde_json::Value;

use crate::{
    cli::setting_sources::SettingSources,
    config::{
        Config,
        file::SettingsFile,
        setting::{Kind, Setting, SettingSource},
        values::redacted::{REDACTED, without_password},
    },
};

/// A setting, or a table of the settings file, and its value.
#[derive(Serialize)]
pub struct Effective {
    /// The key in the settings file.
    pub key: String,
    /// The value. Null if there is none.
    pub value: Value,
    /// Where the value comes from.
    pub source: SettingSource,
}

/// Returns all settings in the order of `--help`, and then the tables of the file.
pub fn all(sources: &SettingSources, config: &Config) -> Vec<Effective> {
    let values = Values {
        sources,
        superseded: sources.superseded(),
    };
    let computed = config.computed_defaults();
    let settings = sources.settings.iter().filter(|setting| !setting.is_hidden);
    let settings = settings.map(|setting| {
        let (value, source) = if setting.is_secret {
            values.of_secret(setting, &computed, config)
        } else {
            values.of_setting(setting, &computed)
        };
        let key = setting.key.clone();
        Effective { key, value, source }
    });
    let tables = sources.file.iter().flat_map(SettingsFile::tables);
    let tables = tables.map(|(name, value)| Effective {
        key: name.to_owned(),
        value: value.clone(),
        source: SettingSource::File,
    });
    settings.chain(tables).collect()
}

/// Computed defaults, by key.
type Computed = [(&'static str, Vec<String>)];

/// Finds the values that hold.
struct Values<'s> {
    sources: &'s SettingSources,
    superseded: Vec<String>,
}

impl Values<'_> {
    /// Returns the source of a key's value. A value that another key replaces has no effect.
    fn source(&self, key: &str) -> SettingSource {
        if self.superseded.iter().any(|superseded| superseded == key) {
            return SettingSource::Default;
        }
        self.sources.source(key)
    }

    fn of_setting(&self, setting: &Setting, computed: &Computed) -> (Value, SettingSource) {
        let source = self.source(&setting.key);
        let fixed: Vec<_> = setting.default.iter().cloned().collect();
        let written = self.sources.values(&setting.key);
        let written = written.filter(|_| source > SettingSource::Default);
        // A default that is written, such as `auto`, stands for the computed value too.
        let values = match written.filter(|values| **values != fixed) {
            Some(written) => written.to_vec(),
            None => find(computed, &setting.key).unwrap_or(fixed),
        };
        (value(setting, &values), source)
    }

    /// Returns the value of a secret, which may have been in a file.
    fn of_secret(
        &self,
        setting: &Setting,
        computed: &Computed,
        config: &Config,
    ) -> (Value, SettingSource) {
        let source = self
            .source(&setting.key)
            .max(self.source(&setting.file_key()));
        let url = match setting.key.as_str() {
            "database-url" => Some(&config.database.url),
            "database-listen-url" => config.database.listen_url.as_ref(),
            _ => None,
        };
        let value = if let Some(url) = url {
            url.redacted().into()
        } else if source > SettingSource::Default {
            REDACTED.into()
        } else {
            find(computed, &setting.key)
                .and_then(|values| values.into_iter().next())
                .into()
        };
        (value, source)
    }
}

fn find(computed: &Computed, key: &str) -> Option<Vec<String>> {
    let found = computed.iter().find(|(computed, _)| *computed == key);
    found.map(|(_, values)| values.clone())
}

/// Returns the value of a setting as JSON, as the settings file would have it.
fn value(setting: &Setting, values: &[String]) -> Value {
    if setting.is_list {
        return values.iter().map(|text| scalar(setting, text)).collect();
    }
    values
        .first()
        .map_or(Value::Null, |text| scalar(setting, text))
}

fn scalar(setting: &Setting, text: &str) -> Value {
    match setting.kind {
        Kind::Boolean => is_true(text).into(),
        Kind::Number => text.parse::<u64>().map_or_else(|_| text.into(), Into::into),
        Kind::Text => {
            let word = setting
                .words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text));
            word.map_or_else(|| without_password(text), Clone::clone)
                .into()
        }
    }
}

/// Returns whether a text means true, by the rules of clap's `BoolishValueParser`.
fn is_true(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["y", "yes", "t", "true", "on", "1"].contains(&text.as_str())
}
