//! The signature chain.
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
use std::sync::LazyLock;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

pub(crate) use crate::hmac::{Keyed, LENGTH};
use crate::hmac::{half_digest, hmac};

/// A state of the chain: the signature a macaroon has after its identifier and some number of its caveats.
///
/// Whoever has a tail can go on from there, so it *is* the credential that ends at it. It cannot be printed or read;
/// only its [fingerprint](Tail::fingerprint) leaves this crate.
#[derive(Clone)]
pub struct Tail([u8; LENGTH]);

impl Tail {
    /// The first 16 bytes of SHA-256 over the tail: what a revocation list stores. Every credential attenuated from
    /// the one that ends at this tail passes through it, so revoking the fingerprint revokes them all.
    pub fn fingerprint(&self) -> [u8; 16] {
        half_digest(&self.0)
    }

    /// The tail after `identifier` under a derived key.
    pub(crate) fn start(derived_key: &Keyed, identifier: &[u8]) -> Self {
        Self(derived_key.mac(identifier))
    }

    /// The tail after one more first-party caveat.
    pub(crate) fn first_party(&self, caveat_id: &[u8]) -> Self {
        Self(hmac(&self.0, caveat_id))
    }

    /// The tail after one more third-party caveat.
    pub(crate) fn third_party(&self, vid: &[u8], caveat_id: &[u8]) -> Self {
        Self(hmac_of_two(&Keyed::new(&self.0), vid, caveat_id))
    }

    /// The signature of a discharge that ends at `self`, tied to the root that ends at `root`.
    pub(crate) fn bound_to(&self, root: &Tail) -> Self {
        Self(hmac_of_two(&BINDING, &root.0, &self.0))
    }

    /// Equality that takes the same time whatever differs.
    pub(crate) fn equals(&self, other: &Tail) -> bool {
        let (ours, theirs) = (self.0.as_chunks().0.iter(), other.0.as_chunks().0);
        let same =
            |(one, two): (&[u8; 8], &[u8; 8])| u64::from_ne_bytes(*one).ct_eq(&u64::from_ne_bytes(*two));
        ours.zip(theirs).map(same).fold(Choice::from(1), |all, same| all & same).into()
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

impl Zeroize for Tail {
    /// As a slice, which is wiped at once; an array would be wiped byte by byte.
    fn zeroize(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Tail {}

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tail([redacted])")
    }
}

/// The key a chain starts with, from raw key material of any length.
pub(crate) fn derive(raw: &[u8]) -> [u8; LENGTH] {
    hmac(KEY_GENERATOR, raw)
}

fn hmac_of_two(keyed: &Keyed, first: &[u8], second: &[u8]) -> [u8; LENGTH] {
    let mut halves = [keyed.mac(first), keyed.mac(second)];
    let whole = keyed.mac(halves.as_flattened());
    halves.as_flattened_mut().zeroize();
    whole
}

/// The key of every binding, which is no secret.
static BINDING: LazyLock<Keyed> = LazyLock::new(|| Keyed::new(&[0; LENGTH]));

/// libmacaroons' constant, padded with zeroes as Go and libmacaroons do; HMAC pads every short key with zeroes anyway.
const KEY_GENERATOR: &[u8; LENGTH] = b"macaroons-key-generator\0\0\0\0\0\0\0\0\0";
