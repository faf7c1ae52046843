//! The service as its clients meet it: real HTTP, a real Redis, a real PostgreSQL, real snap files. A file a journey: what is allowed
//! first, then every refusal.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed assumption of a test should end it, also in a helper, where clippy sees no test"
)]

#[macro_use]
mod support;

mod assertions;
mod branches;
mod database;
mod denial;
mod forgery;
mod forgetting;
mod garbage;
mod homes;
mod issue;
mod lifting;
mod login;
mod logs;
mod meanwhile;
mod name;
mod named;
mod oauth2;
mod outage;
mod own;
mod ownership;
mod pasting;
mod policy;
mod publish;
mod push;
mod refresh;
mod remembering;
mod replicas;
mod revocation;
mod revoking;
mod scope;
mod secured;
mod signed_upload;
mod signing_key;
mod sso;
mod state;
mod store_keys;
mod stream;
mod tracks;
mod unkept;
mod upload;
mod upload_quota;
mod verifier;
mod wire;
