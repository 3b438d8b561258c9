//! Reads the output of `manage.py dumpdata auth.user`, element by element.

use std::{
    fmt,
    io::{BufReader, Read},
};

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::budget::Budget;
use crate::transfer::{
    problem,
    row::{ReadError, Row, Rows, UnreadableRow, scalar, text_or_number},
};

#[derive(Deserialize)]
struct Element {
    #[serde(default)]
    model: String,
    #[serde(default, deserialize_with = "text_or_number")]
    pk: Option<String>,
    fields: Fields,
}

/// The fields of Django's user and of models that extend it. Other fields are ignored.
#[derive(Deserialize)]
struct Fields {
    username: Option<String>,
    password: Option<String>,
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

/// Reads the array as a stream: an element at a time is in memory. A syntax error ends it.
pub fn read(file: impl Read, rows: &mut Rows<'_>) -> Result<(), ReadError> {
    let (budget, file) = Budget::limit(file);
    let mut elements = Elements {
        rows,
        budget,
        position: 0,
        model: None,
        is_stopped: false,
    };
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(file));
    let read = json.deserialize_seq(&mut elements);
    let (position, is_stopped) = (elements.position, elements.is_stopped);
    let ended = read.and_then(|()| json.end());
    match ended {
        // The library's words would quote a file that is a single text.
        Err(error) if !is_stopped && error.is_data() => Err(ReadError::after(
            format!("element {position}"),
            "it is not a JSON array",
        )),
        Err(error) if !is_stopped => Err(ReadError::after(format!("element {position}"), error)),
        _ => Ok(()),
    }
}

/// Receives the elements of the array.
struct Elements<'a, 'r> {
    rows: &'a mut Rows<'r>,
    budget: Budget,
    /// How many elements have been read.
    position: u64,
    /// The model of this dump's users.
    model: Option<String>,
    /// Whether the receiver of the rows wants no more.
    is_stopped: bool,
}

impl<'de> Visitor<'de> for &mut Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        // Raw: only the syntax is checked here, without recursion. The rest concerns one row.
        while let Some(element) = array.next_element::<Box<RawValue>>()? {
            self.budget.renew();
            self.position += 1;
            if let Some(user) = user(element.get().as_bytes(), &mut self.model)
                && (self.rows)((self.position, user)).is_break()
            {
                self.is_stopped = true;
                break;
            }
        }
        Ok(())
    }
}

/// Reads the user of an element. `None` for an element of another model: a dump of a whole database has many.
fn user(bytes: &[u8], users: &mut Option<String>) -> Option<Result<Row, UnreadableRow>> {
    let Ok(element) = serde_json::from_slice::<Value>(bytes) else {
        return Some(Err(UnreadableRow {
            external_id: None,
            username: None,
            problem: problem::describe::<Value>(bytes),
        }));
    };
    if is_other_model(&element, users.as_deref()) {
        return None;
    }
    let external_id = scalar(&element["pk"]);
    let username = scalar(&element["fields"]["username"]);
    let problem = match row(element, bytes) {
        Ok((model, row)) if *users.get_or_insert_with(|| model.clone()) == model => {
            return Some(Ok(row));
        }
        Ok((model, _)) => format!("{model} has passwords, too: dump one model alone"),
        Err(problem) => problem,
    };
    Some(Err(UnreadableRow {
        external_id,
        username,
        problem,
    }))
}

fn is_other_model(element: &Value, user_model: Option<&str>) -> bool {
    let has_password = element["fields"].get("password").is_some();
    !has_users(element["model"].as_str(), has_password, user_model)
}

/// Returns whether a model contains users. Custom users have another name than `auth.user`, but have passwords.
fn has_users(model: Option<&str>, has_password: bool, user_model: Option<&str>) -> bool {
    has_password || model.is_none_or(|model| model == "auth.user" || Some(model) == user_model)
}

/// Returns the model and the row of an element.
fn row(element: Value, bytes: &[u8]) -> Result<(String, Row), String> {
    if !element.is_object() || !element["fields"].is_object() {
        // Serde would accept an array for either, too.
        return Err("it is not an object with fields".to_owned());
    }
    let element = serde_json::from_value(element);
    let Element { model, pk, fields } = element.map_err(|_| problem::describe::<Element>(bytes))?;
    let roles = [
        ("staff", fields.is_staff),
        ("superuser", fields.is_superuser),
    ];
    let pk = pk.ok_or("it has no pk: dump without --natural-primary")?;
    let row = Row {
        external_id: Some(pk),
        id: None,
        username: fields.username,
        password_hash: fields.password,
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
    };
    Ok((model, row))
}
