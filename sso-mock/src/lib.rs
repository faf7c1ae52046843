//! An OpenID Connect provider for tests and for `macaroond dev`: real tokens, invented people.
//!
//! It answers like the provider of an organisation, as far as a service that takes passwords at a terminal asks:
//! discovery, keys, and a token endpoint with the password grant (RFC 6749, 4.3) and the refresh grant (RFC 6749, 6).
//! ID tokens are signed with ES256 or RS256, by keys that are made at the start and can be rotated. Refresh tokens
//! work once, and die with the password they came from. Whatever a real provider does on a bad day, it does when
//! asked: see [`Fault`].
//!
//! It is not for production: everything is kept in memory, there is one client, and whoever has its secret may
//! invent people.
//!
//! # In a test
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use sso_mock::{Fault, NewAccount, OldKeys, Settings, spawn};
//!
//! let provider = spawn(Settings {
//!     accounts: vec![NewAccount {
//!         email: "ada@example.com".to_owned(),
//!         username: "ada".to_owned(),
//!         display_name: "Ada Lovelace".to_owned(),
//!         password: "analytical".to_owned(),
//!         groups: vec!["publisher".to_owned()],
//!         subject: None,
//!     }],
//!     ..Settings::default()
//! })
//! .await?;
//!
//! // Point the client here.
//! let (issuer, id, secret) = (provider.issuer(), provider.client_id(), provider.client_secret());
//! assert!(issuer.starts_with("http://127.0.0.1:"));
//! # let _ = (id, secret);
//!
//! // Things that happen to people.
//! provider.set_password("ada@example.com", "difference").await?;
//! provider.disable("ada@example.com")?;
//!
//! // Things that happen to providers.
//! provider.rotate_keys(OldKeys::Withdraw).await;
//! provider.set_faults(vec![Fault::ServerError]);
//!
//! provider.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # As a program
//!
//! `sso-mock --client-secret-file FILE --accounts FILE.json` prints its issuer URL when it is ready. Tests in other
//! languages do over HTTP what the methods of [`Provider`] do, with the client secret as the password of HTTP Basic:
//!
//! | `POST` | JSON body | answer |
//! | --- | --- | --- |
//! | `/admin/accounts` | a [`NewAccount`] | 201, `{"subject": …}` |
//! | `/admin/password` | `{"email": …, "password": …}` | 204 |
//! | `/admin/disable`, `/admin/enable`, `/admin/delete` | `{"email": …}` | 204 |
//! | `/admin/groups` | `{"email": …, "groups": […]}` | 204 |
//! | `/admin/faults` | `{"faults": ["server_error", {"slow_ms": 1500}]}`; see [`Fault`] | 204 |
//! | `/admin/rotate-keys` | `{"old_keys": "keep"}` or `"withdraw"` | 204 |
//!
//! A refusal is `{"error": …, "error_description": …}`: 400 `invalid_request`, 401 `unauthorized`,
//! 404 `unknown_account`, 409 `taken`.

mod accounts;
mod blocking;
mod clock;
mod faults;
mod http;
mod json;
mod keys;
mod provider;
mod random;
mod refresh_tokens;
mod scope;
mod settings;
mod state;
mod tokens;

pub use accounts::{AccountError, NewAccount};
pub use faults::Fault;
pub use json::MalformedJson;
pub use keys::OldKeys;
pub use provider::{Provider, StartError, spawn};
pub use settings::{Algorithm, Settings};
