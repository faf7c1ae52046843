//! Replacing the store's keys. What the old signing key has signed is signed anew before the old one ends: a device takes
//! nothing from a key that has ended, however old the signature is.

use assertions::{AccountKey, Assertion, Draft, PrivateKey, Value};
use timestamp::Timestamp;

use super::{
    Identity, StoreKeyError, account, account_key, account_key_of, apart, as_kept, decode, insert, open,
    owner, put, read,
};
use storage::records::assertions::{self as kept, Kept};
use storage::records::{KeyPurpose, Records, StorageError, Tx, keys};
use storage::sealing::MasterKey;

/// A key was replaced.
#[derive(Debug)]
pub struct Rotated {
    /// The id of the key that was replaced.
    pub old: String,
    /// The id of the one in its place.
    pub new: String,
    /// How many assertions were signed anew.
    pub signed_anew: u64,
}

/// Puts a new signing key in the place of the old one, whose account-key ends: now, or when it was stolen.
///
/// An interruption leaves the new key in use and the old one not ended. Doing it again goes on from there.
pub async fn rotate_signing(
    records: &Records,
    master: &MasterKey,
    root: Option<PrivateKey>,
    new: &PrivateKey,
    compromised_since: Option<Timestamp>,
    now: Timestamp,
    progress: impl Fn(u64, u64),
) -> Result<Rotated, StoreKeyError> {
    let mut tx = records.begin().await?;
    kept::take_keys(&mut tx).await?;
    let root = root_key(&mut tx, master, root).await?;
    let sealed = keys::newest(&mut tx, KeyPurpose::StoreSigning).await?.ok_or(StoreKeyError::None)?;
    let old = account_key_of(&mut tx, open(master, KeyPurpose::StoreSigning, &sealed)?.public()).await?;
    if *old.sign_key() != *root.public().id() {
        return Err(StoreKeyError::OtherRoot(old.sign_key().to_string()));
    }
    let store = owner(&mut tx, &root).await?;
    insert(&mut tx, master, KeyPurpose::StoreSigning, new, now).await?;
    put(&mut tx, &account_key(&store, new.public(), now, None, 0).sign(&root, now)?).await?;
    tx.commit().await.map_err(StorageError::from)?;
    let signed_anew = sign_anew(records, &root, new, now, progress).await?;
    end_others(records, &root, new, compromised_since, now).await?;
    let old = old.text("public-key-sha3-384").unwrap_or_default().to_owned();
    Ok(Rotated { old, new: new.public().id().to_string(), signed_anew })
}

/// Puts a new root key in the place of the old one. Whoever trusts the old one reaches the new one: the account-key that is
/// served is the old one's word. Whoever trusts the new one needs its own word, which is kept apart.
///
/// Where the old one was brought along, the new one is not put into the database either.
pub async fn rotate_root(
    records: &Records,
    master: &MasterKey,
    root: Option<PrivateKey>,
    new: &PrivateKey,
    now: Timestamp,
) -> Result<Rotated, StoreKeyError> {
    let mut tx = records.begin().await?;
    kept::take_keys(&mut tx).await?;
    let stays_away = root.is_some();
    let old = root_key(&mut tx, master, root).await?;
    let signing = keys::newest(&mut tx, KeyPurpose::StoreSigning).await?.ok_or(StoreKeyError::None)?;
    let signing = account_key_of(&mut tx, open(master, KeyPurpose::StoreSigning, &signing)?.public()).await?;
    if *signing.sign_key() != *old.public().id() {
        return Err(StoreKeyError::OtherRoot(signing.sign_key().to_string()));
    }
    let store = owner(&mut tx, &old).await?;
    let signing_keys = signing_keys(&mut tx, old.public().id()).await?;
    let new_id = new.public().id().to_string();
    let own = account_key(&store, new.public(), now, None, 0).sign(new, now)?;
    kept::put(&mut tx, &Kept { primary_key: apart(&new_id), ..as_kept(&own) }).await?;
    put(&mut tx, &account_key(&store, new.public(), now, None, 1).sign(&old, now)?).await?;
    let said = read(&mut tx, "account", &store).await?;
    let name = said.text("display-name").unwrap_or_default().to_owned();
    put(&mut tx, &account(&Identity { account: store, name }, now, said.revision() + 1).sign(new, now)?)
        .await?;
    let mut signed_anew = 1;
    for signing_key in signing_keys {
        put(&mut tx, &again(&signing_key, now).sign(new, now)?).await?;
        signed_anew += 1;
    }
    keys::remove(&mut tx, KeyPurpose::StoreRoot).await?;
    if !stays_away {
        insert(&mut tx, master, KeyPurpose::StoreRoot, new, now).await?;
    }
    tx.commit().await.map_err(StorageError::from)?;
    Ok(Rotated { old: old.public().id().to_string(), new: new_id, signed_anew })
}

/// The root key that was brought along, or the one in the database.
async fn root_key(
    tx: &mut Tx,
    master: &MasterKey,
    root: Option<PrivateKey>,
) -> Result<PrivateKey, StoreKeyError> {
    if let Some(brought) = root {
        return Ok(brought);
    }
    let sealed = keys::newest(tx, KeyPurpose::StoreRoot).await?.ok_or(StoreKeyError::RootAway)?;
    open(master, KeyPurpose::StoreRoot, &sealed)
}

/// Signs anew whatever another signing key has signed, some at a time.
async fn sign_anew(
    records: &Records,
    root: &PrivateKey,
    new: &PrivateKey,
    now: Timestamp,
    progress: impl Fn(u64, u64),
) -> Result<u64, StoreKeyError> {
    let (all, mut seen, mut signed) = (records.count_assertions().await?, 0, 0);
    let mut after = (String::new(), String::new());
    loop {
        let some = records.assertions_after(&after.0, &after.1).await?;
        let Some(last) = some.last() else { return Ok(signed) };
        after = (last.kind.clone(), last.primary_key.clone());
        let mut tx = records.begin().await?;
        kept::share_keys(&mut tx).await?;
        for one in &some {
            // What was said since it was read is what counts.
            let Some(one) = kept::get(&mut tx, &one.kind, &one.primary_key).await? else { continue };
            let assertion = decode(&one)?;
            let key = assertion.sign_key();
            if key == root.public().id() || key == new.public().id() || is_of_a_root(&assertion) {
                continue;
            }
            put(&mut tx, &again(&assertion, now).sign(new, now)?).await?;
            signed += 1;
        }
        tx.commit().await.map_err(StorageError::from)?;
        seen += some.len() as u64;
        progress(seen.min(all), all);
    }
}

/// Whether an assertion is what a root key says: of a key or account of the store's own.
fn is_of_a_root(assertion: &Assertion) -> bool {
    ["account", "account-key"].contains(&assertion.kind())
        && assertion.text("account-id") == assertion.authority()
}

/// Ends the account-keys of all signing keys but the new one.
async fn end_others(
    records: &Records,
    root: &PrivateKey,
    new: &PrivateKey,
    compromised_since: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreKeyError> {
    let mut tx = records.begin().await?;
    kept::take_keys(&mut tx).await?;
    for old in signing_keys(&mut tx, root.public().id()).await? {
        let key = AccountKey::read(old.clone()).map_err(|_| StorageError::Corrupt("account-key"))?;
        let until = compromised_since.unwrap_or(now).max(key.since());
        if key.public_key().id() == new.public().id() || key.until().is_some_and(|ended| ended <= until) {
            continue;
        }
        put(&mut tx, &again(&old, now).header("until", format!("{until}Z")).sign(root, now)?).await?;
    }
    tx.commit().await.map_err(StorageError::from)?;
    Ok(())
}

/// The account-keys that a root key has signed for signing keys.
async fn signing_keys(tx: &mut Tx, root: &assertions::KeyId) -> Result<Vec<Assertion>, StoreKeyError> {
    let mut found = Vec::new();
    for kept in kept::signed_with(tx, "account-key", &root.to_string()).await? {
        let assertion = decode(&kept)?;
        let own = assertion.text("public-key-sha3-384") == Some(root.to_string().as_str());
        if assertion.sign_key() == root && is_of_a_root(&assertion) && !own {
            found.push(assertion);
        }
    }
    Ok(found)
}

/// The same said once more: the next revision, from now.
fn again(assertion: &Assertion, now: Timestamp) -> Draft {
    let mut draft = Draft::new(assertion.kind()).body(assertion.body());
    for (name, value) in assertion.headers() {
        draft = draft.header(name, value.clone());
    }
    if assertion.header("timestamp").is_some() {
        draft = draft.header("timestamp", Value::from(format!("{now}Z")));
    }
    draft.revision(assertion.revision() + 1)
}
