//! Finding an assertion that the store or a publisher has signed, by type and primary key, and the snap it is about.

use assertions::{Assertion, decode_digest};

use model::ids::SnapId;
use model::snap::{Digest384, SERIES};
use storage::records::{Records, StorageError};

/// The types that there are assertions of, with the parts of their primary keys.
pub const TYPES: [(&str, &[&str]); 5] = [
    ("account", &["account-id"]),
    ("account-key", &["public-key-sha3-384"]),
    ("snap-build", &["snap-sha3-384"]),
    ("snap-declaration", &["series", "snap-id"]),
    ("snap-revision", &["snap-sha3-384", "provenance"]),
];

/// What a snap-revision's second part is, if it is left out.
const PROVENANCE: &str = "global-upload";

/// An assertion is not there, or could not be looked for.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// There are none of this type.
    #[error("no assertions of this type")]
    NoSuchType,
    /// The primary key has other parts.
    #[error("the primary key consists of {}", .0.join(" and "))]
    Parts(&'static [&'static str]),
    /// There is no such assertion.
    #[error("no such assertion")]
    NotFound,
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// An assertion that was found.
#[derive(Debug)]
pub struct Said {
    /// It.
    pub assertion: Assertion,
    /// The snap it is about, if that is private.
    pub private: Option<SnapId>,
}

/// Finds an assertion.
pub async fn find(records: &Records, kind: &str, key: &[&str]) -> Result<Said, FindError> {
    let (kind, parts) = TYPES.into_iter().find(|(name, _)| *name == kind).ok_or(FindError::NoSuchType)?;
    let text = match (kind, key) {
        ("snap-build", [digest]) => match decode_digest(digest) {
            Ok(digest) => records.accepted_build(Digest384(digest)).await?,
            Err(_) => None,
        },
        ("snap-revision", [digest]) => records.assertion(kind, &format!("{digest}/{PROVENANCE}")).await?,
        (_, key) if key.len() == parts.len() => records.assertion(kind, &key.join("/")).await?,
        _ => return Err(FindError::Parts(parts)),
    };
    let text = text.ok_or(FindError::NotFound)?;
    let assertion = Assertion::decode(text.as_bytes()).map_err(|_| StorageError::Corrupt("assertion"))?;
    let private = match assertion.text("snap-id").and_then(|id| id.parse().ok()) {
        Some(snap) => records.snap_by_id(&snap).await?.filter(|snap| snap.private).map(|snap| snap.id),
        None => None,
    };
    Ok(Said { assertion, private })
}

/// Where an assertion is served, by its type and primary key: the path below that of all assertions.
pub fn path(kind: &str, key: &[&str]) -> String {
    let key: Vec<&str> = match (kind, key) {
        ("snap-revision", [digest, PROVENANCE]) => vec![digest],
        _ => key.to_vec(),
    };
    format!("{kind}/{}", key.join("/"))
}

/// The primary key of a snap's declaration.
pub fn declaration_of(snap: &str) -> [&str; 2] {
    [SERIES, snap]
}
