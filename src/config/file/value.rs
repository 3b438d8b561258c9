//! A value of the settings file, in the form that the command line reads.

use serde_json::Value;
use toml::de::{DeInteger, DeValue};

use crate::config::{
    setting::{Kind, Setting},
    values::redacted::without_password,
};

/// Returns the values of a setting, one for each element of a list. The error does not repeat the value.
pub fn of_setting(setting: &Setting, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let texts: Option<Vec<_>> = match value {
        DeValue::Array(elements) if setting.is_list => elements
            .iter()
            .map(|element| text(setting.kind, element.get_ref()))
            .collect(),
        value => text(setting.kind, value).map(|text| vec![text]),
    };
    let texts = texts.ok_or_else(|| format!("must be {}", expected(setting)))?;
    if !setting.is_list {
        return Ok(texts);
    }
    Ok(texts
        .iter()
        .flat_map(|text| text.split(','))
        .map(str::to_owned)
        .collect())
}

/// Returns a value as text, if it has the right type. A number or a boolean may be a string, as on the command line.
fn text(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (_, DeValue::String(text)) => Some(text.to_string()),
        (Kind::Number, DeValue::Integer(number)) => Some(integer(number)?.to_string()),
        (Kind::Boolean, DeValue::Boolean(value)) => Some(value.to_string()),
        _ => None,
    }
}

fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Describes the right type of a setting, with an example.
fn expected(setting: &Setting) -> String {
    let key = &setting.key;
    if setting.is_list {
        return format!("an array of strings. Write {key} = [\"…\", \"…\"]");
    }
    match setting.kind {
        Kind::Boolean => format!("true or false. Write {key} = true"),
        Kind::Number => match setting.default.as_deref().filter(|text| is_number(text)) {
            Some(default) => format!("a number. Write it like {key} = {default}"),
            None => format!("a number, or a string. Write it like {key} = \"…\""),
        },
        Kind::Text => format!("a string. Write {key} = \"…\""),
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<i64>().is_ok()
}

/// Returns a value as JSON, without the passwords of URLs.
pub fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => without_password(text).into(),
        DeValue::Integer(number) => integer(number).into(),
        DeValue::Float(number) => number.as_str().parse::<f64>().ok().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(elements) => elements
            .iter()
            .map(|element| json(element.get_ref()))
            .collect(),
        DeValue::Table(table) => {
            let entries = table.iter();
            let entries =
                entries.map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
            Value::Object(entries.collect())
        }
    }
}
