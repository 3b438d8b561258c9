//! CSV exports whose cells a spreadsheet does not run.

use serde_json::json;

use crate::harness::{
    test,
    transfer::{export, import_text, line},
};

#[test]
fn an_exported_cell_that_a_spreadsheet_would_run_has_an_apostrophe_and_is_read_back() {
    test(async |app| {
        let fields = json!({ "first_name": "=HYPERLINK(\"http://evil.test\")", "last_name": "'t Hooft", "email": "@b" });
        let row = line("-1", "+ada", &fields);
        assert_eq!(import_text(app, "jsonl", &row, &[]).status, 0);
        let written = export(app, "jsonl");
        let csv = export(app, "csv");
        for cell in ["'-1,", ",'+ada,", ",'@b,", ",\"'=HYPERLINK", ",''t Hooft"] {
            assert!(csv.contains(cell), "{cell}: {csv}");
        }
        app.database.db_execute("DELETE FROM sessions").await;
        app.database.db_execute("DELETE FROM users").await;
        let ran = import_text(app, "csv", &csv, &[]);
        assert_eq!(ran.status, 0, "{}", ran.error);
        assert_eq!(export(app, "jsonl"), written);
    });
}

#[test]
fn apostrophes_in_files_of_other_systems_are_kept() {
    test(async |app| {
        let header = "username,external_id,password_hash,last_name";
        let file = format!("{header}\nada,1,,''t Hooft\n");
        let ran = import_text(app, "csv", &file, &[]);
        assert_eq!(ran.status, 0, "{}", ran.error);
        assert!(export(app, "jsonl").contains("\"''t Hooft\""));
    });
}
