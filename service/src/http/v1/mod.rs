//! What no store has: our own endpoints, where unknown members are refused.
pub mod journal;
pub mod keys;
pub mod lift;
pub mod paste;
pub mod policy;
pub mod revocations;
pub mod revoke_self;
pub mod stream;
mod told;
