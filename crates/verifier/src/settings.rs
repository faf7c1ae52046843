//! What a verifier must know of the service it belongs to.

use std::collections::HashMap;
use std::time::Duration;

use caveats::RootKey;
use model::ids::KeyId;
use model::snap::STORE_LOCATION;
use secrecy::SecretString;

/// How long ago the service may have said that there was nothing more to know, for a credential to be accepted. A revocation
/// is honoured within it after its acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound(Duration);

impl Bound {
    /// A bound: three seconds or more, so that it survives a late word. The service speaks every second, so a shorter one only
    /// makes for more *cannot tell*.
    pub fn new(duration: Duration) -> Bound {
        Bound(duration)
    }

    /// How long it is.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl Default for Bound {
    /// Five seconds.
    fn default() -> Bound {
        Bound(Duration::from_secs(5))
    }
}

/// The text is no URL of a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no URL of a service, such as https://store.example.com")]
pub struct SettingsError(String);

/// What a verifier must know.
#[derive(Debug)]
pub struct Settings {
    pub(crate) url: String,
    pub(crate) credential: SecretString,
    pub(crate) root_keys: HashMap<KeyId, RootKey>,
    pub(crate) bound: Bound,
    pub(crate) skew: Duration,
    pub(crate) store: String,
    pub(crate) sso: String,
}

impl Settings {
    /// For the service at a URL, `http` or `https`, whose feed is followed with a credential: the whole value of an
    /// Authorization header, with the permission `credential_list`.
    pub fn new(url: &str, credential: SecretString) -> Result<Settings, SettingsError> {
        let url = url.trim_end_matches('/');
        let host = ["http://", "https://"].into_iter().find_map(|scheme| url.strip_prefix(scheme));
        let host = host.filter(|host| !host.is_empty()).ok_or_else(|| SettingsError(url.to_owned()))?;
        Ok(Settings {
            url: url.to_owned(),
            credential,
            root_keys: HashMap::new(),
            bound: Bound::default(),
            skew: Duration::from_secs(2),
            store: STORE_LOCATION.to_owned(),
            sso: host.split('/').next().unwrap_or_default().to_owned(),
        })
    }

    /// Accepts what was made with this root key, beside those given before. Its id is the second part of a root's identifier;
    /// `macaroond keys root reveal` prints the key.
    #[must_use]
    pub fn root_key(mut self, id: KeyId, key: RootKey) -> Settings {
        self.root_keys.insert(id, key);
        self
    }

    /// How old a word of the service may be.
    #[must_use]
    pub fn bound(mut self, bound: Bound) -> Settings {
        self.bound = bound;
        self
    }

    /// By how much the service's clock may be ahead of this one: its `tokens.clock_skew`, two seconds by default.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> Settings {
        self.skew = skew;
        self
    }

    /// The locations that caveats name, where the service's `tokens.store_location` and `tokens.sso_location` are set.
    #[must_use]
    pub fn locations(mut self, store: &str, sso: &str) -> Settings {
        (self.store, self.sso) = (store.to_owned(), sso.to_owned());
        self
    }
}
