//! What a provider is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use crate::accounts::NewAccount;
use crate::random;

/// What a provider is started with. The default listens on a free port of 127.0.0.1, has a random client secret,
/// signs with ES256 and knows nobody.
#[derive(Clone)]
pub struct Settings {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The issuer URL, where it is not `http://HOST:PORT` of the socket: behind a proxy, or in a container. It must
    /// be an `http` or `https` URL without query and fragment (OpenID Connect Discovery 1.0, 3) and is repeated
    /// to the letter. If it has a path, what forwards requests to here must strip it.
    pub issuer: Option<String>,
    /// The id of the one client.
    pub client_id: String,
    /// The secret of the one client; it also opens `/admin/`. Must not be empty.
    pub client_secret: String,
    /// Who exists from the start.
    pub accounts: Vec<NewAccount>,
    /// How ID tokens are signed.
    pub algorithm: Algorithm,
}

/// How ID tokens are signed (RFC 7518, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256. Its keys are made in no time.
    #[default]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and 2048 bits. Making a key takes up to a second or so.
    Rs256,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            issuer: None,
            client_id: "macaroond".to_owned(),
            client_secret: random::secret(),
            accounts: Vec::new(),
            algorithm: Algorithm::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("listen", &self.listen)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("client_secret", &"[redacted]")
            .field("accounts", &self.accounts)
            .field("algorithm", &self.algorithm)
            .finish()
    }
}
