//! Reads a new password from a hidden prompt or from standard input. It is never an argument, because every process on
//! the machine can read arguments.

use std::{
    fmt::Display,
    io::{Read, stdin},
};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    cli::{CliError, other},
    config::ConfigError,
    domain::password::{MAX_CHARS, PasswordError},
};

/// The maximum of bytes of a password with its line end.
const MAX_BYTES: usize = 4 * MAX_CHARS + 2;

/// The source of the password.
#[derive(Args, Debug)]
pub struct PasswordSource {
    /// Read the password from standard input, without its line end [default: prompt for it twice]
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordSource {
    /// Reads the password.
    pub fn read(&self) -> Result<SecretString, CliError> {
        if self.password_stdin {
            from_stdin()
        } else {
            from_prompt()
        }
    }
}

fn from_stdin() -> Result<SecretString, CliError> {
    let unreadable = |error: &dyn Display| other(format!("the password cannot be read: {error}"));
    let mut bytes = vec![];
    stdin()
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    if bytes.len() > MAX_BYTES {
        return Err(other(PasswordError::TooLong));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable(&"it is not valid UTF-8"))?;
    let text = SecretString::from(text);
    let line = text.expose_secret();
    // A carriage return is removed with the line feed after it. Alone it is part of the password.
    let end = line.strip_suffix("\r\n").or(line.strip_suffix('\n'));
    Ok(end.unwrap_or(line).into())
}

fn from_prompt() -> Result<SecretString, CliError> {
    let prompt = |prompt: &str| {
        let typed = rpassword::prompt_password(prompt).map_err(|_| ConfigError {
            setting: "--password-stdin",
            problem: "is required, because there is no terminal to ask for the password".to_owned(),
        })?;
        Ok::<SecretString, CliError>(typed.into())
    };
    let password = prompt("New password: ")?;
    let repeated = prompt("Repeat the password: ")?;
    // The same user typed both, so they need no comparison in constant time.
    if password.expose_secret() == repeated.expose_secret() {
        Ok(password)
    } else {
        Err(other("the two passwords differ"))
    }
}
