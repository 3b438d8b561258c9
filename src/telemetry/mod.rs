//! The log and the metrics.

pub(crate) mod document_metrics;
pub(crate) mod log;
mod log_queue;
pub mod metrics;
