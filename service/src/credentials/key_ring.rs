//! Our own keys, opened: root keys by id, and the key pair that third-party caveats are sealed to.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use caveats::RootKey;
use crypto_box::SecretKey;
use timestamp::Timestamp;
use zeroize::Zeroizing;

use model::ids::KeyId;
use model::random;
use storage::records::{KeyPurpose, Records, SealedKey, StorageError};
use storage::sealing::{MasterKey, Unsealable, place, reveal};

/// Keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The master key is not the one that sealed them.
    #[error("the keys in the database were sealed under another master key")]
    Unsealable(#[from] Unsealable),
}

/// Opened keys. Cheap to clone.
#[derive(Clone)]
pub struct KeyRing {
    records: Records,
    master: MasterKey,
    opened: Arc<RwLock<Opened>>,
}

#[derive(Default)]
struct Opened {
    roots: HashMap<KeyId, Arc<RootKey>>,
    discharges: HashMap<KeyId, Arc<SecretKey>>,
    newest_root: Option<KeyId>,
    newest_discharge: Option<KeyId>,
}

impl KeyRing {
    /// Opens the keys, after making the first of each purpose if there is none.
    pub async fn open(records: Records, master: MasterKey, now: Timestamp) -> Result<KeyRing, KeyError> {
        for purpose in [KeyPurpose::Root, KeyPurpose::Discharge] {
            if records.keys(purpose).await?.is_empty() {
                let id = KeyId::generate();
                let secret = Zeroizing::new(random::bytes::<32>());
                let sealed = master.seal(&place(purpose, &id), secret.as_slice());
                records.add_first_key(purpose, &SealedKey { id, sealed, created_at: now }).await?;
            }
        }
        let ring = KeyRing { records, master, opened: Arc::default() };
        ring.reload().await?;
        Ok(ring)
    }

    /// The key to mint with now, and its id.
    pub fn newest_root(&self) -> Option<(KeyId, Arc<RootKey>)> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        let id = opened.newest_root.clone()?;
        let key = opened.roots.get(&id)?.clone();
        Some((id, key))
    }

    /// The key pair to seal third-party caveats to now, and its id.
    pub fn newest_discharge(&self) -> Option<(KeyId, Arc<SecretKey>)> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        let id = opened.newest_discharge.clone()?;
        let key = opened.discharges.get(&id)?.clone();
        Some((id, key))
    }

    /// The root key of this id, also one that another replica made since.
    pub async fn root(&self, id: &KeyId) -> Result<Option<Arc<RootKey>>, KeyError> {
        if let Some(key) = self.opened.read().unwrap_or_else(PoisonError::into_inner).roots.get(id) {
            return Ok(Some(key.clone()));
        }
        self.reload().await?;
        Ok(self.opened.read().unwrap_or_else(PoisonError::into_inner).roots.get(id).cloned())
    }

    /// The discharge key of this id, also one that another replica made since.
    pub async fn discharge(&self, id: &KeyId) -> Result<Option<Arc<SecretKey>>, KeyError> {
        if let Some(key) = self.opened.read().unwrap_or_else(PoisonError::into_inner).discharges.get(id) {
            return Ok(Some(key.clone()));
        }
        self.reload().await?;
        Ok(self.opened.read().unwrap_or_else(PoisonError::into_inner).discharges.get(id).cloned())
    }

    /// The root key of this id, of those that are known here: see [`reload`](Self::reload).
    pub fn known_root(&self, id: &KeyId) -> Option<Arc<RootKey>> {
        self.opened.read().unwrap_or_else(PoisonError::into_inner).roots.get(id).cloned()
    }

    /// The discharge key of this id, of those that are known here.
    pub fn known_discharge(&self, id: &KeyId) -> Option<Arc<SecretKey>> {
        self.opened.read().unwrap_or_else(PoisonError::into_inner).discharges.get(id).cloned()
    }

    /// Learns of the keys that other replicas have made since. Once for a text with any number of credentials.
    pub async fn reload(&self) -> Result<(), KeyError> {
        let (roots, discharges) =
            (self.records.keys(KeyPurpose::Root).await?, self.records.keys(KeyPurpose::Discharge).await?);
        let mut opened = Opened {
            newest_root: roots.first().map(|key| key.id.clone()),
            newest_discharge: discharges.first().map(|key| key.id.clone()),
            ..Opened::default()
        };
        for key in roots {
            let raw = reveal(&self.master, KeyPurpose::Root, &key)?;
            opened.roots.insert(key.id, Arc::new(RootKey::derive(&raw)));
        }
        for key in discharges {
            let raw = reveal(&self.master, KeyPurpose::Discharge, &key)?;
            let secret = SecretKey::from_slice(&raw).map_err(|_| Unsealable("discharge key"))?;
            opened.discharges.insert(key.id, Arc::new(secret));
        }
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = opened;
        Ok(())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing([redacted])")
    }
}
