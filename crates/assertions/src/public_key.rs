//! Public keys: the body of an `account-key`, and what a signature is checked with.

use std::fmt;

use ring::signature::{RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents};
use sha2::{Digest as _, Sha512};
use sha3::Sha3_384;

use crate::armor::{self, ArmorError};
use crate::digest::KeyId;
use crate::limits::KEY_BITS;
use crate::packet::{self, Malformed, Reader};
use crate::signature::Signature;

/// An RSA key in the form of snapd: an OpenPGP packet of version 4 whose creation time is always 2016-01-01, so that the
/// same key has the same id wherever it was made.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: KeyId,
    /// Most significant byte first, without leading zeros.
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// Why a text is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not padded base64 in lines of 76 characters, or with something after it.
    #[error("not base64 in lines of 76 characters")]
    Base64,
    /// An encoding other than 1.
    #[error("encoded in version {0}, of which nothing is known")]
    Version(u8),
    /// Not one OpenPGP packet with a public key of version 4, in the form that snapd writes.
    #[error("not an OpenPGP public key of version 4, in the form that snapd writes")]
    Packet,
    /// Of an algorithm other than RSA.
    #[error("not an RSA key")]
    Algorithm,
    /// A creation time other than 2016-01-01T00:00:00Z. The same key would have another id.
    #[error("the key's creation time is not 2016-01-01T00:00:00Z")]
    Created,
    /// Fewer or more bits than [`KEY_BITS`].
    #[error("an RSA key of {0} bits, not of 2048 to 8192")]
    Bits(usize),
    /// An exponent that is even, less than 3 or longer than three bytes.
    #[error("an RSA key with an exponent that is even, less than 3 or longer than 3 bytes")]
    Exponent,
    /// A modulus that is even, which no product of two large primes is.
    #[error("an RSA key with an even modulus")]
    Modulus,
}

impl PublicKey {
    /// Reads the text of a key: the body of an `account-key` or `account-key-request`. The form must be the one that
    /// snapd writes, without a newline at the end.
    pub fn decode(text: &[u8]) -> Result<Self, KeyError> {
        if text.len() > MAX_TEXT {
            return Err(KeyError::Packet);
        }
        let text = std::str::from_utf8(text).map_err(|_| KeyError::Base64)?;
        let packet = armor::decode(text)?;
        let mut body = Reader::new(packet::body(TAG, &packet)?);
        if body.byte()? != PACKET_VERSION {
            return Err(KeyError::Packet);
        }
        if body.array()? != CREATED {
            return Err(KeyError::Created);
        }
        if body.byte()? != RSA {
            return Err(KeyError::Algorithm);
        }
        let modulus = shortest(&mut body)?;
        let exponent = shortest(&mut body)?;
        if !body.is_empty() {
            return Err(KeyError::Packet);
        }
        Self::from_components(modulus, exponent)
    }

    /// From the two numbers, most significant byte first and without leading zeros.
    pub(crate) fn from_components(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let bits = packet::bits_of(modulus);
        if !KEY_BITS.contains(&bits) {
            return Err(KeyError::Bits(bits));
        }
        if !odd(modulus) {
            return Err(KeyError::Modulus);
        }
        // Longer ones no implementation of OpenPGP reads: golang.org/x/crypto, which snapd uses, refuses them.
        if !odd(exponent) || exponent == [1] || exponent.len() > 3 {
            return Err(KeyError::Exponent);
        }
        let digest =
            Sha3_384::new().chain_update([1]).chain_update(encode_packet(modulus, exponent)).finalize();
        Ok(Self { id: KeyId::new(digest.into()), modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    /// The text of the key, as the body of an `account-key` holds it: without a newline at the end.
    pub fn encode(&self) -> String {
        armor::encode(&encode_packet(&self.modulus, &self.exponent))
    }

    /// The name of the key.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The length of its modulus: 4096, if `snap create-key` made it.
    pub fn bits(&self) -> usize {
        packet::bits_of(&self.modulus)
    }

    /// Whether the signature over `content` was made with this key.
    pub(crate) fn verify(&self, content: &[u8], signature: &Signature) -> bool {
        let signed = signature.signed(content);
        // The first bytes of the digest stand in the packet. Comparing them refuses a packet that was tampered with.
        if Sha512::digest(&signed).first_chunk() != Some(&signature.digest_start) {
            return false;
        }
        let Some(value) = padded(&signature.value, self.modulus.len()) else { return false };
        RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent }
            .verify(&RSA_PKCS1_2048_8192_SHA512, &signed, &value)
            .is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {} bits)", self.id, self.bits())
    }
}

/// A number without leading zeros, and with as many bits as it says.
fn shortest<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], KeyError> {
    let (bits, number) = reader.number()?;
    if bits > 0 && bits == packet::bits_of(number) { Ok(number) } else { Err(KeyError::Packet) }
}

fn odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte % 2 == 1)
}

fn encode_packet(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let mut body = vec![PACKET_VERSION];
    body.extend_from_slice(&CREATED);
    body.push(RSA);
    packet::push_number(&mut body, modulus);
    packet::push_number(&mut body, exponent);
    packet::packet(TAG, &body)
}

/// As many bytes as the modulus has: GnuPG leaves leading zeros out.
fn padded(value: &[u8], length: usize) -> Option<Vec<u8>> {
    let missing = length.checked_sub(value.len())?;
    Some([vec![0; missing].as_slice(), value].concat())
}

impl From<Malformed> for KeyError {
    fn from(_: Malformed) -> Self {
        Self::Packet
    }
}

impl From<ArmorError> for KeyError {
    fn from(error: ArmorError) -> Self {
        match error {
            ArmorError::Base64 => Self::Base64,
            ArmorError::Version(version) => Self::Version(version),
        }
    }
}

/// The tag of a packet with a public key (RFC 4880, 4.3).
const TAG: u8 = 6;

const PACKET_VERSION: u8 = 4;

/// The algorithm RSA, for signing and encrypting (RFC 4880, 9.1).
const RSA: u8 = 1;

/// 2016-01-01T00:00:00Z, in seconds since 1970.
const CREATED: [u8; 4] = 1_451_606_400_u32.to_be_bytes();

/// Longer than the text of any key of 8192 bits.
const MAX_TEXT: usize = 2048;
