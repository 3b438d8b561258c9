//! Import and export of users.

mod broken_rows;
mod csv_cells;
mod import;
mod import_again;
