//! The signature chain: the only file that names a hash.
//!
//! The construction is that of libmacaroons and Go's macaroon.v2, with `H(k, m)` = HMAC-SHA256:
//!
//! | step | formula |
//! | --- | --- |
//! | derived key | `H("macaroons-key-generator", raw key)` |
//! | identifier | `H(derived key, identifier)` |
//! | first-party caveat | `H(tail, caveat id)` |
//! | third-party caveat | `H(tail, H(tail, vid) ‖ H(tail, caveat id))` |
//! | binding | `H(0³², H(0³², root's tail) ‖ H(0³², discharge's tail))` |

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Length of a key, a signature and a tail, in bytes.
pub(crate) const LENGTH: usize = 32;

/// A state of the chain: the signature a macaroon has after its identifier and some number of its caveats.
///
/// Whoever has a tail can go on from there, so it *is* the credential that ends at it. It cannot be printed or read;
/// only its [fingerprint](Tail::fingerprint) leaves this crate.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Tail([u8; LENGTH]);

impl Tail {
    /// The first 16 bytes of SHA-256 over the tail: what a revocation list stores. Every credential attenuated from
    /// the one that ends at this tail passes through it, so revoking the fingerprint revokes them all.
    pub fn fingerprint(&self) -> [u8; 16] {
        first_half(Sha256::digest(self.0).into())
    }

    /// The tail after `identifier` under a derived key.
    pub(crate) fn start(derived_key: &[u8; LENGTH], identifier: &[u8]) -> Self {
        Self(hmac(derived_key, &[identifier]))
    }

    /// The tail after one more first-party caveat.
    pub(crate) fn first_party(&self, caveat_id: &[u8]) -> Self {
        Self(hmac(&self.0, &[caveat_id]))
    }

    /// The tail after one more third-party caveat.
    pub(crate) fn third_party(&self, vid: &[u8], caveat_id: &[u8]) -> Self {
        Self(hmac_of_two(&self.0, vid, caveat_id))
    }

    /// The signature of a discharge that ends at `self`, tied to the root that ends at `root`.
    pub(crate) fn bound_to(&self, root: &Tail) -> Self {
        Self(hmac_of_two(&[0; LENGTH], &root.0, &self.0))
    }

    /// Equality that takes the same time whatever differs.
    pub(crate) fn equals(&self, other: &Tail) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// A tail as read from a macaroon.
    pub(crate) fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes, for writing the signature field and for sealing a caveat key.
    pub(crate) fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tail([redacted])")
    }
}

/// The key a chain starts with, from raw key material of any length.
pub(crate) fn derive(raw: &[u8]) -> [u8; LENGTH] {
    hmac(KEY_GENERATOR, &[raw])
}

fn hmac_of_two(key: &[u8], first: &[u8], second: &[u8]) -> [u8; LENGTH] {
    let keyed = keyed(key);
    let mut halves = [finish(keyed.clone(), &[first]), finish(keyed.clone(), &[second])];
    let whole = finish(keyed, &[halves.as_flattened()]);
    halves.zeroize();
    whole
}

fn hmac(key: &[u8], message: &[&[u8]]) -> [u8; LENGTH] {
    finish(keyed(key), message)
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn finish(mut state: Hmac<Sha256>, message: &[&[u8]]) -> [u8; LENGTH] {
    for part in message {
        state.update(part);
    }
    state.finalize().into_bytes().into()
}

fn first_half(digest: [u8; LENGTH]) -> [u8; 16] {
    *digest.first_chunk().expect("16 of 32 bytes")
}

/// Go and libmacaroons pad this constant with zeroes to 32 bytes; HMAC pads every short key with zeroes anyway.
const KEY_GENERATOR: &[u8] = b"macaroons-key-generator";
