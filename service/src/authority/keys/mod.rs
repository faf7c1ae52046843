//! The store's own keys. The root key signs only what the store says of itself: its account, and which keys are its own.
//! The signing key signs everything else, and is the one that a running service opens.
//!
//! The store's account is the one that the signing key's `account-key` names: it can't be changed by a setting.

pub mod files;
mod generating;
mod rotate;

use std::fmt;
use std::sync::Arc;

use assertions::{
    Assertion, Draft, NewAccount, NewAccountKey, PrivateKey, PrivateKeyError, PublicKey, SignError,
    ValidationStatus,
};
use timestamp::Timestamp;

pub use generating::{Pair, generate};
pub use rotate::{Rotated, rotate_root, rotate_signing};

use model::ids::KeyId;
use model::random;
use storage::records::assertions::{self as kept, Kept};
use storage::records::{KeyPurpose, Records, SealedKey, StorageError, Tx, keys};
use storage::sealing::{MasterKey, Unsealable};
use storage::sealing::{place, reveal};

/// Bits of the store's keys.
pub const BITS: usize = 4096;

/// By how much a key counts before it is made: another replica's clock may be behind.
const BACKDATED_SECONDS: i64 = 600;

/// Who the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its account's id.
    pub account: String,
    /// The name to show to people.
    pub name: String,
}

/// A text that is no account's id, or no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentity {
    /// The id.
    #[error("an account's id has 32 letters and digits, or 2 to 28 lower-case letters, digits and dashes")]
    Account,
    /// The name.
    #[error("a store's name has 1 to 200 characters, in one line")]
    Name,
}

impl Identity {
    /// A store with an id that nobody has.
    pub fn new(name: &str) -> Identity {
        Identity { account: random::alphanumeric(32), name: name.to_owned() }
    }

    /// A store with an id and a name of its operator's choice.
    pub fn chosen(account: Option<&str>, name: &str) -> Result<Identity, InvalidIdentity> {
        if name.trim().is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
            return Err(InvalidIdentity::Name);
        }
        let Some(account) = account else { return Ok(Identity::new(name)) };
        let nice = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let long = account.len() == 32 && account.bytes().all(|b| b.is_ascii_alphanumeric());
        if long || ((2..=28).contains(&account.len()) && account.bytes().all(nice)) {
            return Ok(Identity { account: account.to_owned(), name: name.to_owned() });
        }
        Err(InvalidIdentity::Account)
    }
}

/// The store's keys could not be made, opened or replaced.
#[derive(Debug, thiserror::Error)]
pub enum StoreKeyError {
    /// The database could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The master key is not the one that sealed them.
    #[error("the store's keys were sealed under another master key")]
    Unsealable(#[from] Unsealable),
    /// No key could be made, or one is unsound.
    #[error(transparent)]
    Key(#[from] PrivateKeyError),
    /// Something could not be signed.
    #[error("the store's word could not be signed")]
    Sign(#[from] SignError),
    /// The work was given up before its end.
    #[error("the making of a key was interrupted")]
    Interrupted,
    /// There are none.
    #[error("the store has no keys yet: make them with `macaroond keys store make`")]
    None,
    /// The root key was taken out of the database.
    #[error("the store's root key is not in the database: give it with --root-key")]
    RootAway,
    /// Another root key than the store's was given.
    #[error("this is not the store's root key, which is {0}")]
    OtherRoot(String),
}

/// The key that signs now, opened, and whose word it is.
pub struct Signer {
    pub(crate) id: KeyId,
    pub(crate) key: PrivateKey,
    pub(crate) account: String,
}

impl Signer {
    /// The store's account.
    pub fn account(&self) -> &str {
        &self.account
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, {:?})", self.account, self.key)
    }
}

/// Keeps a store's first keys and what they say of it. `false` if it has keys already: of several replicas that start at
/// once, one makes them.
pub async fn make(
    records: &Records,
    master: &MasterKey,
    identity: &Identity,
    pair: &Pair,
    now: Timestamp,
) -> Result<bool, StoreKeyError> {
    let mut tx = records.begin().await?;
    kept::take_keys(&mut tx).await?;
    if keys::newest(&mut tx, KeyPurpose::StoreSigning).await?.is_some() {
        return Ok(false);
    }
    insert(&mut tx, master, KeyPurpose::StoreRoot, &pair.root, now).await?;
    insert(&mut tx, master, KeyPurpose::StoreSigning, &pair.signing, now).await?;
    let root = &pair.root;
    put(&mut tx, &account_key(&identity.account, root.public(), now, None, 0).sign(root, now)?).await?;
    put(&mut tx, &account(identity, now, 0).sign(root, now)?).await?;
    put(&mut tx, &account_key(&identity.account, pair.signing.public(), now, None, 0).sign(root, now)?)
        .await?;
    tx.commit().await.map_err(StorageError::from)?;
    tracing::info!(account = identity.account, root = %root.public().id(), "the store's keys were made");
    Ok(true)
}

/// The key that signs now, opened anew unless it is `known`.
pub async fn signer(
    tx: &mut Tx,
    master: &MasterKey,
    known: Option<Arc<Signer>>,
) -> Result<Arc<Signer>, StoreKeyError> {
    let sealed = keys::newest(tx, KeyPurpose::StoreSigning).await?.ok_or(StoreKeyError::None)?;
    if let Some(known) = known.filter(|known| known.id == sealed.id) {
        return Ok(known);
    }
    let key = open(master, KeyPurpose::StoreSigning, &sealed)?;
    let account = owner(tx, &key).await?;
    Ok(Arc::new(Signer { id: sealed.id, key, account }))
}

/// The store's keys as their assertions tell of them.
#[derive(Debug)]
pub struct Shown {
    /// The store's account.
    pub account: Assertion,
    /// The root key's account-key, signed with itself: what a verifier trusts.
    pub root: Assertion,
    /// The signing key's account-key.
    pub signing: Assertion,
    /// Whether the root key is in the database.
    pub root_is_here: bool,
    /// When root key and signing key were made; of a root key that is elsewhere it is not known.
    pub made: (Option<Timestamp>, Timestamp),
}

/// Looks at the store's keys.
pub async fn show(records: &Records, master: &MasterKey) -> Result<Shown, StoreKeyError> {
    let mut tx = records.begin().await?;
    let sealed = keys::newest(&mut tx, KeyPurpose::StoreSigning).await?.ok_or(StoreKeyError::None)?;
    let root = keys::newest(&mut tx, KeyPurpose::StoreRoot).await?;
    let signing = account_key_of(&mut tx, open(master, KeyPurpose::StoreSigning, &sealed)?.public()).await?;
    let root_id = signing.sign_key().to_string();
    Ok(Shown {
        account: read(&mut tx, "account", signing.authority().unwrap_or_default()).await?,
        root: self_signed(&mut tx, &root_id).await?,
        signing,
        root_is_here: root.is_some(),
        made: (root.map(|root| root.created_at), sealed.created_at),
    })
}

/// Opens the root key, if it is in the database.
pub async fn root(records: &Records, master: &MasterKey) -> Result<PrivateKey, StoreKeyError> {
    let sealed =
        records.keys(KeyPurpose::StoreRoot).await?.into_iter().next().ok_or(StoreKeyError::RootAway)?;
    open(master, KeyPurpose::StoreRoot, &sealed)
}

/// Takes the root key out of the database, for good.
pub async fn forget_root(records: &Records) -> Result<bool, StoreKeyError> {
    let mut tx = records.begin().await?;
    kept::take_keys(&mut tx).await?;
    let removed = keys::remove(&mut tx, KeyPurpose::StoreRoot).await?;
    tx.commit().await.map_err(StorageError::from)?;
    Ok(removed > 0)
}

async fn insert(
    tx: &mut Tx,
    master: &MasterKey,
    purpose: KeyPurpose,
    key: &PrivateKey,
    now: Timestamp,
) -> Result<(), StorageError> {
    let id = KeyId::generate();
    let sealed = master.seal(&place(purpose, &id), &key.to_pkcs8());
    keys::insert(tx, purpose, &SealedKey { id, sealed, created_at: now }).await
}

fn open(master: &MasterKey, purpose: KeyPurpose, sealed: &SealedKey) -> Result<PrivateKey, StoreKeyError> {
    Ok(PrivateKey::from_pkcs8(&reveal(master, purpose, sealed)?)?)
}

/// The account that a key of the store belongs to.
async fn owner(tx: &mut Tx, key: &PrivateKey) -> Result<String, StoreKeyError> {
    let account_key = account_key_of(tx, key.public()).await?;
    Ok(account_key.text("account-id").ok_or(StorageError::Corrupt("account-key"))?.to_owned())
}

async fn account_key_of(tx: &mut Tx, key: &PublicKey) -> Result<Assertion, StoreKeyError> {
    Ok(read(tx, "account-key", &key.id().to_string()).await?)
}

/// The account-key that a root key has signed for itself.
async fn self_signed(tx: &mut Tx, root: &str) -> Result<Assertion, StoreKeyError> {
    match kept::get(tx, "account-key", &apart(root)).await? {
        Some(kept) => Ok(decode(&kept)?),
        None => Ok(read(tx, "account-key", root).await?),
    }
}

/// Where the account-key is that a root key has signed for itself, when the one that is served comes from the root key
/// before it. No request reaches it: a key's id is all that an account-key is asked for by.
fn apart(root: &str) -> String {
    format!("{root}/self-signed")
}

/// An assertion that must be there.
async fn read(tx: &mut Tx, kind: &'static str, primary_key: &str) -> Result<Assertion, StorageError> {
    let kept = kept::get(tx, kind, primary_key).await?.ok_or(StorageError::Corrupt(kind))?;
    decode(&kept)
}

fn decode(kept: &Kept) -> Result<Assertion, StorageError> {
    Assertion::decode(kept.text.as_bytes()).map_err(|_| StorageError::Corrupt("assertion"))
}

/// Keeps an assertion under its own name.
pub(crate) async fn put(tx: &mut Tx, assertion: &Assertion) -> Result<(), StorageError> {
    kept::put(tx, &as_kept(assertion)).await
}

fn as_kept(assertion: &Assertion) -> Kept {
    Kept {
        kind: assertion.kind().to_owned(),
        primary_key: assertion.primary_key().unwrap_or_default().join("/"),
        revision: assertion.revision(),
        text: assertion.as_str().to_owned(),
    }
}

/// The store's account.
fn account(identity: &Identity, now: Timestamp, revision: u64) -> Draft {
    let new = NewAccount {
        authority: &identity.account,
        account_id: &identity.account,
        username: None,
        display_name: &identity.name,
        validation: &ValidationStatus::Verified,
        timestamp: now,
        revision,
    };
    new.draft()
}

/// An account-key of the store's own, for a key that is made now.
fn account_key(
    account: &str,
    key: &PublicKey,
    now: Timestamp,
    until: Option<Timestamp>,
    revision: u64,
) -> Draft {
    let since = now.add_secs(-BACKDATED_SECONDS).unwrap_or(now);
    let new = NewAccountKey {
        authority: account,
        account_id: account,
        name: None,
        since,
        until,
        public_key: key,
        revision,
    };
    new.draft()
}
