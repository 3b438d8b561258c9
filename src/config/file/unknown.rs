//! The message for a key that is no setting, with the nearest one.

use toml::de::DeValue;

use super::tables;
use crate::config::setting::{self, Setting};

/// An unknown key.
pub struct Unknown {
    /// The key that was probably meant.
    pub nearest: Option<String>,
    /// The message.
    pub text: String,
}

/// Describes an unknown key, with the nearest known one.
pub fn unknown(key: &str, value: &DeValue<'_>, settings: &[Setting]) -> Unknown {
    if key == setting::FILE_FLAG {
        let text = "`config` cannot be set in the file itself. Use --config or GATELODGE_CONFIG";
        return Unknown {
            nearest: None,
            text: text.to_owned(),
        };
    }
    let by_variable = settings.iter().find(|setting| setting.variable == key);
    let keys = settings.iter().map(|setting| setting.key.as_str());
    let known = keys.chain(tables::TABLES.iter().map(|table| table.name));
    let nearest = by_variable
        .map(|setting| setting.key.as_str())
        .or_else(|| nearest(key, known));
    let is_table = value.is_table()
        || value
            .as_array()
            .is_some_and(|array| array.iter().any(|element| element.get_ref().is_table()));
    let what = if is_table { "table" } else { "key" };
    let fix = match nearest {
        Some(nearest) => format!("Did you mean `{nearest}`?"),
        None => "docs/settings.md lists all keys".to_owned(),
    };
    Unknown {
        nearest: nearest.map(str::to_owned),
        text: format!("unknown {what} `{key}`. {fix}"),
    }
}

/// Returns the known name that is most like a given one, unless none is like it.
pub fn nearest<'n>(given: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let normal = given.to_ascii_lowercase().replace('_', "-");
    let normal = normal.strip_prefix("gatelodge-").unwrap_or(&normal);
    let max_slips = (normal.chars().count() / 3).clamp(1, 3);
    known
        .map(|name| (strsim::osa_distance(normal, name), name))
        .filter(|(slips, _)| *slips <= max_slips)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}
