//! A package's policy: whether its uploads must be signed. A stricter one takes effect for what is committed from then on.

use super::workspace::{CommitError, PackageError, Workspace};
use crate::authorization::authorized::Authorized;
use model::signing::SignedUploads;
use storage::records::policies::Observed;
use storage::records::{StorageError, policies};

/// A policy was not set.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is weaker than the one there is, which takes more than was proved.
    #[error("the policy is weaker than the one there is")]
    Weaker,
    /// The package is not there.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// It could not be kept.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// In which direction a policy may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To a stricter one only.
    Stricter,
    /// To any: password and code were given a moment ago.
    Either,
}

/// Sets the authorized package's policy, and answers with the one before.
pub async fn set(
    publishing: &Workspace,
    authorized: &Authorized,
    policy: SignedUploads,
    direction: Direction,
) -> Result<SignedUploads, PolicyError> {
    let snap = publishing.package(authorized).await?;
    let mut tx = publishing.records.begin().await?;
    let before = policies::lock(&mut tx, &snap.id).await?;
    if policy < before && direction == Direction::Stricter {
        return Err(PolicyError::Weaker);
    }
    policies::set(&mut tx, &snap.id, policy).await?;
    publishing.commit(tx, authorized).await?;
    tracing::info!(snap = %snap.id, %before, %policy, by = %authorized.account(), "policy of signed uploads set");
    Ok(before)
}

/// The authorized package's policy, and what it has only observed.
pub async fn get(
    publishing: &Workspace,
    authorized: &Authorized,
) -> Result<(SignedUploads, Vec<Observed>), PolicyError> {
    let snap = publishing.package(authorized).await?;
    Ok((publishing.records.policy(&snap.id).await?, publishing.records.observed(&snap.id).await?))
}
