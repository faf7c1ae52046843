//! The service: issues, attenuates, checks and instantly revokes macaroons, and accepts uploads.
//!
//! ```text
//! main → cli → startup → http → authorization → domain → storage → model
//!                                                   ↘ sso, snap    ↗
//!                     `caveats` (bytes and facts in, verdicts out) lies under all of them
//! ```
//!
//! A file names only what stands to its right; `tests/layers.rs` enforces it. A request goes through the route table
//! (`http/mod.rs`) to a handler, which asks [`authorization`] for a proof and hands it to one function of [`domain`].

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
