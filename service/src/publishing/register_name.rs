//! Registering the name of a snap: the first who asks has it.

use super::workspace::{CommitError, Workspace};
use crate::authorization::authorized::Authorized;
use model::ids::SnapId;
use model::snap::{Snap, SnapName};
use storage::records::{StorageError, snaps};

/// Who may see a snap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Its publisher.
    Private,
}

/// A name was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Somebody else has it.
    #[error("the name is taken")]
    Taken,
    /// The account has it already.
    #[error("the name is the account's already")]
    AlreadyOwned,
    /// It could not be kept.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whether the name could be registered now.
pub async fn available(
    publishing: &Workspace,
    authorized: &Authorized,
    name: &SnapName,
) -> Result<(), RegisterError> {
    match publishing.records.snap_by_name(name.as_str()).await? {
        None => Ok(()),
        Some(snap) if snap.account == *authorized.account() => Err(RegisterError::AlreadyOwned),
        Some(_) => Err(RegisterError::Taken),
    }
}

/// Registers a name.
pub async fn register(
    publishing: &Workspace,
    authorized: &Authorized,
    name: SnapName,
    visibility: Visibility,
) -> Result<Snap, RegisterError> {
    available(publishing, authorized, &name).await?;
    let snap = Snap {
        id: SnapId::generate(),
        name,
        account: authorized.account().clone(),
        private: visibility == Visibility::Private,
        registered_at: publishing.clock.now(),
    };
    let authority = &publishing.authority;
    authority.ready(snap.registered_at).await.map_err(CommitError::from)?;
    let mut tx = publishing.records.begin().await?;
    if !snaps::insert(&mut tx, &snap).await? {
        // Somebody was faster: the transaction has written nothing.
        drop(tx);
        available(publishing, authorized, &snap.name).await?;
        return Err(RegisterError::Taken);
    }
    authority.declare(&mut tx, &snap, snap.registered_at).await.map_err(CommitError::from)?;
    publishing.commit(tx, authorized).await?;
    Ok(snap)
}
