//! Private keys: made, kept sealed by the caller, signed with in constant time.

use std::fmt;

use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA512, RsaKeyPair};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::rand_core::OsRng;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use crate::limits::PRIVATE_KEY_BITS;
use crate::public_key::PublicKey;
use crate::signature::{self, Signature};

/// An RSA key to sign with, of 2048 to 4096 bits; 4096 is what snapd's tools make.
///
/// Only the generation uses the `rsa` crate, whose arithmetic takes a time that depends on the key; signatures are
/// ring's. The encoded key is wiped when dropped. ring does not wipe its own copy.
pub struct PrivateKey {
    pair: RsaKeyPair,
    public: PublicKey,
    pkcs8: Zeroizing<Vec<u8>>,
}

/// Why there is no private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// Fewer or more bits than [`PRIVATE_KEY_BITS`].
    #[error("a signing key has 2048 to 4096 bits, not {0}")]
    Bits(usize),
    /// The system has no random bytes to give.
    #[error("no key can be made: the system gives no random bytes")]
    Random,
    /// Not the PKCS#8 form of a sound RSA key of an accepted size.
    #[error("not a sound RSA key of 2048 to 4096 bits in PKCS#8")]
    Pkcs8,
}

/// A key that could not sign: its numbers do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the private key is unsound")]
pub(crate) struct Unsound;

impl PrivateKey {
    /// Makes a key, from the system's randomness. That takes a second or two for 4096 bits, at times five: keep it off a
    /// thread that others wait for.
    pub fn generate(bits: usize) -> Result<Self, PrivateKeyError> {
        if !PRIVATE_KEY_BITS.contains(&bits) {
            return Err(PrivateKeyError::Bits(bits));
        }
        let key = RsaPrivateKey::new(&mut OsRng, bits).map_err(|_| PrivateKeyError::Random)?;
        let pkcs8 = key.to_pkcs8_der().map_err(|_| PrivateKeyError::Pkcs8)?;
        Self::from_pkcs8(pkcs8.as_bytes())
    }

    /// Reads a key from the binary form of PKCS#8 (RFC 5958).
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, PrivateKeyError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| PrivateKeyError::Pkcs8)?;
        let PublicKeyComponents { n, e }: PublicKeyComponents<Vec<u8>> = pair.public().into();
        let public = PublicKey::from_components(&n, &e).map_err(|_| PrivateKeyError::Pkcs8)?;
        Ok(Self { pair, public, pkcs8: Zeroizing::new(pkcs8.to_vec()) })
    }

    /// The binary form of PKCS#8, for the caller to seal and keep.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The text of a signature over `content`, made at `created` (seconds since 1970). The same arguments give the same
    /// text.
    pub(crate) fn sign(&self, content: &[u8], created: u32) -> Result<String, Unsound> {
        let signed = signature::to_sign(content, created);
        let digest_start = *Sha512::digest(&signed).first_chunk().ok_or(Unsound)?;
        let mut value = vec![0; self.pair.public().modulus_len()];
        // Needs no randomness: the argument is for the other padding.
        self.pair.sign(&RSA_PKCS1_SHA512, &SystemRandom::new(), &signed, &mut value).map_err(|_| Unsound)?;
        Ok(Signature::encode(created, digest_start, &value))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, [redacted])", self.public.id())
    }
}
