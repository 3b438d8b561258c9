//! Imports of broken files: every unreadable row is reported with its line, its name and the reason, and the other rows
//! are imported.

use serde_json::json;

use crate::harness::{
    CommandOutput, test,
    transfer::{CHEAP_HASH, import_text, line},
};

#[test]
fn a_bad_row_does_not_stop_an_import_and_a_broken_file_keeps_earlier_rows() {
    test(async |app| {
        let good = |number: u32| line(&format!("{number}"), &format!("good{number}"), &json!({}));
        let lines = [
            good(1),
            "{\"username\":\n".into(),
            "[1,2]\n".into(),
            "\n".into(),
            "{\"username\": 5, \"external_id\": 1}\n".into(),
            "{\"external_id\":9,\"username\":\"x\",\"password_hash\":\"!\",\"nickname\":\"y\"}\n"
                .into(),
            good(2),
        ]
        .concat();
        let ran = import_text(app, "jsonl", &lines, &[]);
        assert!(
            ran.error.contains(
                "2 imported (0 without a usable password), 0 were here already, 4 refused"
            ),
            "{}",
            ran.error
        );

        let csv = format!(
            "username,external_id,password_hash,disabled\ncsv1,c1,{CHEAP_HASH},no\ncsv2,c2,{CHEAP_HASH}\ncsv3,c3,{CHEAP_HASH},perhaps\n\"cs\nv4\",c4,{CHEAP_HASH},\ncsv5,c5,{CHEAP_HASH},\n"
        );
        let ran = import_text(app, "csv", &csv, &[]);
        assert!(
            ran.error.contains(
                "2 imported (0 without a usable password), 0 were here already, 3 refused"
            ),
            "{}",
            ran.error
        );
        assert!(
            ran.error
                .contains("refused: 3 \"csv2\": it has 3 fields, and the header has 4"),
            "{}",
            ran.error
        );
        for header in [
            "username",
            "username,password_hash,nickname",
            "username,password_hash,username",
        ] {
            let ran = import_text(app, "csv", &format!("{header}\nx,y,z\n"), &[]);
            assert_eq!(ran.status, 1);
            assert!(
                ran.error
                    .contains("the file cannot be read after its beginning"),
                "{}",
                ran.error
            );
        }

        let element = |pk: &str, name: &str| {
            format!(
                r#"{{"model":"auth.user","pk":{pk},"fields":{{"username":"{name}","password":"{CHEAP_HASH}"}}}}"#
            )
        };
        let dump = format!(
            r#"[{{"model":"auth.group","pk":1,"fields":{{"name":"x"}}}},{},{{"model":"auth.user","pk":2}},7,{},{{"model":"auth.user","pk":3,"fie"#,
            element("1001", "django1"),
            element("\"u-2\"", "django2")
        );
        let ran = import_text(app, "django", &dump, &[]);
        assert_eq!(ran.status, 1);
        assert!(
            ran.error.contains(
                "2 imported (0 without a usable password), 0 were here already, 2 refused"
            ),
            "{}",
            ran.error
        );
        assert!(
            ran.error
                .contains("the file cannot be read after element 5"),
            "{}",
            ran.error
        );
        assert_eq!(app.database.db_count("users").await, 6);
        for file in ["", "{}", "null", "[}"] {
            assert_eq!(import_text(app, "django", file, &[]).status, 1, "{file}");
        }
    });
}

#[test]
fn an_unreadable_row_is_reported_with_its_name_and_the_reason() {
    test(async |app| {
        let lines = [
            line("1", "null-hash", &json!({ "password_hash": null })),
            r#"{"external_id":2,"username":"no-hash"}"#.to_owned() + "\n",
            line("3", "kind", &json!({ "disabled": "no" })),
            line("4", "unknown", &json!({ "hash": "!" })),
            line("5", "twice", &json!({})).replace('}', ",\"username\":\"again\"}"),
            line("6", "cut", &json!({})).replace('}', ""),
            line("7", "surrogate", &json!({})).replace('}', r#","last_name":"\ud800"}"#),
            line("8", "deep", &json!({})).replace('}', &format!(",\"email\":{}}}", deep())),
        ]
        .concat();
        let bytes = [lines.as_bytes(), &broken_utf_8("9")].concat();
        let ran = import_text(app, "jsonl", &bytes, &[]);
        assert_refused(
            &ran,
            &[
                r#"2 "no-hash": it has no password hash"#,
                r#"3 "kind": disabled has a value of a wrong kind"#,
                r#"4 "unknown": unknown field `hash`, expected one of"#,
                r#"5 "again": duplicate field `username`"#,
                r#"6 "": it is broken at column"#,
                r#"7 "": it is broken at column"#,
                r#"8 "": email has a value of a wrong kind"#,
                r#"9 "": it is not UTF-8 after byte"#,
            ],
        );
        // A missing value is a user without a password, like an empty field of CSV.
        assert!(ran.error.contains("1 imported (1 without"), "{}", ran.error);
        assert!(!ran.error.contains(CHEAP_HASH), "{}", ran.error);

        let csv = [
            format!("username,password_hash,external_id,email\nfew,{CHEAP_HASH}\n").as_bytes(),
            format!("many,{CHEAP_HASH},c2,a@b,more\n").as_bytes(),
            format!("latin,{CHEAP_HASH},c3,").as_bytes(),
            b"zo\xeb@example.com\n",
            b"zo\xeb,!,c4,\n",
            b",!,c5,\nempty,,c6,\n",
        ]
        .concat();
        let ran = import_text(app, "csv", &csv, &[]);
        assert_refused(
            &ran,
            &[
                r#"2 "few": it has 2 fields, and the header has 4"#,
                r#"3 "many": it has 5 fields, and the header has 4"#,
                r#"4 "latin": email is not UTF-8"#,
                "5 \"zo\u{fffd}\": username is not UTF-8",
                r#"6 "": it has no username"#,
            ],
        );
        assert!(ran.error.contains("1 imported (1 without"), "{}", ran.error);
    });
}

#[test]
fn an_unreadable_element_of_a_dump_is_one_user_and_the_next_one_is_imported() {
    test(async |app| {
        let element = |pk: &str, name: &str, more: &str| {
            format!(
                r#"{{"model":"auth.user","pk":{pk},"fields":{{"username":"{name}","password":"{CHEAP_HASH}"{more}}}}}"#
            )
        };
        let dump = [
            &element("1", "good1", "")[..],
            r#"{"model":"auth.user","pk":2,"fields":{"username":"null-hash","password":null}}"#,
            r#"{"model":"auth.user","pk":3,"fields":{"username":"no-hash"}}"#,
            r#"{"model":"auth.user","fields":{"username":"no-pk","password":"!"}}"#,
            r#"{"model":"auth.user","pk":5,"fields":{"password":"!"}}"#,
            &element("6", "kind", r#","is_active":"yes""#),
            &element("7", "surrogate", r#","last_name":"\ud800\"]}""#),
            &element("8", "deep", &format!(",\"bio\":{}", deep())),
            r#"{"model":"auth.group","pk":1,"fields":{"name":"admins"}}"#,
            "[1,2]",
            &element("11", "good11", ""),
        ]
        .join(",\n");
        let bytes = format!("[{dump}]");
        let errors = tempfile::NamedTempFile::new().unwrap();
        let more = ["--errors", errors.path().to_str().unwrap()];
        let ran = import_text(app, "django", &bytes, &more);
        assert_refused(
            &ran,
            &[
                r#"2 "null-hash": it has no password hash"#,
                r#"3 "no-hash": it has no password hash"#,
                r#"4 "no-pk": it has no pk: dump without --natural-primary"#,
                r#"5 "": it has no username"#,
                r#"6 "kind": fields.is_active has a value of a wrong kind"#,
                r#"7 "": it is broken at column"#,
                r#"8 "": it is broken at column"#,
                r#"10 "": it is not an object with fields"#,
            ],
        );
        assert!(ran.error.contains("2 imported (0 without"), "{}", ran.error);
        let ids: Vec<_> = std::fs::read_to_string(errors.path())
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|refused| refused["externalId"].as_str().unwrap_or("-").to_owned())
            .collect();
        assert_eq!(ids, ["2", "3", "-", "5", "6", "-", "-", "-"]);

        // Custom models are recognized by their passwords, and one of their users may have none.
        let custom = format!(
            r#"[7,{{"model":"shop.item","pk":1,"fields":{{}}}},{}{}]"#,
            element("21", "custom", "").replace("auth.user", "shop.user"),
            r#",{"model":"shop.user","pk":22,"fields":{"username":"bare"}},{"model":"shop.item","pk":2,"fields":{}}"#,
        );
        let ran = import_text(app, "django", &custom, &[]);
        assert_refused(
            &ran,
            &[
                r#"1 "": it is not an object with fields"#,
                r#"4 "bare": it has no password hash"#,
            ],
        );
        assert!(ran.error.contains("1 imported"), "{}", ran.error);
    });
}

#[test]
fn a_broken_array_ends_the_import_at_the_break() {
    test(async |app| {
        let person = |number: u32| {
            format!(
                r#"{{"model":"auth.user","pk":{number},"fields":{{"username":"p{number}","password":"!"}}}}"#
            )
        };
        let (one, two) = (person(1), person(2));
        for (file, told) in [
            (
                format!("[{one},{two}"),
                "after element 2: EOF while parsing a list at line 1 column 142",
            ),
            (
                format!("[{one},"),
                "after element 1: EOF while parsing a value",
            ),
            (
                format!("[{one},{}", &two[..20]),
                "after element 1: EOF while parsing",
            ),
            (
                format!("[{one}{two}]"),
                "after element 1: expected `,` or `]`",
            ),
            (
                format!("[{one}}},{two}]"),
                "after element 1: expected `,` or `]`",
            ),
            (format!("[{one},]"), "after element 1: trailing comma"),
            (format!("[,{one}]"), "after element 0: expected value"),
            (
                format!("[{one}] [{two}]"),
                "after element 1: trailing characters",
            ),
            (one.clone(), "after element 0: it is not a JSON array"),
            (
                "\"hunter2\"".to_owned(),
                "after element 0: it is not a JSON array",
            ),
            (String::new(), "after element 0: EOF while parsing a value"),
            (
                format!("[{one},\"{}\"]", "x".repeat(17 * 1024 * 1024)),
                "after element 1: a row is longer than 16 MiB",
            ),
        ] {
            let ran = import_text(app, "django", &file, &["--dry-run"]);
            assert_eq!(ran.status, 1, "{told}: {}", ran.error);
            let told = format!("the file cannot be read {told}");
            assert!(ran.error.contains(&told), "{told}: {}", ran.error);
        }
    });
}

#[test]
fn a_byte_order_mark_is_skipped_and_utf_16_is_named() {
    test(async |app| {
        let header = "username,password_hash,external_id";
        let files = [
            ("jsonl", line("1", "jsonl", &json!({}))),
            ("csv", format!("{header}\ncsv,{CHEAP_HASH},2\n")),
            (
                "django",
                r#"[{"model":"auth.user","pk":3,"fields":{"username":"django","password":"!"}}]"#
                    .to_owned(),
            ),
        ];
        for (format, file) in &files {
            let ran = import_text(app, format, &format!("\u{feff}{file}"), &[]);
            assert_eq!(ran.status, 0, "{format}: {}", ran.error);
            assert!(ran.error.contains("1 rows: 1 imported"), "{}", ran.error);
        }
        for (format, file) in &files {
            let units: Vec<_> = format!("\u{feff}{file}").encode_utf16().collect();
            let little: Vec<_> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<_> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            for bytes in [little, big] {
                let ran = import_text(app, format, &bytes, &[]);
                assert_eq!(ran.status, 1, "{}", ran.error);
                assert!(
                    ran.error.contains(
                        "the file is UTF-16: convert it to UTF-8, for instance by `iconv"
                    ),
                    "{}",
                    ran.error
                );
            }
            // Too short to recognize.
            assert_ne!(import_text(app, format, b"\xff", &[]).status, 0);
        }
    });
}

/// Returns JSON that is nested deeper than parsers allow.
fn deep() -> String {
    "[".repeat(1000) + &"]".repeat(1000)
}

/// Returns a line of JSON lines with half a character.
fn broken_utf_8(external_id: &str) -> Vec<u8> {
    let line = line(external_id, "broken", &json!({ "email": "?" }));
    line.bytes()
        .map(|byte| if byte == b'?' { 0xc3 } else { byte })
        .collect()
}

/// Asserts that exactly these rows were refused, in this order, by the beginnings of the messages.
fn assert_refused(ran: &CommandOutput, expected: &[&str]) {
    assert_eq!(ran.status, 1, "{}", ran.error);
    let told: Vec<_> = ran
        .error
        .lines()
        .filter_map(|line| line.strip_prefix("refused: "))
        .collect();
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}: {expected}");
    }
}
