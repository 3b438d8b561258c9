//! Reads what `manage.py dumpdata auth.user` writes, element by element.

use std::{
    fmt,
    io::{BufReader, Read},
};

use serde::{
    Deserialize, Deserializer as _,
    de::{SeqAccess, Visitor},
};
use serde_json::Value;

use super::{
    budget::Budget,
    row::{ReadError, Row, Rows, problem, text_or_number},
};

#[derive(Deserialize)]
struct Element {
    #[serde(deserialize_with = "text_or_number")]
    pk: Option<String>,
    fields: Fields,
}

/// The fields of Django's own user, and of those that extend it: what else they have is left behind.
#[derive(Deserialize)]
struct Fields {
    username: String,
    password: String,
    last_login: Option<String>,
    date_joined: Option<String>,
    #[serde(default = "yes")]
    is_active: bool,
    #[serde(default)]
    is_staff: bool,
    #[serde(default)]
    is_superuser: bool,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

fn yes() -> bool {
    true
}

pub fn read(file: impl Read, rows: &mut Rows<'_>) -> Result<(), ReadError> {
    let (budget, file) = Budget::around(file);
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(file));
    let mut position = 0;
    let array = Array {
        rows,
        budget,
        position: &mut position,
        model: None,
    };
    let read = json
        .deserialize_seq(array)
        .and_then(|more| if more { json.end() } else { Ok(()) });
    read.map_err(|error| ReadError::after(format!("element {position}"), error))
}

struct Array<'a, 'rows> {
    rows: &'a mut Rows<'rows>,
    budget: Budget,
    position: &'a mut u64,
    /// What the people are called in this dump.
    model: Option<String>,
}

impl<'de> Visitor<'de> for Array<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the array that manage.py dumpdata writes")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<bool, A::Error> {
        while let Some(element) = elements.next_element::<Value>()? {
            self.budget.renew();
            *self.position += 1;
            if is_other_model(&element) {
                continue;
            }
            let model = element["model"].as_str().unwrap_or_default();
            if model != self.model.get_or_insert_with(|| model.to_owned()) {
                let problem = format!("{model} has passwords, too: dump one model alone");
                if (self.rows)((*self.position, Err(problem))).is_break() {
                    return Ok(false);
                }
                continue;
            }
            if (self.rows)((*self.position, row(element))).is_break() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A dump of a whole database has other models. Custom users are called otherwise than `auth.user`, but have passwords.
fn is_other_model(element: &Value) -> bool {
    let model = &element["model"];
    model.is_string() && model != "auth.user" && element["fields"].get("password").is_none()
}

fn row(element: Value) -> Result<Row, String> {
    if !element.is_object() || !element["fields"].is_object() {
        // Serde would take an array for either, too.
        return Err("it is no object with fields".to_owned());
    }
    let Element { pk, fields } =
        serde_json::from_value(element).map_err(|error| problem(&error))?;
    let roles = [
        ("staff", fields.is_staff),
        ("superuser", fields.is_superuser),
    ];
    Ok(Row {
        external_id: pk,
        id: None,
        username: Some(fields.username),
        password_hash: Some(fields.password),
        created_at: fields.date_joined,
        last_login: fields.last_login,
        disabled: Some(!fields.is_active),
        disabled_at: None,
        roles: roles
            .iter()
            .filter(|(_, has)| *has)
            .map(|(role, _)| (*role).to_owned())
            .collect(),
        email: fields.email,
        first_name: fields.first_name,
        last_name: fields.last_name,
    })
}
