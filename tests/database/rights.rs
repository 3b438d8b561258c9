//! A database user that lacks a right: the message names the right, the object, the user and the statement that grants it.

use std::{
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::Output,
};

use serde_json::json;
use url::Url;

use crate::harness::{Program, TestDatabase, gatelodge, on_every_database};

const REGISTER: &str = "mutation { register(input: { username: \"ada\", password: \"correct horse\", confirmPassword: \"correct horse\" }) { user { id } } }";
/// Words of the libraries, which say nothing to an operator.
const LIBRARY_WORDS: [&str; 5] = [
    "Execution Error",
    "Query Error",
    "returned from database",
    "sqlx",
    "SqlxError",
];

/// A user of the server who has no right on the database yet.
struct Limited {
    name: String,
    url: String,
    database: TestDatabase,
}

impl Limited {
    async fn create(database: &TestDatabase) -> Self {
        let mut url = Url::parse(&database.url).unwrap();
        let name = url.path().replace("/gatelodge_test_", "app_");
        let name = name[..20].to_owned();
        url.set_username(&name).unwrap();
        url.set_password(Some("pass")).unwrap();
        let limited = Self {
            name,
            url: url.into(),
            database: database.clone(),
        };
        let user = limited.user();
        if limited.is_mysql() {
            limited
                .db_run(&format!("CREATE USER {user} IDENTIFIED BY 'pass'"))
                .await;
        } else {
            limited
                .db_run(&format!("CREATE ROLE {user} LOGIN PASSWORD 'pass'"))
                .await;
        }
        limited
    }

    fn is_mysql(&self) -> bool {
        self.database.name() == "mysql"
    }

    /// The user as statements write it.
    fn user(&self) -> String {
        if self.is_mysql() {
            format!("'{}'@'127.0.0.1'", self.name)
        } else {
            self.name.clone()
        }
    }

    async fn db_run(&self, sql: &str) {
        self.database.db_execute(sql).await;
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let directory = tempfile::tempdir().unwrap();
        gatelodge(&directory)
            .env("DATABASE_URL", &self.url)
            .env("GATELODGE_LISTEN", "127.0.0.1:0")
            .args(arguments)
            .output()
            .unwrap()
    }

    async fn drop_it(&self) {
        let user = self.user();
        if self.is_mysql() {
            self.db_run(&format!("DROP USER {user}")).await;
        } else {
            self.db_run(&format!("DROP OWNED BY {user}; DROP ROLE {user}"))
                .await;
        }
    }
}

/// The message of a command that ended with status 1.
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }
    for word in LIBRARY_WORDS {
        assert!(!said.contains(word), "{word:?} is in {said}");
    }
}

#[test]
fn a_user_who_may_not_create_tables_is_told_so_at_start_and_by_migrate() {
    on_every_database(async |database| {
        if database.is_sqlite() || database.direct.is_some() {
            return;
        }
        let limited = Limited::create(&database).await;
        let user = limited.user();
        let name = Url::parse(&database.url).unwrap().path()[1..].to_owned();
        if limited.is_mysql() {
            refused(
                &limited.run(&["serve"]),
                &[&limited.name, &name, "GRANT ALL ON"],
            );
            let grant = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO {user}");
            limited.db_run(&grant).await;
        }
        for command in [&["serve"][..], &["migrate", "up"]] {
            let output = limited.run(command);
            if limited.is_mysql() {
                refused(
                    &output,
                    &[&user, "lacks CREATE", "GRANT CREATE, ALTER, DROP"],
                );
            } else {
                let grant = format!("GRANT CREATE ON SCHEMA public TO {user};");
                refused(
                    &output,
                    &[&user, "lacks CREATE on the schema public", &grant],
                );
            }
        }
        if !limited.is_mysql() {
            limited
                .db_run("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
                .await;
            let grant = format!("GRANT USAGE, CREATE ON SCHEMA public TO {user};");
            refused(
                &limited.run(&["serve"]),
                &["lacks USAGE on the schema public", &grant],
            );
        }
        limited.drop_it().await;
    });
}

#[test]
fn a_user_who_lacks_rights_on_tables_is_told_all_of_them_at_start_and_one_while_serving() {
    on_every_database(async |database| {
        if database.is_sqlite() || database.direct.is_some() {
            return;
        }
        let migrated = gatelodge(&tempfile::tempdir().unwrap())
            .env("DATABASE_URL", &database.url)
            .args(["migrate", "up"])
            .status();
        assert!(migrated.unwrap().success());
        let limited = Limited::create(&database).await;
        let user = limited.user();
        let name = Url::parse(&database.url).unwrap().path()[1..].to_owned();
        if !limited.is_mysql() {
            // The table that a start reads first is one of all that are named.
            let words = [
                &*user,
                "SELECT on the table `seaql_migrations`",
                "DELETE on the table `sessions`",
            ];
            refused(&limited.run(&["serve"]), &words);
            refused(&limited.run(&["user", "list"]), &words);
            limited
                .db_run(&format!("REVOKE CONNECT ON DATABASE {name} FROM PUBLIC"))
                .await;
            let grant = format!("GRANT CONNECT ON DATABASE \"{name}\" TO {user};");
            refused(&limited.run(&["serve"]), &[&grant]);
            limited.db_run(&grant).await;
        }
        let tables = database
            .db_column::<String>(if limited.is_mysql() {
                "SELECT CONVERT(table_name USING utf8mb4) FROM information_schema.tables WHERE table_schema = DATABASE()"
            } else {
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'"
            })
            .await;
        for table in tables {
            let rights = match table.as_str() {
                "users" => "SELECT, UPDATE, DELETE",
                "sessions" => "SELECT, INSERT",
                _ => "SELECT, INSERT, UPDATE, DELETE",
            };
            limited
                .db_run(&format!("GRANT {rights} ON {table} TO {user}"))
                .await;
        }
        let users = format!("GRANT INSERT ON users TO {user};");
        let sessions = format!("GRANT UPDATE, DELETE ON sessions TO {user};");
        refused(
            &limited.run(&["serve"]),
            &[
                &user,
                "INSERT on the table `users`",
                "UPDATE, DELETE on the table `sessions`",
                &users,
                &sessions,
            ],
        );

        limited.db_run(users.trim_end_matches(';')).await;
        limited.db_run(sessions.trim_end_matches(';')).await;
        let served = Program::start(&[("DATABASE_URL", &limited.url)]);
        limited
            .db_run(&format!("REVOKE INSERT ON users FROM {user}"))
            .await;
        let (_, reply) = served.ask(None, REGISTER, json!({})).await;
        assert_eq!(
            reply["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR",
            "{reply}"
        );
        assert!(!reply.to_string().contains("INSERT"), "{reply}");
        let (_, log) = served.stop();
        let line = log.lines().find(|line| line.contains("\"ERROR\"")).unwrap();
        let words = if limited.is_mysql() {
            [
                &*limited.name,
                "lacks INSERT on the table",
                "GRANT INSERT ON",
            ]
        } else {
            // PostgreSQL names neither the user nor the right.
            [
                "the user in DATABASE_URL",
                "INSERT, UPDATE or DELETE on the table `users`",
                "GRANT SELECT, INSERT",
            ]
        };
        for word in words {
            assert!(line.contains(word), "{word:?} is not in {line} ({name})");
        }
        for word in LIBRARY_WORDS {
            assert!(!line.contains(word), "{word:?} is in {line}");
        }
        limited.drop_it().await;
    });
}

#[test]
fn a_sqlite_file_or_folder_that_may_not_be_written_is_named_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kept.db");
    let run = |path: &std::path::Path, other: bool| {
        let here = tempfile::tempdir().unwrap();
        let mut command = gatelodge(&here);
        command
            .current_dir("/")
            .env(
                "DATABASE_URL",
                format!("sqlite://{}?mode=rwc", path.display()),
            )
            .args(["migrate", "up"]);
        if other && is_root() {
            // Root may write everywhere.
            command.uid(65534).gid(65534);
        }
        command.output().unwrap()
    };
    assert_eq!(run(&path, false).status.code(), Some(0));
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(directory.path(), 0o755);
    mode(&path, 0o444);
    let name = path.display().to_string();
    refused(
        &run(&path, true),
        &[&name, "cannot write to the file", "chown"],
    );
    mode(&path, 0o666);
    mode(directory.path(), 0o555);
    let folder = directory.path().display().to_string();
    refused(
        &run(&path, true),
        &[&folder, "create files in the folder", "chown"],
    );
    let new = directory.path().join("new.db");
    refused(
        &run(&new, true),
        &["cannot create the file", "new.db", "chown"],
    );
    mode(directory.path(), 0o755);
    let nowhere = directory.path().join("no/new.db");
    refused(
        &run(&nowhere, false),
        &["no/new.db", "folder does not exist"],
    );
}

fn is_root() -> bool {
    let id = std::process::Command::new("id").arg("-u").output();
    id.unwrap().stdout == b"0\n"
}
