//! `snap-revision`: the store says that it took a file as a revision of a snap.

use timestamp::Timestamp;

use super::fields::{Fields, TypeError, is_dashed};
use crate::assertion::Assertion;
use crate::digest::{decode_digest, encode_digest};
use crate::draft::Draft;
use crate::kind::DEFAULT_PROVENANCE;
use crate::value::Value;
use timestamp::rfc3339;

/// What a store says about a file.
#[derive(Debug, Clone)]
pub struct SnapRevision {
    assertion: Assertion,
    authority: String,
    digest: [u8; 48],
    provenance: String,
    snap_id: String,
    size: u64,
    revision: u64,
    developer_id: String,
    timestamp: Timestamp,
}

impl SnapRevision {
    /// Reads an assertion of the type `snap-revision`.
    pub fn read(assertion: Assertion) -> Result<Self, TypeError> {
        let fields = Fields::of(&assertion, "snap-revision")?;
        let provenance = match assertion.header("provenance") {
            Some(_) => {
                fields.matching("provenance", "letters, digits and single dashes between them", is_dashed)?
            }
            None => DEFAULT_PROVENANCE.to_owned(),
        };
        if !assertion.header("integrity").is_none_or(is_integrity) {
            let expected = "a map with the sha3-384 and the size of integrity data";
            return Err(TypeError::Invalid { header: "integrity", expected });
        }
        Ok(Self {
            authority: fields.authority()?,
            digest: fields.digest("snap-sha3-384")?,
            provenance,
            snap_id: fields.snap_id("snap-id")?,
            size: fields.size("snap-size")?,
            revision: fields.snap_revision("snap-revision")?,
            developer_id: fields.account_id("developer-id")?,
            timestamp: fields.time("timestamp")?,
            assertion,
        })
    }

    /// The assertion that this was read from.
    pub fn assertion(&self) -> &Assertion {
        &self.assertion
    }

    /// The store's account, which vouches; another one, if a snap-declaration lets it.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The SHA3-384 digest of the file.
    pub fn digest(&self) -> &[u8; 48] {
        &self.digest
    }

    /// Which way the file came: `global-upload`, if through the store's own upload.
    pub fn provenance(&self) -> &str {
        &self.provenance
    }

    /// The snap that it is a revision of.
    pub fn snap_id(&self) -> &str {
        &self.snap_id
    }

    /// The file's length, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The revision of the snap, from 1 on. (Not that of the assertion, which [`Assertion::revision`] is.)
    pub fn snap_revision(&self) -> u64 {
        self.revision
    }

    /// The account that uploaded the file.
    pub fn developer_id(&self) -> &str {
        &self.developer_id
    }

    /// When it was signed.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }
}

fn is_integrity(value: &Value) -> bool {
    let entry = |key| value.as_map().and_then(|map| map.get(key)).and_then(Value::as_text);
    entry("sha3-384").is_some_and(|digest| decode_digest(digest).is_ok())
        && entry("size")
            .is_some_and(|size| size.parse::<u64>().is_ok_and(|number| number.to_string() == size))
}

/// What goes into a `snap-revision` that a store signs.
#[derive(Debug, Clone)]
pub struct NewSnapRevision<'a> {
    /// The store's account.
    pub authority: &'a str,
    /// The SHA3-384 digest of the file.
    pub digest: &'a [u8; 48],
    /// The snap that it is a revision of.
    pub snap_id: &'a str,
    /// The file's length, in bytes.
    pub size: u64,
    /// The revision of the snap, from 1 on.
    pub snap_revision: u64,
    /// The account that uploaded the file.
    pub developer_id: &'a str,
    /// When it is signed.
    pub timestamp: Timestamp,
    /// Higher than that of the one it replaces; 0 for the first.
    pub revision: u64,
}

impl NewSnapRevision<'_> {
    /// The assertion to sign.
    pub fn draft(&self) -> Draft {
        Draft::new("snap-revision")
            .authority(self.authority)
            .revision(self.revision)
            .header("snap-sha3-384", encode_digest(self.digest))
            .header("developer-id", self.developer_id)
            .header("snap-id", self.snap_id)
            .header("snap-revision", self.snap_revision.to_string())
            .header("snap-size", self.size.to_string())
            .header("timestamp", rfc3339::write(self.timestamp))
    }
}
