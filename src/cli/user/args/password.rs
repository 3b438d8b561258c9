//! A new password, from a prompt that shows nothing or from standard input; never from an argument, which every
//! process of the machine can read.

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

/// Bytes of the longest password, and a line end.
const MAX_BYTES: usize = 4 * MAX_CHARS + 2;

/// Where the password comes from.
#[derive(Args, Debug)]
pub struct PasswordSource {
    /// Read the password from standard input, less one line end; else it is asked for twice
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
    let text = String::from_utf8(bytes).map_err(|_| unreadable(&"it is no UTF-8"))?;
    let text = SecretString::from(text);
    let line = text.expose_secret();
    // A carriage return is one with the line feed after it, and alone a part of the password.
    let end = line.strip_suffix("\r\n").or(line.strip_suffix('\n'));
    Ok(end.unwrap_or(line).into())
}

fn from_prompt() -> Result<SecretString, CliError> {
    let ask = |prompt: &str| {
        let typed = rpassword::prompt_password(prompt).map_err(|_| ConfigError {
            setting: "--password-stdin",
            problem: "needed where there is no terminal to ask for the password".to_owned(),
        })?;
        Ok::<SecretString, CliError>(typed.into())
    };
    let password = ask("New password: ")?;
    let again = ask("The same again: ")?;
    // Both were typed by one person at one prompt: there is no secret to compare in constant time.
    if password.expose_secret() == again.expose_secret() {
        Ok(password)
    } else {
        Err(other("the two passwords differ"))
    }
}
