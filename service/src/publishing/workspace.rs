//! What every publishing operation works with, and the last question before one is kept: are the credential, and the key
//! that signed, still good?

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};

use crate::authority::sign::{Authority, AuthorityError};
use crate::authorization::Authorizer;
use crate::authorization::authorized::Authorized;
use model::clock::Clock;
use model::ids::SigningKeyId;
use model::snap::Snap;
use revocation::{Revocation, RevocationQuery};
use storage::blobs::Blobs;
use storage::records::{Records, StorageError, Tx};
use storage::revocations::{CheckError, ListUnavailable, Revocations};

/// The places that publishing reads from and writes to. Cheap to clone, for a push that outlives its request.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Time.
    pub clock: Clock,
    /// Snaps, uploads, revisions, releases.
    pub records: Records,
    /// Files.
    pub blobs: Blobs,
    /// What was revoked meanwhile.
    pub revocations: Revocations,
    /// What the store says of it.
    pub authority: Authority,
    /// Decides about a push again, once its signature has come.
    pub authorizer: Authorizer,
    /// Tells whoever waits for an assertion that one has come.
    pub arrivals: Arc<Notify>,
    /// How many pushes may wait for an assertion at once.
    pub waiting: Arc<Semaphore>,
    /// How long a push may wait for an assertion.
    pub patience: Duration,
}

/// The authorized package is not there.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The proof is for no package, or for one that is gone.
    #[error("there is no such package")]
    Gone,
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What was prepared is not kept.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The credential was revoked since the attempt was authorized.
    #[error("the credential was revoked meanwhile")]
    Revoked(Revocation),
    /// The key that signed was revoked since its signature was checked.
    #[error("the key {0} was revoked meanwhile")]
    KeyRevoked(SigningKeyId),
    /// The revocation list could not be asked.
    #[error(transparent)]
    ListUnavailable(#[from] ListUnavailable),
    /// The store could not give its word for it.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The records could not be written.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Workspace {
    /// The package that the proof is for.
    pub async fn package(&self, authorized: &Authorized) -> Result<Snap, PackageError> {
        let id = authorized.package().ok_or(PackageError::Gone)?;
        self.records.snap_by_id(id).await?.ok_or(PackageError::Gone)
    }

    /// Keeps what a transaction has prepared, unless the credential was revoked since it was authorized.
    pub(super) async fn commit(&self, tx: Tx, authorized: &Authorized) -> Result<(), CommitError> {
        self.commit_signed(tx, authorized, None).await
    }

    /// The same, unless the key that signed was revoked: it admits nothing that is committed after the acknowledgement.
    pub(super) async fn commit_signed(
        &self,
        mut tx: Tx,
        authorized: &Authorized,
        key: Option<&SigningKeyId>,
    ) -> Result<(), CommitError> {
        self.ask_again(&mut tx, authorized, key).await?;
        tx.commit().await.map_err(StorageError::from)?;
        Ok(())
    }

    async fn ask_again(
        &self,
        tx: &mut Tx,
        authorized: &Authorized,
        key: Option<&SigningKeyId>,
    ) -> Result<(), CommitError> {
        if let Some(cut) = self.cut(tx, authorized.question()).await? {
            return Err(CommitError::Revoked(cut));
        }
        if let Some(key) = key
            && self.cut(tx, &RevocationQuery::about_signing_key(key)).await?.is_some()
        {
            return Err(CommitError::KeyRevoked(key.clone()));
        }
        Ok(())
    }

    async fn cut(&self, tx: &mut Tx, question: &RevocationQuery) -> Result<Option<Revocation>, CommitError> {
        self.revocations.check_before_commit(tx, question).await.map_err(|error| match error {
            CheckError::ListUnavailable(undecided) => undecided.into(),
            CheckError::Storage(error) => error.into(),
        })
    }
}
