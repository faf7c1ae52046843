//! The `macaroond` program.
fn main() {}
