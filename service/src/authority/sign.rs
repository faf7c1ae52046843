//! What the store says of others, each within the transaction of what it is about: whose a name is, which keys are whose,
//! and which file it took as which revision.
//!
//! A snap-revision is found by its file's digest alone. Two snaps can't share one: a file is taken only for the snap whose
//! name it bears, and a name belongs to one snap.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use assertions::{
    Assertion, NewAccount, NewAccountKey, NewSnapDeclaration, NewSnapRevision, PublicKey, SignError,
    ValidationStatus,
};
use timestamp::Timestamp;
use tokio::sync::Mutex;

use crate::authority::keys::{self, Identity, Pair, Signer, StoreKeyError};
use model::account::Account;
use model::ids::AccountId;
use model::signing::SigningKey;
use model::snap::{Revision, SERIES, Snap};
use storage::records::assertions as kept;
use storage::records::{Records, StorageError, Tx, accounts};
use storage::sealing::MasterKey;

/// Signs. Cheap to clone.
#[derive(Clone)]
pub struct Authority {
    records: Records,
    master: MasterKey,
    /// The store's display name, should its keys still have to be made.
    name: Arc<str>,
    opened: Arc<RwLock<Option<Arc<Signer>>>>,
    making: Arc<Mutex<()>>,
}

/// The store could not give its word.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// Its keys could not be had.
    #[error(transparent)]
    Keys(#[from] StoreKeyError),
    /// The database could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<SignError> for AuthorityError {
    fn from(error: SignError) -> AuthorityError {
        AuthorityError::Keys(error.into())
    }
}

impl Authority {
    /// Signs with the keys in the database, or with such as are made when something is first to be signed.
    pub fn new(records: Records, master: MasterKey, name: &str) -> Authority {
        Authority { records, master, name: name.into(), opened: Arc::default(), making: Arc::default() }
    }

    /// Makes the store's keys, if there are none, which takes seconds: so it is done before a transaction begins.
    pub async fn ready(&self, now: Timestamp) -> Result<(), AuthorityError> {
        if self.known().is_some() {
            return Ok(());
        }
        let _alone = self.making.lock().await;
        let mut tx = self.records.begin().await?;
        let opened = keys::signer(&mut tx, &self.master, self.known()).await;
        drop(tx);
        match opened {
            Ok(signer) => {
                self.remember(signer);
                Ok(())
            }
            Err(StoreKeyError::None) => {
                let pair = Pair::generate().await?;
                keys::make(&self.records, &self.master, &Identity::new(&self.name), &pair, now).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says whose a snap is: its publisher's account, as it is called now, and its declaration.
    pub(crate) async fn declare(
        &self,
        tx: &mut Tx,
        snap: &Snap,
        now: Timestamp,
    ) -> Result<(), AuthorityError> {
        let signer = self.signer(tx).await?;
        publisher(tx, &signer, &snap.account, now).await?;
        declaration(tx, &signer, snap, now).await
    }

    /// Says what is to be said of an account's keys: of those of which the last word does not hold any more.
    pub(crate) async fn vouch_for_keys(
        &self,
        tx: &mut Tx,
        account: &AccountId,
        keys: &[SigningKey],
        now: Timestamp,
    ) -> Result<(), AuthorityError> {
        let signer = self.signer(tx).await?;
        publisher(tx, &signer, account, now).await?;
        for (at, key) in keys.iter().enumerate() {
            let is_newest = !keys.iter().skip(at + 1).any(|later| later.name == key.name);
            account_key(tx, &signer, key, is_newest, now).await?;
        }
        Ok(())
    }

    /// Says that a file is a revision of a snap, and whose that is if it was not said yet.
    pub(crate) async fn vouch_for_revision(
        &self,
        tx: &mut Tx,
        snap: &Snap,
        revision: &Revision,
        developer: &AccountId,
        now: Timestamp,
    ) -> Result<(), AuthorityError> {
        let signer = self.signer(tx).await?;
        publisher(tx, &signer, &snap.account, now).await?;
        declaration(tx, &signer, snap, now).await?;
        let digest = revision.digest.0;
        let primary_key = format!("{}/global-upload", revision.digest.base64url());
        let said = said(tx, "snap-revision", &primary_key).await?;
        let new = NewSnapRevision {
            authority: signer.account(),
            digest: &digest,
            snap_id: snap.id.as_str(),
            size: revision.size,
            snap_revision: revision.number.unsigned_abs(),
            developer_id: developer.as_str(),
            timestamp: now,
            revision: next(said.as_ref()),
        };
        sign(tx, &signer, new.draft(), now).await
    }

    /// The key to sign with until the transaction ends.
    async fn signer(&self, tx: &mut Tx) -> Result<Arc<Signer>, AuthorityError> {
        kept::share_keys(tx).await?;
        let signer = keys::signer(tx, &self.master, self.known()).await?;
        self.remember(signer.clone());
        Ok(signer)
    }

    fn known(&self) -> Option<Arc<Signer>> {
        self.opened.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, signer: Arc<Signer>) {
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = Some(signer);
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notary({})", self.name)
    }
}

/// Says who a publisher is, unless that was said and is still so.
async fn publisher(
    tx: &mut Tx,
    signer: &Signer,
    account: &AccountId,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    let account = accounts::get(tx, account).await?.ok_or(StorageError::Corrupt("account"))?;
    let (display_name, username) = names(&account);
    let said = said(tx, "account", account.id.as_str()).await?;
    if said.as_ref().is_some_and(|said| {
        said.text("display-name") == Some(&display_name) && said.text("username") == username.as_deref()
    }) {
        return Ok(());
    }
    let new = NewAccount {
        authority: signer.account(),
        account_id: account.id.as_str(),
        username: username.as_deref(),
        display_name: &display_name,
        validation: &ValidationStatus::Unproven,
        timestamp: now,
        revision: next(said.as_ref()),
    };
    sign(tx, signer, new.draft(), now).await
}

/// Display name and user name as they fit into a header; the SSO may have any text for them, or none.
fn names(account: &Account) -> (String, Option<String>) {
    let line = |text: &str| {
        let words: Vec<&str> =
            text.split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty()).collect();
        Some(words.join(" ").chars().take(MAX_NAME).collect::<String>()).filter(|line| !line.is_empty())
    };
    let username = line(&account.username);
    let display_name = line(&account.display_name).or_else(|| username.clone());
    (display_name.unwrap_or_else(|| account.id.to_string()), username)
}

async fn declaration(
    tx: &mut Tx,
    signer: &Signer,
    snap: &Snap,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    let said = said(tx, "snap-declaration", &format!("{SERIES}/{}", snap.id)).await?;
    if said.as_ref().is_some_and(|said| {
        said.text("snap-name") == Some(snap.name.as_str())
            && said.text("publisher-id") == Some(snap.account.as_str())
    }) {
        return Ok(());
    }
    let new = NewSnapDeclaration {
        authority: signer.account(),
        series: SERIES,
        snap_id: snap.id.as_str(),
        snap_name: snap.name.as_str(),
        publisher_id: snap.account.as_str(),
        refresh_control: &[],
        timestamp: now,
        revision: next(said.as_ref()),
    };
    sign(tx, signer, new.draft(), now).await
}

/// Says what a key is good for. Only the newest of a name is called by it: snapd knows no two keys of one name.
async fn account_key(
    tx: &mut Tx,
    signer: &Signer,
    key: &SigningKey,
    is_newest: bool,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    let name = Some(key.name.as_str()).filter(|_| is_newest);
    let until = until(key);
    let said = said(tx, "account-key", key.id.as_str()).await?;
    if said.as_ref().is_some_and(|said| {
        said.text("name") == name && said.text("until") == until.map(|until| format!("{until}Z")).as_deref()
    }) {
        return Ok(());
    }
    let public_key =
        PublicKey::decode(key.public_key.as_bytes()).map_err(|_| StorageError::Corrupt("public key"))?;
    let new = NewAccountKey {
        authority: signer.account(),
        account_id: key.account.as_str(),
        name,
        since: key.since,
        until,
        public_key: &public_key,
        revision: next(said.as_ref()),
    };
    sign(tx, signer, new.draft(), now).await
}

/// When a key ends, or ended: the earliest of what was asked for and what its revocation says. A key that ends where it
/// begins was never good.
fn until(key: &SigningKey) -> Option<Timestamp> {
    let revoked = key.revoked.map(|revoked| revoked.compromised_since.unwrap_or(revoked.at).min(revoked.at));
    let until = [key.until, revoked].into_iter().flatten().min();
    until.map(|until| until.max(key.since))
}

async fn said(tx: &mut Tx, kind: &str, primary_key: &str) -> Result<Option<Assertion>, StorageError> {
    let Some(kept) = kept::get(tx, kind, primary_key).await? else { return Ok(None) };
    Assertion::decode(kept.text.as_bytes()).map(Some).map_err(|_| StorageError::Corrupt("assertion"))
}

fn next(said: Option<&Assertion>) -> u64 {
    said.map_or(0, |said| said.revision() + 1)
}

async fn sign(
    tx: &mut Tx,
    signer: &Signer,
    draft: assertions::Draft,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    Ok(keys::put(tx, &draft.sign(&signer.key, now)?).await?)
}

/// Longest name, in characters.
const MAX_NAME: usize = 200;
