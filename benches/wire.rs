//! A minimal HTTP client with low and constant overhead.

use std::{
    io::{BufRead, BufReader, Error, Read, Result, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::{Value, json};

/// A connection that is kept alive.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request, reads the whole response and returns its body.
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

/// Returns the bytes of a request with an operation.
pub fn post(query: &str, input: &Value) -> Vec<u8> {
    let body = json!({ "query": query, "variables": { "input": input } }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         accept: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Returns the bytes of a login request.
pub fn login(username: &str, password: &str) -> Vec<u8> {
    let query = "mutation($input: LoginInput!) { login(input: $input) { user { id } userErrors { code } } }";
    post(
        query,
        &json!({ "username": username, "password": password }),
    )
}

/// Returns the bytes of a registration request.
pub fn register(username: &str, password: &str) -> Vec<u8> {
    let query = "mutation($input: RegisterInput!) { register(input: $input) { user { id } userErrors { code } } }";
    let input = json!({ "username": username, "password": password, "confirmPassword": password });
    post(query, &input)
}
