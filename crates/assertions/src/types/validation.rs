//! `validation`: the publisher of one snap approves a revision of another, whose updates it has a say in.

use timestamp::Timestamp;

use super::fields::{Fields, TypeError};
use crate::assertion::Assertion;

/// A publisher's approval of somebody else's revision.
#[derive(Debug, Clone)]
pub struct Validation {
    assertion: Assertion,
    authority: String,
    series: String,
    snap_id: String,
    approved_snap_id: String,
    approved_snap_revision: u64,
    revoked: bool,
    timestamp: Timestamp,
}

impl Validation {
    /// Reads an assertion of the type `validation`.
    pub fn read(assertion: Assertion) -> Result<Self, TypeError> {
        let fields = Fields::of(&assertion, "validation")?;
        Ok(Self {
            authority: fields.authority()?,
            series: fields.series()?,
            snap_id: fields.snap_id("snap-id")?,
            approved_snap_id: fields.snap_id("approved-snap-id")?,
            approved_snap_revision: fields.snap_revision("approved-snap-revision")?,
            revoked: fields.flag("revoked")?,
            timestamp: fields.time("timestamp")?,
            assertion,
        })
    }

    /// The assertion that this was read from.
    pub fn assertion(&self) -> &Assertion {
        &self.assertion
    }

    /// The account that approves: the publisher of the gating snap.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The series that it holds for.
    pub fn series(&self) -> &str {
        &self.series
    }

    /// The gating snap.
    pub fn snap_id(&self) -> &str {
        &self.snap_id
    }

    /// The gated snap, of which a revision is approved.
    pub fn approved_snap_id(&self) -> &str {
        &self.approved_snap_id
    }

    /// The approved revision.
    pub fn approved_snap_revision(&self) -> u64 {
        self.approved_snap_revision
    }

    /// Whether the approval is taken back.
    pub fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// When it was signed, by the clock of whoever signed.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }
}
