//! Relay connections: pages of long lists, newest first.

use std::str::FromStr;

use async_graphql::{
    OutputType,
    connection::{self, Edge},
};

use crate::{auth::Failure, graphql::error::ResolverError};

/// One page of a list.
pub type Connection<T> = connection::Connection<String, T>;

/// The number of nodes of a page if the client gives none.
const DEFAULT: u32 = 20;
/// The maximum number of nodes of a page.
const MAX: u32 = 100;

/// Fetches a page of `first` nodes after the node with the cursor `after`. A node's cursor is its id.
///
/// Fetches one node more than requested, to find out whether there is a next page.
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
    let first = first.unwrap_or(DEFAULT).min(MAX);
    let after = after.map(|after| after.parse()).transpose();
    let after: Option<Id> =
        after.map_err(|_| ResolverError::Input("`after` is not a valid cursor"))?;
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
