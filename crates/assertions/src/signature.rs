//! Signatures: an OpenPGP packet of version 4, RSA with SHA-512 over a document's bytes. Reads those of snapd and GnuPG,
//! writes those of snapd.

use crate::armor::{self, ArmorError};
use crate::limits::MAX_SIGNATURE_BYTES;
use crate::packet::{self, Malformed, Reader};

/// A signature that was read and not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    /// The part of the packet that is signed along with the content: from the version to the hashed subpackets.
    hashed: Vec<u8>,
    /// The first two bytes of the digest.
    pub(crate) digest_start: [u8; 2],
    /// The RSA signature; without leading zeros, if GnuPG made it.
    pub(crate) value: Vec<u8>,
}

/// Why a text is no signature that could be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Nothing after the blank line, or a blank line too many at the end.
    #[error("empty")]
    Empty,
    /// More than [`MAX_SIGNATURE_BYTES`].
    #[error("longer than {MAX_SIGNATURE_BYTES} bytes")]
    TooLong,
    /// Not padded base64 in lines of 76 characters.
    #[error("not base64 in lines of 76 characters")]
    Base64,
    /// An encoding other than 1.
    #[error("encoded in version {0}, of which nothing is known")]
    Version(u8),
    /// Not one OpenPGP packet with a signature of version 4, over a binary document.
    #[error("not an OpenPGP signature of version 4 over a document")]
    Packet,
    /// Made with an algorithm other than RSA.
    #[error("not an RSA signature")]
    Algorithm,
    /// Over a digest other than SHA-512.
    #[error("over a digest other than SHA-512")]
    Hash,
    /// Without a creation time, or with two, or with a demand that we don't know.
    #[error("without exactly one creation time, or with a demand that is not understood")]
    Subpackets,
}

impl Signature {
    /// Reads the text of a signature, with or without a newline at the end.
    pub(crate) fn decode(text: &str) -> Result<Self, SignatureError> {
        if text.len() > MAX_SIGNATURE_BYTES {
            return Err(SignatureError::TooLong);
        }
        let text = text.strip_suffix('\n').unwrap_or(text);
        if text.is_empty() {
            return Err(SignatureError::Empty);
        }
        let packet = armor::decode(text)?;
        let body = packet::body(TAG, &packet)?;
        let mut reader = Reader::new(body);
        let [version, kind, algorithm, hash] = reader.array()?;
        if version != PACKET_VERSION || kind != BINARY {
            return Err(SignatureError::Packet);
        }
        if algorithm != RSA {
            return Err(SignatureError::Algorithm);
        }
        if hash != SHA512 {
            return Err(SignatureError::Hash);
        }
        let subpackets = reader.counted()?;
        created_once(subpackets)?;
        let hashed = body.get(..HASHED_START + subpackets.len()).ok_or(SignatureError::Packet)?;
        // Nothing in the other subpackets is signed, so nothing in them counts; but they must be subpackets.
        let mut unhashed = Reader::new(reader.counted()?);
        while !unhashed.is_empty() {
            refuse_unknown_demand(unhashed.subpacket()?.0)?;
        }
        let digest_start = reader.array()?;
        let (bits, value) = reader.number()?;
        // GnuPG counts the bits of the number, golang.org/x/crypto those of the modulus.
        let counted = bits == packet::bits_of(value) || bits == value.len() * 8;
        if !counted || !reader.is_empty() {
            return Err(SignatureError::Packet);
        }
        Ok(Self { hashed: hashed.to_vec(), digest_start, value: value.to_vec() })
    }

    /// The text of a signature, as snapd writes it: without a newline at the end. `value` has the modulus' length.
    pub(crate) fn encode(created: u32, digest_start: [u8; 2], value: &[u8]) -> String {
        let mut body = hashed_part(created);
        body.extend_from_slice(&[0, 0]); // no unhashed subpackets
        body.extend_from_slice(&digest_start);
        let bits = u16::try_from(value.len() * 8).expect("keys have at most 8192 bits");
        body.extend_from_slice(&bits.to_be_bytes());
        body.extend_from_slice(value);
        armor::encode(&packet::packet(TAG, &body))
    }

    /// The bytes that are signed: see [`signed`].
    pub(crate) fn signed(&self, content: &[u8]) -> Vec<u8> {
        signed(content, &self.hashed)
    }
}

/// The bytes that a signature of this creation time over `content` signs.
pub(crate) fn to_sign(content: &[u8], created: u32) -> Vec<u8> {
    signed(content, &hashed_part(created))
}

/// Content, hashed part and trailer (RFC 4880, 5.2.4).
fn signed(content: &[u8], hashed: &[u8]) -> Vec<u8> {
    let length = u32::try_from(hashed.len()).expect("its subpackets have a length of two bytes");
    [content, hashed, &[PACKET_VERSION, 0xFF], &length.to_be_bytes()].concat()
}

/// With a creation time (in seconds since 1970) as its one subpacket.
fn hashed_part(created: u32) -> Vec<u8> {
    let mut hashed = vec![PACKET_VERSION, BINARY, RSA, SHA512, 0, 6, 5, CREATION_TIME];
    hashed.extend_from_slice(&created.to_be_bytes());
    hashed
}

fn created_once(subpackets: &[u8]) -> Result<(), SignatureError> {
    let mut reader = Reader::new(subpackets);
    let mut times = 0;
    while !reader.is_empty() {
        let (kind, body) = reader.subpacket()?;
        refuse_unknown_demand(kind)?;
        if kind & !CRITICAL == CREATION_TIME {
            times += 1;
            if body.len() != 4 {
                return Err(SignatureError::Subpackets);
            }
        }
    }
    if times == 1 { Ok(()) } else { Err(SignatureError::Subpackets) }
}

/// A subpacket is critical if whoever does not know it must not accept the signature.
fn refuse_unknown_demand(kind: u8) -> Result<(), SignatureError> {
    let known = [CREATION_TIME, ISSUER, ISSUER_FINGERPRINT].contains(&(kind & !CRITICAL));
    if known || kind & CRITICAL == 0 { Ok(()) } else { Err(SignatureError::Subpackets) }
}

impl From<Malformed> for SignatureError {
    fn from(_: Malformed) -> Self {
        Self::Packet
    }
}

impl From<ArmorError> for SignatureError {
    fn from(error: ArmorError) -> Self {
        match error {
            ArmorError::Base64 => Self::Base64,
            ArmorError::Version(version) => Self::Version(version),
        }
    }
}

/// The tag of a packet with a signature (RFC 4880, 4.3).
const TAG: u8 = 2;

const PACKET_VERSION: u8 = 4;

/// A signature over a binary document (RFC 4880, 5.2.1).
const BINARY: u8 = 0;

/// The algorithms RSA and SHA-512 (RFC 4880, 9.1 and 9.4).
const RSA: u8 = 1;
const SHA512: u8 = 10;

/// Version, kind, two algorithms and the length of the hashed subpackets.
const HASHED_START: usize = 6;

/// Subpackets (RFC 4880, 5.2.3.1; the fingerprint: RFC 9580, 5.2.3.35).
const CREATION_TIME: u8 = 2;
const ISSUER: u8 = 16;
const ISSUER_FINGERPRINT: u8 = 33;
const CRITICAL: u8 = 0x80;
