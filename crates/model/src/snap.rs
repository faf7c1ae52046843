//! Snaps: their names, what a snap file says of itself, digests, revisions, and where they were released.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caveats::Channel;
use timestamp::Timestamp;

use super::ids::{AccountId, PushId, SnapId, UploadId};

/// The one series of snaps, which stands in names, answers and assertions.
pub const SERIES: &str = "16";
/// What the macaroons of a store say they are from, unless its settings say otherwise: what clients know.
pub const STORE_LOCATION: &str = "myapps.developer.ubuntu.com";

/// The name of a snap: lower-case letters, digits and hyphens, at most 40.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapName(String);

/// Why a text cannot be the name of a snap; each continues the sentence "it should …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Too long, or empty.
    #[error("have between 1 and 40 characters")]
    Length,
    /// A character that may not be there, or no letter at all.
    #[error("only have ASCII lower-case letters, digits and hyphens, and at least one letter")]
    Letters,
    /// A hyphen at its start or end.
    #[error("not start or end with a hyphen")]
    Edges,
    /// Two hyphens in a row.
    #[error("not have two hyphens in a row")]
    Hyphens,
}

impl SnapName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SnapName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<SnapName, InvalidName> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=40).contains(&text.chars().count()) {
            return Err(InvalidName::Length);
        }
        if !text.bytes().all(allowed) || !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Err(InvalidName::Letters);
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(InvalidName::Edges);
        }
        if text.contains("--") {
            return Err(InvalidName::Hyphens);
        }
        Ok(SnapName(text.to_owned()))
    }
}

impl fmt::Display for SnapName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A registered snap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snap {
    /// Its id, for good.
    pub id: SnapId,
    /// Its name.
    pub name: SnapName,
    /// Its publisher.
    pub account: AccountId,
    /// Whether only the publisher may see it.
    pub private: bool,
    /// When the name was registered.
    pub registered_at: Timestamp,
}

/// SHA3-384 of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest384(pub [u8; 48]);

/// The text is not 96 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA3-384 digest in hexadecimal")]
pub struct InvalidDigest;

impl Digest384 {
    /// As records and the store's JSON spell it: lower-case hexadecimal.
    pub fn hex(&self) -> String {
        self.to_string()
    }

    /// As assertions spell it: base64url without padding.
    pub fn base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl FromStr for Digest384 {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Digest384, InvalidDigest> {
        let mut bytes = [0_u8; 48];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(InvalidDigest);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let digit =
                |letter: u8| char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (high, low) = (digit(*high).ok_or(InvalidDigest)?, digit(*low).ok_or(InvalidDigest)?);
            *byte = high << 4 | low;
        }
        Ok(Digest384(bytes))
    }
}

impl fmt::Display for Digest384 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest384 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest384({self})")
    }
}

/// What a snap file says of itself in `meta/snap.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapMeta {
    /// The snap it wants to be a revision of.
    pub name: SnapName,
    /// Its version, as the publisher counts.
    pub version: String,
    /// The base snap it runs on.
    pub base: Option<String>,
    /// `strict`, `classic` or `devmode`.
    pub confinement: String,
    /// `stable` or `devel`.
    pub grade: String,
    /// The architectures it runs on, or `all`; never empty.
    pub architectures: Vec<String>,
}

/// A file in the blob store that may become a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedFile {
    /// Its name in the blob store; whoever knows it may claim it.
    pub id: UploadId,
    /// What it holds.
    pub digest: Digest384,
    /// How many bytes.
    pub size: u64,
    /// When it came.
    pub received_at: Timestamp,
    /// When a push claimed it; it serves once.
    pub claimed_at: Option<Timestamp>,
    /// What came along with it as an assertion, unchecked: text of anybody.
    pub assertion: Option<String>,
}

/// The least that a file counts as, in bytes, in the quota of its sender: one of a byte takes an inode and a row, too.
pub const LEAST_WEIGHT: u64 = 16 * 1024;

/// As how many bytes a file of so many counts, those of its assertion among them.
pub fn weight(bytes: u64) -> u64 {
    bytes.max(LEAST_WEIGHT)
}

impl ReceivedFile {
    /// As how many bytes it counts.
    pub fn weight(&self) -> u64 {
        let assertion = self.assertion.as_ref().map_or(0, String::len);
        weight(self.size.saturating_add(u64::try_from(assertion).unwrap_or(u64::MAX)))
    }
}

/// A revision: a file that was accepted for a snap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// 1, 2, 3, … within its snap.
    pub number: i64,
    /// The file.
    pub upload: UploadId,
    /// What the file holds.
    pub digest: Digest384,
    /// Its size in bytes.
    pub size: u64,
    /// What it says of itself.
    pub meta: SnapMeta,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// The outcome of one push, which clients poll for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Readable by whoever knows it.
    pub id: PushId,
    /// The snap it was for.
    pub snap: SnapId,
    /// What became of it.
    pub outcome: Outcome,
    /// Why an accepted one would have been refused, were its package's policy not only observed.
    pub observed: Option<String>,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is this revision.
    Accepted(i64),
    /// Its snap has this very file already, as this revision.
    Duplicate(i64),
    /// It was a delta, which is not put together here: the client sends the whole file.
    DeltaUnsupported,
    /// It was refused, in a sentence that its client prints.
    Refused(String),
    /// It waits for its publisher's signature.
    Waiting {
        /// Until when, at most.
        until: Timestamp,
    },
}

/// One line of a snap's release history: from that moment on a channel showed a revision, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// For which architecture.
    pub architecture: String,
    /// Where.
    pub channel: Channel,
    /// What; `None` closed the channel.
    pub revision: Option<i64>,
    /// Since when.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_snapd_would_refuse_are_refused_with_their_reason() {
        for good in ["a", "hello-world", "0ad", "x2", &"a".repeat(40)] {
            assert_eq!(good.parse::<SnapName>().unwrap().as_str(), good);
        }
        for (bad, reason) in [
            ("", InvalidName::Length),
            (&*"a".repeat(41), InvalidName::Length),
            ("Hello", InvalidName::Letters),
            ("123", InvalidName::Letters),
            ("hellö", InvalidName::Letters),
            ("a b", InvalidName::Letters),
            ("../x", InvalidName::Letters),
            ("-a", InvalidName::Edges),
            ("a-", InvalidName::Edges),
            ("a--b", InvalidName::Hyphens),
        ] {
            assert_eq!(bad.parse::<SnapName>(), Err(reason), "{bad}");
        }
    }

    #[test]
    fn a_digest_survives_its_spelling() {
        let digest = Digest384(std::array::from_fn(|i| u8::try_from(i * 5).unwrap()));
        assert_eq!(digest.hex().parse::<Digest384>(), Ok(digest));
        assert_eq!(digest.base64url().len(), 64);
        for bad in ["", "ab", &"g".repeat(96), &"a".repeat(97), &"é".repeat(48)] {
            assert_eq!(bad.parse::<Digest384>(), Err(InvalidDigest));
        }
    }
}
