//! Reads what `manage.py dumpdata auth.user` writes, element by element.

use std::io::{BufReader, Read};

use serde::Deserialize;
use serde_json::Value;

use super::{elements::Elements, salvage::Salvage};
use crate::transfer::{
    problem,
    row::{ReadError, Row, Rows, Unread, text_or_number},
};

#[derive(Deserialize)]
struct Element {
    #[serde(default)]
    model: String,
    #[serde(default, deserialize_with = "text_or_number")]
    pk: Option<String>,
    fields: Fields,
}

/// The fields of Django's own user, and of those that extend it: what else they have is left behind.
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

pub fn read(file: impl Read, rows: &mut Rows<'_>) -> Result<(), ReadError> {
    let mut elements = Elements::of(BufReader::new(file));
    let mut bytes = vec![];
    // What the people are called in this dump.
    let mut people = None;
    for position in 1.. {
        let next = elements.next(&mut bytes);
        if !next.map_err(|broken| ReadError::after(format!("element {}", position - 1), broken))? {
            break;
        }
        if let Some(person) = person(&bytes, &mut people)
            && rows((position, person)).is_break()
        {
            break;
        }
    }
    Ok(())
}

/// An element's person. A dump of a whole database has other models, which have none.
fn person(bytes: &[u8], people: &mut Option<String>) -> Option<Result<Row, Unread>> {
    let read = match serde_json::from_slice::<Value>(bytes) {
        Ok(element) if is_other_model(&element, people.as_deref()) => return None,
        Ok(element) => row(element, bytes),
        Err(_) => Err(problem::of::<Value>(bytes)),
    };
    let problem = match read {
        Ok((model, row)) if *people.get_or_insert_with(|| model.clone()) == model => {
            return Some(Ok(row));
        }
        Ok((model, _)) => format!("{model} has passwords, too: dump one model alone"),
        Err(problem) => problem,
    };
    let salvage = Salvage::of(bytes, Some("fields"));
    let model = salvage.text("model");
    if salvage.is_whole && !has_people(model.as_deref(), salvage.has("password"), people.as_deref())
    {
        return None;
    }
    Some(Err(Unread {
        external_id: salvage.text("pk"),
        username: salvage.text("username"),
        problem,
    }))
}

fn is_other_model(element: &Value, people: Option<&str>) -> bool {
    let has_password = element["fields"].get("password").is_some();
    !has_people(element["model"].as_str(), has_password, people)
}

/// Custom users are called otherwise than `auth.user`, but have passwords.
fn has_people(model: Option<&str>, has_password: bool, people: Option<&str>) -> bool {
    has_password || model.is_none_or(|model| model == "auth.user" || Some(model) == people)
}

/// A person, and what model they are of.
fn row(element: Value, bytes: &[u8]) -> Result<(String, Row), String> {
    if !element.is_object() || !element["fields"].is_object() {
        // Serde would take an array for either, too.
        return Err("it is no object with fields".to_owned());
    }
    let element = serde_json::from_value(element);
    let Element { model, pk, fields } = element.map_err(|_| problem::of::<Element>(bytes))?;
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
