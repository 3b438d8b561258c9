//! A service that answers with the user who asks.

mod identity;

use std::{env, io};

use axum::{Json, Router, routing::get};
use identity::User;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new().route("/whoami", get(async |user: User| Json(user)));
    let port = env::var("PORT").unwrap_or_else(|_| "9000".to_owned());
    axum::serve(TcpListener::bind(format!("127.0.0.1:{port}")).await?, app).await
}
