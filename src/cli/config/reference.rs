//! docs/settings.md, made from the same source as `--help`. A test compares it.

use std::fmt::Write;

use clap::CommandFactory;

use crate::{
    cli::Cli,
    config::{
        file::tables::TABLES,
        setting::{self, Setting},
    },
};

/// What the page says before the lists.
const INTRODUCTION: &str = include_str!("introduction.md");

/// Returns the page.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let settings = setting::of_command(&Cli::command());
    let mut heading = "";
    for setting in settings.iter().filter(|setting| !setting.is_hidden) {
        if setting.heading != heading {
            heading = &setting.heading;
            let _ = write!(
                page,
                "\n## {heading}\n\n| key | flag | variable | default | meaning |\n|---|---|---|---|---|\n"
            );
        }
        page += &row(setting);
    }
    page += "\n## Tables\n\nTables have no flag and no variable. They come after all other keys of the file.\n";
    for table in TABLES {
        let heading = table.heading();
        let _ = write!(
            page,
            "\n### `{heading}`\n\n{}\n\n| key | default | meaning |\n|---|---|---|\n",
            table.meaning
        );
        for (key, default, meaning) in table.keys {
            let _ = writeln!(page, "| `{key}` | {default} | {meaning} |");
        }
    }
    page
}

/// Returns the row of a setting.
fn row(setting: &Setting) -> String {
    let Setting { key, variable, .. } = setting;
    let help = setting.help.replace('\n', " ").replace('|', "\\|");
    let (meaning, computed) = match help.split_once(" [default: ") {
        Some((meaning, default)) => (meaning, default.strip_suffix(']')),
        None => (help.as_str(), None),
    };
    let fixed = || {
        setting
            .default
            .as_ref()
            .map(|default| format!("`{default}`"))
    };
    let default = computed.map(with_marked_flags).or_else(fixed);
    let default = default.unwrap_or_else(|| "none".to_owned());
    let words: Vec<_> = setting
        .words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect();
    let words = if words.is_empty() {
        String::new()
    } else {
        format!(" Values: {}.", words.join(", "))
    };
    let meaning = with_marked_flags(meaning);
    format!("| `{key}` | `--{key}` | `{variable}` | {default} | {meaning}.{words} |\n")
}

/// Marks the flags in a text as code.
fn with_marked_flags(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let flag = word.trim_end_matches(['.', ',']);
        if flag.starts_with("--") {
            format!("`{flag}`{}", &word[flag.len()..])
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
