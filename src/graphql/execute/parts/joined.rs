//! The fields that the upstream adds to our users: which users were selected, and what the upstream answered for them.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    ptr,
};

use apollo_compiler::Name;
use async_graphql::{PathSegment, Pos, Value, indexmap::IndexMap};
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use super::{
    super::select::{Fields, Selected},
    answer::Object,
    bounded_json::values_of_each,
    upstream_answer::{MAX_ERRORS, UpstreamAnswer, UpstreamData},
    upstream_problem::{Location, UpstreamProblem},
    value::fields_of,
};
use crate::{
    graphql::split::{JoinedDocument, USER, UpstreamFacts, site_key},
    upstream::UpstreamError,
};

/// The path of a value in the answer.
type Path = Vec<PathSegment>;

/// A selection set of users with joined fields, and the users that it was selected for.
pub struct Site<'d> {
    fields: &'d Fields<'d>,
    /// The users by their ids, and where each is in the answer.
    users: IndexMap<String, Vec<Path>>,
}

/// Finds the users in our part of an answer.
pub fn sites<'d>(fields: &'d Fields<'d>, data: &Value) -> Vec<Site<'d>> {
    let mut finder = Finder { sites: vec![] };
    if let Value::Object(object) = data {
        for selected in fields {
            if let Some(value) = object.get(selected.key.as_str()) {
                let mut path = vec![PathSegment::Field(selected.key.to_string())];
                finder.value(selected, value, &mut path);
            }
        }
    }
    finder.sites
}

struct Finder<'d> {
    sites: Vec<Site<'d>>,
}

impl<'d> Finder<'d> {
    fn value(&mut self, selected: &'d Selected<'d>, value: &Value, path: &mut Path) {
        match value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(PathSegment::Index(index));
                    self.value(selected, item, path);
                    path.pop();
                }
            }
            Value::Object(object) => {
                let Some(fields) = fields_of(&selected.set, object) else {
                    return;
                };
                for inner in fields {
                    let Some(value) = object.get(inner.key.as_str()) else {
                        continue;
                    };
                    match value {
                        Value::String(id) if !inner.joined.is_empty() => {
                            self.found(fields, id, path);
                        }
                        _ => {
                            path.push(PathSegment::Field(inner.key.to_string()));
                            self.value(inner, value, path);
                            path.pop();
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn found(&mut self, fields: &'d Fields<'d>, id: &str, path: &Path) {
        let known = self
            .sites
            .iter()
            .position(|site| ptr::eq(site.fields, fields));
        let index = known.unwrap_or_else(|| {
            self.sites.push(Site {
                fields,
                users: IndexMap::new(),
            });
            self.sites.len() - 1
        });
        let paths = self.sites[index].users.entry(id.to_owned()).or_default();
        // A user with several joined fields is found once for each.
        if paths.last() != Some(path) {
            paths.push(path.clone());
        }
    }
}

impl Site<'_> {
    /// Returns the tokens of the fields to ask for.
    pub fn tokens(&self) -> Vec<Range<usize>> {
        let joined = self.fields.iter().flat_map(|selected| &selected.joined);
        joined.map(|field| field.tokens.clone()).collect()
    }

    /// Returns the keys of its joined fields.
    fn keys(&self) -> HashSet<&str> {
        let joined = self
            .fields
            .iter()
            .filter(|selected| !selected.joined.is_empty());
        joined.map(|selected| selected.key.as_str()).collect()
    }

    /// Returns the representations of the users (Apollo Federation, `_entities`).
    pub fn representations(&self) -> Option<Box<RawValue>> {
        let users: Vec<_> = self
            .users
            .keys()
            .map(|id| json!({"__typename": USER, "id": id}))
            .collect();
        to_raw_value(&users).ok()
    }

    /// Returns where its joined fields are in the answer, and their first tokens in the document.
    pub fn paths(&self) -> impl Iterator<Item = (Path, Vec<usize>)> {
        self.users.values().flatten().flat_map(|path| {
            let joined = self
                .fields
                .iter()
                .filter(|selected| !selected.joined.is_empty());
            joined.map(|selected| {
                let mut path = path.clone();
                path.push(PathSegment::Field(selected.key.to_string()));
                let tokens = selected.joined.iter().map(|field| field.tokens.start);
                (path, tokens.collect())
            })
        })
    }
}

/// The values of joined fields.
#[derive(Default)]
pub struct JoinedValues<'d> {
    sites: Vec<(&'d Fields<'d>, Users)>,
}

/// The users of a site by their ids, and the upstream's fields of each.
type Users = HashMap<String, Object>;

impl<'d> JoinedValues<'d> {
    /// Returns the JSON text of a joined field of a user. `None` if the upstream has no value for it.
    pub fn value(&self, fields: &Fields<'_>, user: &Value, key: &Name) -> Option<&str> {
        let Value::String(id) = user else { return None };
        let mut sites = self.sites.iter();
        let (_, users) = sites.find(|(site, _)| {
            ptr::eq(
                ptr::from_ref(*site).cast::<()>(),
                ptr::from_ref(fields).cast(),
            )
        })?;
        users.get(id)?.get(key.as_str()).map(|raw| raw.get())
    }

    /// Returns where a joined field is null although it may not be, and the first tokens of each.
    pub fn wrong_nulls(
        &self,
        sites: &[Site<'_>],
        facts: &UpstreamFacts,
    ) -> Vec<(Path, Vec<usize>)> {
        let mut wrong = vec![];
        for site in sites {
            for (id, paths) in &site.users {
                let user = Value::String(id.clone());
                for selected in site.fields {
                    let Some(field) = selected.joined.first() else {
                        continue;
                    };
                    let value = self.value(site.fields, &user, selected.key);
                    let is_null = value.is_none_or(|value| value == "null");
                    if !is_null || facts.user_fields.get(&field.name) == Some(&true) {
                        continue;
                    }
                    for path in paths.iter().take(MAX_ERRORS) {
                        let mut path = path.clone();
                        path.push(PathSegment::Field(selected.key.to_string()));
                        let tokens = selected.joined.iter().map(|field| field.tokens.start);
                        wrong.push((path, tokens.collect()));
                    }
                }
            }
        }
        wrong.truncate(MAX_ERRORS);
        wrong
    }

    /// Reads the upstream's answer. Returns the values and the errors, which have the client's paths and positions.
    ///
    /// Fails if the answer does not fit the question, or if values and errors would have more than `max` bytes: each is
    /// written in all places where its user is.
    pub fn read(
        sites: &[Site<'d>],
        answer: UpstreamAnswer,
        document: &JoinedDocument,
        max: usize,
    ) -> Result<(Self, Vec<Box<RawValue>>), UpstreamError> {
        let has_errors = !answer.errors.is_empty();
        let keys: Vec<_> = (0..sites.len()).map(site_key).collect();
        let mut data = match &answer.data {
            UpstreamData::Object(_) => answer.data.values(keys.iter().map(String::as_str)),
            UpstreamData::Missing | UpstreamData::Null => Object::new(),
        };
        let (mut values, mut bytes) = (Self::default(), 0_usize);
        for (key, site) in keys.iter().zip(sites) {
            let wanted = site.keys();
            let users = data
                .shift_remove(key)
                .and_then(|raw| values_of_each(&raw, site.users.len(), &wanted));
            if users.is_none() && !has_errors {
                return Err(UpstreamError::NotGraphql(
                    "it has not one entry for each user",
                ));
            }
            let users = users.unwrap_or_default();
            for (fields, paths) in users.iter().zip(site.users.values()) {
                let fields = fields.iter().flatten();
                let one: usize = fields.map(|(_, raw)| raw.get().len()).sum();
                bytes = bytes.saturating_add(one.saturating_mul(paths.len()));
            }
            if bytes > max {
                return Err(UpstreamError::TooLarge(max));
            }
            let users = site.users.keys().cloned().zip(users);
            let users = users.filter_map(|(id, fields)| Some((id, fields?)));
            values.sites.push((site.fields, users.collect()));
        }
        let problems = answer.errors.into_iter();
        let relocated = problems.flat_map(|problem| relocate(problem, sites, document));
        let mut errors = vec![];
        for error in relocated.take(MAX_ERRORS) {
            bytes = bytes.saturating_add(error.get().len());
            if bytes > max {
                return Err(UpstreamError::TooLarge(max));
            }
            errors.push(error);
        }
        Ok((values, errors))
    }
}

/// Gives an error the client's paths and positions: one error for each place where the user is in the answer. Each is made
/// when it is taken, because a long error of many places is large.
fn relocate<'s>(
    mut problem: UpstreamProblem,
    sites: &'s [Site<'_>],
    document: &JoinedDocument,
) -> impl Iterator<Item = Box<RawValue>> + use<'s> {
    let locations = problem.locations().into_iter();
    let located: Vec<_> = locations
        .filter_map(|location| client_location(location, document))
        .collect();
    problem.set("locations", (!located.is_empty()).then_some(located));
    let path = problem.path();
    let found = path.first().and_then(|key| {
        let key: String = serde_json::from_str(key.get()).ok()?;
        let site = (0..sites.len()).find(|site| site_key(*site) == key)?;
        let user: usize = serde_json::from_str(path.get(1)?.get()).ok()?;
        let (_, paths) = sites[site].users.get_index(user)?;
        Some(paths.as_slice())
    });
    problem.set::<()>("path", None);
    // An error that is of no user has no path.
    let without_path = found.is_none().then_some(None);
    let users = found.unwrap_or_default().iter().map(Some);
    users.chain(without_path).filter_map(move |user| {
        if let Some(user) = user {
            let user = user.iter().filter_map(|segment| match segment {
                PathSegment::Field(key) => to_raw_value(key).ok(),
                PathSegment::Index(index) => to_raw_value(index).ok(),
            });
            let path: Vec<_> = user.chain(path.iter().skip(2).cloned()).collect();
            problem.set("path", Some(path));
        }
        to_raw_value(&problem.0).ok()
    })
}

/// Returns the position in the client's document for one in the document of the joined fields.
fn client_location(location: Location, document: &JoinedDocument) -> Option<Location> {
    let origin = document.origin(Pos {
        line: usize::try_from(location.line).ok()?,
        column: usize::try_from(location.column).ok()?,
    })?;
    Some(Location {
        line: u32::try_from(origin.line).ok()?,
        column: u32::try_from(origin.column).ok()?,
    })
}
