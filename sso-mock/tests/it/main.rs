//! The provider over real HTTP: what is promised, then every refusal.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy sees no tests in helpers of tests")]

mod admin;
mod client;
mod discovery;
mod faults;
mod garbage;
mod keys;
mod lifetime;
mod login;
mod program;
mod refresh;
mod support;
