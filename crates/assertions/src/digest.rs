//! SHA3-384 digests as assertions write them: 64 characters of URL-safe base64, for files and for keys.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Length of a SHA3-384 digest, in bytes.
const BYTES: usize = 48;

/// A text that is no digest: not 64 characters of `[A-Za-z0-9_-]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA3-384 digest: 64 letters, digits, '-' and '_'")]
pub struct DigestError;

/// The text of a SHA3-384 digest in a header such as `snap-sha3-384`: URL-safe base64 without padding.
pub fn encode_digest(digest: &[u8; BYTES]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

/// The digest whose text this is. 48 bytes fill 64 characters, so that each digest has exactly one text.
pub fn decode_digest(text: &str) -> Result<[u8; BYTES], DigestError> {
    let mut digest = [0; BYTES];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut digest) {
        Ok(BYTES) => Ok(digest),
        _ => Err(DigestError),
    }
}

/// The name of a public key: the SHA3-384 digest over its encoded form (the byte 0x01 and the OpenPGP packet). What
/// `sign-key-sha3-384` and `public-key-sha3-384` hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; BYTES]);

impl KeyId {
    pub(crate) fn new(digest: [u8; BYTES]) -> Self {
        Self(digest)
    }

    /// The digest itself.
    pub fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_digest(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decode_digest(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "-CvQKAwRQ5h3Ffn10FILJoEZUXOv6km9FwA80-Rcj-f-6jadQ89VRswHNiEB9Lxk";

    #[test]
    fn the_text_of_a_digest_is_read_and_written() {
        let id: KeyId = ROOT.parse().unwrap();
        assert_eq!(id.to_string(), ROOT);
        assert_eq!(format!("{id:?}"), format!("KeyId({ROOT})"));
        assert_eq!(decode_digest(&encode_digest(&[7; 48])), Ok([7; 48]));
    }

    #[test]
    fn other_lengths_alphabets_and_paddings_are_refused() {
        let others = [
            "",
            &ROOT[1..],
            &format!("{ROOT}A"),
            &format!("{ROOT}AAAA"),
            &ROOT.replace('-', "+"),
            &format!("{}=", &ROOT[1..]),
            &format!(" {}", &ROOT[1..]),
        ];
        for other in others {
            assert_eq!(other.parse::<KeyId>(), Err(DigestError), "{other}");
        }
    }
}
