//! Signing keys: made at the start and at each rotation, published as a JWK set (RFC 7517).

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{EncodingKey, Header};
use p256::pkcs8::EncodePrivateKey as _;
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::rand_core::OsRng;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::blocking::blocking;
use crate::settings::Algorithm;

/// What a rotation does with the keys that signed until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldKeys {
    /// They stay published, so that tokens under way can still be checked.
    Keep,
    /// They are published no more, as if they had been stolen.
    Withdraw,
}

/// The keys of a provider.
pub(crate) struct Keys {
    algorithm: Algorithm,
    published: RwLock<Published>,
    /// Never published.
    foreign: OnceCell<SigningKey>,
}

struct Published {
    current: Arc<SigningKey>,
    old: Vec<Jwk>,
}

/// One key pair.
pub(crate) struct SigningKey {
    algorithm: Algorithm,
    private: EncodingKey,
    public: Jwk,
    public_pem: String,
}

impl Keys {
    /// Makes the first.
    pub(crate) async fn new(algorithm: Algorithm) -> Keys {
        let current = Arc::new(SigningKey::generate(algorithm).await);
        let published = RwLock::new(Published { current, old: Vec::new() });
        Keys { algorithm, published, foreign: OnceCell::new() }
    }

    /// How they sign.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that signs now.
    pub(crate) fn current(&self) -> Arc<SigningKey> {
        Arc::clone(&self.published.read().unwrap_or_else(PoisonError::into_inner).current)
    }

    /// A key that is not ours to sign with; made when first asked for.
    pub(crate) async fn foreign(&self) -> &SigningKey {
        self.foreign.get_or_init(|| SigningKey::generate(self.algorithm)).await
    }

    /// The public halves; the current key first.
    pub(crate) fn published(&self) -> JwkSet {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner);
        let mut keys = vec![published.current.public.clone()];
        keys.extend(published.old.iter().cloned());
        JwkSet { keys }
    }

    /// Makes a key that signs from now on.
    pub(crate) async fn rotate(&self, old: OldKeys) {
        let new = Arc::new(SigningKey::generate(self.algorithm).await);
        let mut published = self.published.write().unwrap_or_else(PoisonError::into_inner);
        let last = std::mem::replace(&mut published.current, new);
        match old {
            OldKeys::Keep => published.old.insert(0, last.public.clone()),
            OldKeys::Withdraw => published.old.clear(),
        }
    }
}

impl SigningKey {
    async fn generate(algorithm: Algorithm) -> SigningKey {
        blocking(move || match algorithm {
            Algorithm::Es256 => SigningKey::es256(),
            Algorithm::Rs256 => SigningKey::rs256(),
        })
        .await
    }

    fn es256() -> SigningKey {
        let key = p256::SecretKey::random(&mut OsRng);
        let private = key.to_pkcs8_der().expect("a fresh key can be encoded");
        let private = EncodingKey::from_ec_der(private.as_bytes());
        let public_pem = key.public_key().to_public_key_pem(LineEnding::LF);
        SigningKey::new(Algorithm::Es256, private, public_pem.expect("a fresh key can be encoded"))
    }

    fn rs256() -> SigningKey {
        let key = RsaPrivateKey::new(&mut OsRng, RSA_BITS).expect("keys of this size can be had");
        let private = key.to_pkcs1_der().expect("a fresh key can be encoded");
        let private = EncodingKey::from_rsa_der(private.as_bytes());
        let public_pem = key.to_public_key().to_public_key_pem(LineEnding::LF);
        SigningKey::new(Algorithm::Rs256, private, public_pem.expect("a fresh key can be encoded"))
    }

    /// The key id is the key's thumbprint (RFC 7638).
    fn new(algorithm: Algorithm, private: EncodingKey, public_pem: String) -> SigningKey {
        let public = Jwk::from_encoding_key(&private, algorithm.into());
        let mut public = public.expect("a fresh key has a public half");
        let thumbprint = public.thumbprint(ThumbprintHash::SHA256).expect("a fresh key has a thumbprint");
        public.common.key_id = Some(thumbprint);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        SigningKey { algorithm, private, public, public_pem }
    }

    /// The header of what it signs.
    pub(crate) fn header(&self) -> Header {
        Header { kid: self.public.common.key_id.clone(), ..Header::new(self.algorithm.into()) }
    }

    /// The private half.
    pub(crate) fn private(&self) -> &EncodingKey {
        &self.private
    }

    /// The public half as text (RFC 7468, 13).
    pub(crate) fn public_pem(&self) -> &str {
        &self.public_pem
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
        match algorithm {
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        }
    }
}

const RSA_BITS: usize = 2048;
