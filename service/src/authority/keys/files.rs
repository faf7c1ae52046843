//! The store's keys in files, for those that are made or kept elsewhere: PKCS#8 in PEM, as `openssl genpkey` writes it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use assertions::{PrivateKey, PrivateKeyError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Pair, StoreKeyError};

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// A key could not be had from a file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file could not be read or written.
    #[error("the key file {path} could not be used")]
    File {
        /// Which.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// What is in it is no key.
    #[error(
        "{0} must hold an RSA key as PKCS#8 in PEM: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096"
    )]
    Form(String),
    /// It is a key that can't be used.
    #[error("the key in {path} can't be used")]
    Key {
        /// Which.
        path: String,
        /// Why not.
        source: PrivateKeyError,
    },
    /// None could be made.
    #[error(transparent)]
    Make(#[from] StoreKeyError),
}

/// Reads a key.
pub fn read(path: &Path) -> Result<PrivateKey, KeyFileError> {
    let shown = || path.display().to_string();
    let text = fs::read_to_string(path).map(Zeroizing::new).map_err(|source| unusable(path, source))?;
    let between =
        text.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(between, _)| between);
    let between = between.ok_or_else(|| KeyFileError::Form(shown()))?;
    let base64 = Zeroizing::new(between.split_ascii_whitespace().collect::<String>());
    let pkcs8 =
        STANDARD.decode(base64.as_str()).map(Zeroizing::new).map_err(|_| KeyFileError::Form(shown()))?;
    PrivateKey::from_pkcs8(&pkcs8).map_err(|source| KeyFileError::Key { path: shown(), source })
}

/// The text of a key's file.
pub fn to_pem(key: &PrivateKey) -> Zeroizing<String> {
    let base64 = Zeroizing::new(STANDARD.encode(key.to_pkcs8().as_slice()));
    let mut pem = Zeroizing::new(format!("{BEGIN}\n"));
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str(END);
    pem.push('\n');
    pem
}

/// The keys in a directory, after making them if there are none: of several that come at once, one makes them. For stores
/// that come and go, and need not wait for keys of their own.
pub async fn read_or_make(directory: &Path) -> Result<Pair, KeyFileError> {
    let (root, signing) = (directory.join("root.pem"), directory.join("signing.pem"));
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| unusable(directory, source))?;
    let lock = directory.join("lock");
    let locked = lock.clone();
    let lock = tokio::task::spawn_blocking(move || take(&locked))
        .await
        .map_err(|_| StoreKeyError::Interrupted)?
        .map_err(|source| unusable(&lock, source))?;
    if !signing.exists() {
        let made = Pair::generate().await?;
        write(&root, &to_pem(&made.root))?;
        // Last, so that there are both where there is this one.
        write(&signing, &to_pem(&made.signing))?;
    }
    let pair = Pair { root: read(&root)?, signing: read(&signing)? };
    drop(lock);
    Ok(pair)
}

fn take(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    file.lock()?;
    Ok(file)
}

/// Writes a file that is whole or not there.
fn write(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let new = path.with_extension("new");
    let written = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new);
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&new, path)).map_err(|source| unusable(path, source))
}

fn unusable(path: &Path, source: io::Error) -> KeyFileError {
    KeyFileError::File { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_from_its_file_and_nothing_else_is_taken_for_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        let key = PrivateKey::generate(2048).unwrap();
        write(&path, &to_pem(&key)).unwrap();
        assert_eq!(read(&path).unwrap().public().id(), key.public().id());
        assert_eq!(fs::metadata(&path).map(|file| file.permissions().mode() & 0o777).unwrap(), 0o600);
        let pem = to_pem(&key);
        for other in ["", "key", &pem.replace("PRIVATE", "PUBLIC"), &pem.replace('\n', "!")] {
            write(&path, other).unwrap();
            assert!(read(&path).unwrap_err().to_string().contains("openssl genpkey"), "{other}");
        }
        write(&path, &format!("{BEGIN}\nAAAA\n{END}\n")).unwrap();
        assert!(matches!(read(&path), Err(KeyFileError::Key { .. })));
    }

    use std::os::unix::fs::PermissionsExt as _;
}
