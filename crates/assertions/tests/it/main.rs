//! The crate as its callers meet it. A file a subject: what is allowed first, then every refusal.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed assumption of a test should end it, also in a helper, where clippy sees no test"
)]

mod chain;
mod chain_keys;
mod keys;
mod limits;
mod properties;
mod signing;
mod stream;
mod support;
mod vectors;
