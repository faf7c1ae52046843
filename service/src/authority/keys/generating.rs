//! Making keys: seconds of arithmetic, on threads that nobody waits for.

use assertions::PrivateKey;

use super::{BITS, StoreKeyError};

/// A root key and a signing key.
#[derive(Debug)]
pub struct Pair {
    /// Signs what the store says of itself.
    pub root: PrivateKey,
    /// Signs everything else.
    pub signing: PrivateKey,
}

impl Pair {
    /// Makes both at once.
    pub async fn generate() -> Result<Pair, StoreKeyError> {
        let (root, signing) = futures_util::try_join!(generate(), generate())?;
        Ok(Pair { root, signing })
    }
}

/// Makes a key.
pub async fn generate() -> Result<PrivateKey, StoreKeyError> {
    let made = tokio::task::spawn_blocking(|| PrivateKey::generate(BITS)).await;
    Ok(made.map_err(|_| StoreKeyError::Interrupted)??)
}
