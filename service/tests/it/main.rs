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
mod garbage;
mod issue;
mod lifting;
mod login;
mod logs;
mod name;
mod not_implemented;
mod oauth2;
mod outage;
mod ownership;
mod policy;
mod pruning;
mod publish;
mod push;
mod redis_failover;
mod redis_tls_acl;
mod refresh;
mod replicas;
mod retention;
mod revocation;
mod revoke_by_name;
mod revoke_by_text;
mod revoke_self;
mod revoked_mid_request;
mod revoking;
mod scope;
mod signed_upload;
mod signing_key;
mod sso;
mod state;
mod store_keys;
mod stream;
mod tracks;
mod upload;
mod upload_quota;
mod verifier;
mod wire;
