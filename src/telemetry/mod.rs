//! The log and the metrics.

pub mod document_metrics;
pub mod forward_auth_metrics;
pub mod log;
mod log_queue;
pub mod metrics;
