//! Gatelodge's tests: a real server, a real database, one behaviour a file.
