//! The three stacks of layers: GraphQL, forward-auth, and public documents. A request's path chooses its stack.
//!
//! Each stack has the checks that its requests need. The origin check and the CSRF layer of GraphQL would refuse every
//! request of a proxy, which has the headers of the original request, and every fetch of a public document by a page.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use axum::{Router, extract::Request, response::Response, routing::future::RouteFuture};
use tower::Service;

use super::gate::{forward_auth, public_documents};

/// Passes each request to one of three routers.
#[derive(Clone)]
pub struct Stacks {
    /// GraphQL, and all paths that no other stack has.
    pub graphql: Router,
    /// Forward-auth.
    pub forward_auth: Router,
    /// The documents that verify identity tokens.
    pub public_documents: Router,
}

impl Service<Request> for Stacks {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let path = request.uri().path();
        let stack = if forward_auth::policy_segment(path).is_some() {
            &mut self.forward_auth
        } else if public_documents::PATHS.contains(&path) {
            &mut self.public_documents
        } else {
            &mut self.graphql
        };
        stack.call(request)
    }
}
