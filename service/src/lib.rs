//! The server of macaroond: issues, attenuates, checks and instantly revokes macaroons, and accepts uploads.
//!
//! ```text
//! startup → http → publishing | revoking → authorization → credentials → authority | sso
//!           the crates storage, revocation, model, snap-file, assertions and caveats lie under all of them
//! ```
//!
//! A file names only what stands to its right; `tests/layers.rs` enforces it. A request goes through the route table
//! (`http/mod.rs`) to a handler, which parses, asks [`authorization`] for a proof or lets [`publishing`] or [`revoking`] ask,
//! and answers.

pub mod authority;
pub mod authorization;
pub mod config;
pub mod credentials;
pub mod http;
pub mod publishing;
pub mod revoking;
pub mod sso;
pub mod startup;
pub mod telemetry;
