//! A new password, from a prompt that shows nothing or from standard input; never from an argument, which every
//! process of the machine can read.

use std::io::{Read, stdin};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    cli::{CliError, other},
    config::ConfigError,
    domain::password::MAX_CHARS,
};

/// Bytes that are read, at most: more than the longest password has, and a line end.
const MOST_BYTES: u64 = 4 * MAX_CHARS as u64 + 3;

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
    let mut text = String::new();
    stdin()
        .take(MOST_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| other(format!("the password cannot be read: {error}")))?;
    let text = SecretString::from(text);
    let line = text.expose_secret();
    let line = line.strip_suffix('\n').unwrap_or(line);
    Ok(line.strip_suffix('\r').unwrap_or(line).into())
}

fn from_prompt() -> Result<SecretString, CliError> {
    let ask = |prompt: &str| {
        let typed = rpassword::prompt_password(prompt).map_err(|_| ConfigError {
            setting: "--password-stdin",
            mend: "needed where there is no terminal to ask for the password".to_owned(),
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
