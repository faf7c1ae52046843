//! The organisation's OpenID Connect provider, as we call it: password and refresh grants, ID tokens, keys.
//!
//! Passwords pass through to it and are never kept. A provider that cannot be asked is [`SsoError::Unavailable`],
//! never a wrong password.

mod id_token;
mod provider;

use secrecy::SecretString;

pub use provider::Provider;

use model::account::Role;
use model::clock::Clock;

/// What we need to know of the provider.
#[derive(Debug, Clone)]
pub struct SsoSettings {
    /// Its issuer URL, to the letter as it stands in its ID tokens.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there.
    pub client_secret: SecretString,
    /// Which of its groups make a role here.
    pub groups: Vec<(String, Role)>,
}

/// A grant that was given. Whom it is about is told by [`Provider::identify`].
#[derive(Debug)]
pub struct Grant {
    /// The ID token, unless the provider left it out (it may, on a refresh). Nothing about it is checked.
    id_token: Option<SecretString>,
    /// What to refresh with next time, if the provider gave one.
    pub refresh_token: Option<SecretString>,
}

/// A grant that was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// The provider says no: wrong password, disabled account, dead refresh token.
    #[error("the SSO refused")]
    Refused,
    /// The provider could not be asked, or its answer could not be believed.
    #[error("the SSO could not be asked")]
    Unavailable,
}

impl Provider {
    /// A client of this provider. Nothing is asked yet.
    pub fn connect(settings: SsoSettings, clock: Clock) -> Result<Provider, reqwest::Error> {
        Provider::new(settings, clock)
    }
}
