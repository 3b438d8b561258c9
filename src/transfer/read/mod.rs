//! Reading files of users, row by row.

pub(crate) mod budget;
pub(crate) mod csv;
pub(crate) mod django;
pub(crate) mod encoding;
pub(crate) mod jsonl;
