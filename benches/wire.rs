//! A client as plain as can be: what it costs is next to nothing, and always the same.

use std::{
    io::{BufRead, BufReader, Error, Read, Result, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::{Value, json};

/// One connection that is kept alive.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and reads its answer to the end; the body.
    pub fn ask(&mut self, request: &[u8]) -> Result<String> {
        self.0.get_mut().write_all(request)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(Error::other)?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        String::from_utf8(body).map_err(Error::other)
    }
}

/// An operation, as bytes to send.
pub fn post(query: &str, input: &Value) -> Vec<u8> {
    let body = json!({ "query": query, "variables": { "input": input } }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         accept: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A login.
pub fn login(username: &str, password: &str) -> Vec<u8> {
    let query = "mutation($input: LoginInput!) { login(input: $input) { user { id } userErrors { code } } }";
    post(
        query,
        &json!({ "username": username, "password": password }),
    )
}

/// A registration.
pub fn register(username: &str, password: &str) -> Vec<u8> {
    let query = "mutation($input: RegisterInput!) { register(input: $input) { user { id } userErrors { code } } }";
    let input = json!({ "username": username, "password": password, "confirmPassword": password });
    post(query, &input)
}
