//! Secrets at rest: sealed under the master key with XChaCha20-Poly1305, each bound to the place it is kept in.
//!
//! Form: one version byte (1), a random 24-byte nonce, the ciphertext with its tag. The place (table and row) is
//! authenticated along, so that a sealed value moved to another row does not open.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use model::ids::KeyId;
use model::random;

use crate::records::{KeyPurpose, SealedKey};

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// The key under which every secret at rest is sealed. Cheap to clone.
#[derive(Clone)]
pub struct MasterKey(Arc<XChaCha20Poly1305>);

/// The master key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file could not be read or written.
    #[error("the master key file {path} could not be used")]
    File {
        /// Where it was looked for.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The file's content is not a key.
    #[error("the master key file {0} must hold 32 bytes as standard base64 (openssl rand -base64 32)")]
    Form(String),
}

/// A sealed value does not open: another master key, another place, or damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed {0} does not open under this master key")]
pub struct Unsealable(pub &'static str);

impl MasterKey {
    /// Reads the key from a file of 32 bytes in standard base64.
    pub fn read(path: &Path) -> Result<MasterKey, MasterKeyError> {
        let text = std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|source| MasterKeyError::File { path: path.display().to_string(), source })?;
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).ok();
        let key = bytes.as_ref().and_then(|bytes| Key::try_from(bytes.as_slice()).ok());
        let key = key.ok_or_else(|| MasterKeyError::Form(path.display().to_string()))?;
        Ok(MasterKey(Arc::new(XChaCha20Poly1305::new(&key))))
    }

    /// Reads the key, after making the file if there is none: for `dev`, where nobody brought one.
    pub fn read_or_create(path: &Path) -> Result<MasterKey, MasterKeyError> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let written = match file {
            Ok(mut file) => {
                let key = Zeroizing::new(random::bytes::<32>());
                let text = Zeroizing::new(STANDARD.encode(key.as_slice()));
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        };
        written.map_err(|source| MasterKeyError::File { path: path.display().to_string(), source })?;
        MasterKey::read(path)
    }

    /// Seals a secret for one place, such as `second_factors/ACCOUNT`.
    ///
    /// # Panics
    /// Never in practice: the cipher fails only beyond 256 GiB.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = random::bytes::<NONCE>();
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let sealed =
            self.0.encrypt(&XNonce::from(nonce), payload).expect("the secret is below the cipher's limit");
        [&[VERSION], nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for this place. `what` names it in the error.
    pub fn open(
        &self,
        place: &str,
        sealed: &[u8],
        what: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let Some((&VERSION, rest)) = sealed.split_first() else { return Err(Unsealable(what)) };
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(Unsealable(what))?;
        self.0
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place.as_bytes() })
            .map(Zeroizing::new)
            .map_err(|_| Unsealable(what))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([redacted])")
    }
}

/// The raw bytes of a key at rest.
pub fn reveal(
    master: &MasterKey,
    purpose: KeyPurpose,
    key: &SealedKey,
) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
    master.open(&place(purpose, &key.id), &key.sealed, "key")
}

/// What the sealing binds a key to.
pub fn place(purpose: KeyPurpose, id: &KeyId) -> String {
    format!("keys/{}/{id}", purpose.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_whole_in_its_own_place_under_its_own_key() {
        let dir = tempfile::tempdir().unwrap();
        let key = MasterKey::read_or_create(&dir.path().join("one")).unwrap();
        let other = MasterKey::read_or_create(&dir.path().join("other")).unwrap();
        let sealed = key.seal("keys/a", b"secret");
        assert_eq!(key.open("keys/a", &sealed, "key").unwrap().as_slice(), b"secret");
        assert!(MasterKey::read(&dir.path().join("one")).unwrap().open("keys/a", &sealed, "key").is_ok());
        assert!(key.open("keys/b", &sealed, "key").is_err());
        assert!(other.open("keys/a", &sealed, "key").is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(key.open("keys/a", &damaged, "key").is_err());
            assert!(key.open("keys/a", &sealed[..at], "key").is_err());
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert!(MasterKey::read(&path).is_err());
        std::fs::write(&path, "hello").unwrap();
        assert!(MasterKey::read(&path).unwrap_err().to_string().contains("openssl rand"));
    }
}
