//! Lists that can grow, a page at a time: Relay's connections, newest first.

use std::str::FromStr;

use async_graphql::{
    OutputType,
    connection::{self, Edge},
};

use crate::{auth::Failure, graphql::error::ResolverError};

/// A page.
pub type Connection<T> = connection::Connection<String, T>;

/// Nodes of a page, when nobody says how many.
const USUAL: u32 = 20;
/// Nodes of a page, at most.
const MAX: u32 = 100;

/// Fetches a page: of `first` nodes, after the one whose cursor is `after`. A node's cursor is its id.
///
/// One node more than asked for is fetched: it tells whether there is a next page.
pub async fn page<T, R, Id>(
    first: Option<u32>,
    after: Option<String>,
    fetch: impl AsyncFnOnce(Option<Id>, u64) -> Result<Vec<R>, Failure>,
    node: impl Fn(R) -> (Id, T),
) -> Result<Connection<T>, ResolverError>
where
    T: OutputType,
    Id: FromStr + ToString,
{
    let first = first.unwrap_or(USUAL).min(MAX);
    let after = after.map(|after| after.parse()).transpose();
    let after: Option<Id> = after.map_err(|_| ResolverError::Input("`after` is no cursor"))?;
    let is_first_page = after.is_none();
    let mut rows = fetch(after, u64::from(first) + 1).await?;
    let has_more = rows.len() > first as usize;
    rows.truncate(first as usize);
    let mut connection = Connection::new(!is_first_page, has_more);
    connection.edges.extend(rows.into_iter().map(|row| {
        let (id, node) = node(row);
        Edge::new(id.to_string(), node)
    }));
    Ok(connection)
}
