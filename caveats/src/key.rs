//! Keys that chains start with. Knows no file, no ring of keys and no randomness: raw material comes from the caller.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::chain::{self, Keyed};

/// The key a macaroon is minted and verified with: 32 bytes, derived, wiped when dropped.
///
/// The same type keys a root (the service's secret) and a discharge (the caveat key that issuer and third party share).
/// There is no way to read the bytes back, and no equality: a key is only ever used.
#[derive(Clone)]
pub struct RootKey {
    bytes: [u8; chain::LENGTH],
    /// The same, ready for the first step of a chain. A service keeps its keys, so this is done once for many requests.
    keyed: Keyed,
}

impl RootKey {
    /// Derives the key from raw material of any length, as libmacaroons and Go's macaroon.v2 do:
    /// `HMAC-SHA256("macaroons-key-generator", raw)`. Use at least 24 random bytes; the caller wipes its own copy.
    pub fn derive(raw: &[u8]) -> Self {
        Self::from_derived(chain::derive(raw))
    }

    /// A key that was already derived: what a third-party caveat's vid holds.
    pub(crate) fn from_derived(bytes: [u8; chain::LENGTH]) -> Self {
        Self { bytes, keyed: Keyed::new(&bytes) }
    }

    pub(crate) fn as_bytes(&self) -> &[u8; chain::LENGTH] {
        &self.bytes
    }

    pub(crate) fn keyed(&self) -> &Keyed {
        &self.keyed
    }
}

impl Zeroize for RootKey {
    /// As a slice, which is wiped at once; an array would be wiped byte by byte.
    fn zeroize(&mut self) {
        self.bytes.as_mut_slice().zeroize();
        self.keyed.zeroize();
    }
}

impl Drop for RootKey {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for RootKey {}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey([redacted])")
    }
}
