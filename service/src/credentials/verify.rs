//! From an untrusted bundle to a verified one: find the root key that it names, and check the signatures.

use caveats::{Bundle, Verified};

use super::key_ring::{KeyError, KeyRing};
use model::root_id::RootId;

/// A bundle is not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Not ours, tampered with, unbound or incomplete: all forgeries look alike.
    #[error("not a valid credential of this service")]
    Forged,
    /// The keys could not be had.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Verifies signatures only: nothing about what the credential may do, or whether it was revoked.
pub async fn verify(keys: &KeyRing, bundle: Bundle) -> Result<(RootId, Verified), VerifyError> {
    let identifier = std::str::from_utf8(bundle.root().identifier()).map_err(|_| VerifyError::Forged)?;
    let root_id: RootId = identifier.parse().map_err(|_| VerifyError::Forged)?;
    let key = keys.root(&root_id.key).await?.ok_or(VerifyError::Forged)?;
    let verified = bundle.verify(&key).map_err(|_| VerifyError::Forged)?;
    Ok((root_id, verified))
}
