//! Operations that clients send over a WebSocket. Only the service behind the gate runs them.

use apollo_compiler::ast::OperationType;
use async_graphql::ServerError;

use super::{Executor, OneEndpoint, error};
use crate::graphql::{
    error_code::ErrorCode,
    guard::{Admitted, OperationRequest},
    operation_log,
    split::Side,
};

impl Executor {
    /// Returns the service behind the gate, if there is one.
    pub fn upstream(&self) -> Option<&OneEndpoint> {
        self.upstream.as_ref()
    }

    /// Checks an operation that came over a WebSocket, and returns the request for the service, in JSON.
    ///
    /// Mutations are refused: a socket cannot set a cookie, and a client cannot know whether one has run when its socket
    /// breaks. So are fields of Gatelodge itself.
    pub fn over_socket(&self, request: &OperationRequest) -> Result<String, Vec<ServerError>> {
        let refused = |code, message: &str| Err(vec![error(code, message)]);
        let own =
            "Fields of Gatelodge itself are not available over a WebSocket. Send them by POST";
        let admitted = self.guard.admit(request);
        let admitted = admitted
            .map_err(|refusals| refusals.into_iter().map(Into::into).collect::<Vec<_>>())?;
        let (plan, roots) = match admitted {
            Admitted::Own { operation, .. } => {
                return if operation.is_mutation() {
                    refused(ErrorCode::MethodNotAllowed, MUTATION)
                } else {
                    refused(ErrorCode::ValidationFailed, own)
                };
            }
            Admitted::Shared { plan, roots, .. } => (plan, roots),
        };
        operation_log::record(plan.kind.name(), plan.name.as_deref());
        if plan.kind == OperationType::Mutation {
            return refused(ErrorCode::MethodNotAllowed, MUTATION);
        }
        let names: Vec<_> = roots
            .iter()
            .filter(|root| root.side != Side::Upstream)
            .map(|root| root.name.as_str())
            .collect();
        let (Some(part), Some(upstream)) = (&plan.upstream, &self.upstream) else {
            return refused(ErrorCode::ValidationFailed, own);
        };
        if plan.own.is_some() || plan.introspection.is_some() {
            let message = format!("{own}: {}", names.join(", "));
            return refused(ErrorCode::ValidationFailed, &message);
        }
        let body = upstream.body(
            &part.text,
            plan.name.as_deref(),
            &part.variables,
            vec![],
            request,
        );
        body.map_err(|failed| {
            tracing::error!(error = %failed, "an operation cannot be forwarded");
            let code = ErrorCode::InternalServerError;
            vec![error(code, "Internal server error")]
        })
    }
}

const MUTATION: &str = "A mutation cannot be sent over a WebSocket. Send it by POST";
