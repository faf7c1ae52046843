//! `snap-build`: a publisher says that a file is a build of theirs.

use timestamp::Timestamp;

use super::fields::{Fields, TypeError};
use crate::assertion::Assertion;
use crate::digest::encode_digest;
use crate::draft::Draft;
use timestamp::rfc3339;

/// A publisher's word for a file: what `snap sign-build` prints.
#[derive(Debug, Clone)]
pub struct SnapBuild {
    assertion: Assertion,
    authority: String,
    developer_id: Option<String>,
    snap_id: String,
    digest: [u8; 48],
    size: u64,
    grade: String,
    timestamp: Timestamp,
}

impl SnapBuild {
    /// Reads an assertion of the type `snap-build`. Headers that are not known, and a body, are ignored.
    pub fn read(assertion: Assertion) -> Result<Self, TypeError> {
        let fields = Fields::of(&assertion, "snap-build")?;
        Ok(Self {
            authority: fields.authority()?,
            developer_id: fields.optional("developer-id")?.map(str::to_owned),
            snap_id: fields.snap_id("snap-id")?,
            digest: fields.digest("snap-sha3-384")?,
            size: fields.size("snap-size")?,
            grade: fields.non_empty("grade")?,
            timestamp: fields.time("timestamp")?,
            assertion,
        })
    }

    /// The assertion that this was read from.
    pub fn assertion(&self) -> &Assertion {
        &self.assertion
    }

    /// The account that vouches, whose key must have signed.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The account again, as snapd's tools write it.
    pub fn developer_id(&self) -> Option<&str> {
        self.developer_id.as_deref()
    }

    /// The snap that this is a build of.
    pub fn snap_id(&self) -> &str {
        &self.snap_id
    }

    /// The SHA3-384 digest of the file.
    pub fn digest(&self) -> &[u8; 48] {
        &self.digest
    }

    /// The file's length, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether it is meant for everyone (`stable`) or not (`devel`). Another word is possible.
    pub fn grade(&self) -> &str {
        &self.grade
    }

    /// When it was signed, by the clock of whoever signed.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }
}

/// What goes into a `snap-build`.
#[derive(Debug, Clone)]
pub struct NewSnapBuild<'a> {
    /// The account that vouches.
    pub authority: &'a str,
    /// The snap that this is a build of.
    pub snap_id: &'a str,
    /// The SHA3-384 digest of the file.
    pub digest: &'a [u8; 48],
    /// The file's length, in bytes.
    pub size: u64,
    /// `stable` or `devel`.
    pub grade: &'a str,
    /// When it is signed.
    pub timestamp: Timestamp,
}

impl NewSnapBuild<'_> {
    /// The assertion to sign.
    pub fn draft(&self) -> Draft {
        Draft::new("snap-build")
            .authority(self.authority)
            .header("snap-sha3-384", encode_digest(self.digest))
            .header("developer-id", self.authority)
            .header("grade", self.grade)
            .header("snap-id", self.snap_id)
            .header("snap-size", self.size.to_string())
            .header("timestamp", rfc3339::write(self.timestamp))
    }
}
