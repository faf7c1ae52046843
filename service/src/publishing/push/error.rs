//! Why a file was not pushed.

use storage::records::StorageError;

use super::admit::AdmitError;
use crate::authorization::Refusal;
use crate::publishing::accept_upload::AcceptError;

/// A file was not pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// It may not be, or nobody can tell.
    #[error(transparent)]
    Admit(#[from] AdmitError),
    /// It could not be accepted.
    #[error(transparent)]
    Accept(#[from] AcceptError),
}

impl From<Refusal> for PushError {
    fn from(refusal: Refusal) -> PushError {
        PushError::Admit(refusal.into())
    }
}

impl From<StorageError> for PushError {
    fn from(error: StorageError) -> PushError {
        PushError::Accept(error.into())
    }
}
