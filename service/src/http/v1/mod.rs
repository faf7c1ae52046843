//! Our own API.
pub mod revocations;
pub mod stream;
