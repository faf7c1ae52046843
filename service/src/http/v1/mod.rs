//! Our own API.
pub mod revocations;
