//! A store with keys and one snap, for the tests.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use assertions::{
    Assertion, Chain, ChainError, Draft, KeyId, NewAccount, NewAccountKey, NewSnapBuild, NewSnapDeclaration,
    NewSnapRevision, PrivateKey, ValidationStatus, Vouched,
};
use timestamp::Timestamp;

pub(crate) const STORE: &str = "acme-store";
pub(crate) const PUBLISHER: &str = "J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj";
pub(crate) const SNAP_ID: &str = "buPKUD3TKqCOgLEjjHx5kSiCpIs5cMuQ";
pub(crate) const DIGEST: [u8; 48] = [7; 48];
pub(crate) const SIZE: u64 = 4096;

/// Four keys of 2048 bits: what they are used for differs from test to test. Making one takes a second, and each test is
/// a process of its own, so they are kept in the build folder.
pub(crate) fn key(number: usize) -> &'static PrivateKey {
    static KEYS: [OnceLock<PrivateKey>; 4] = [const { OnceLock::new() }; 4];
    KEYS[number].get_or_init(|| {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("assertions-key-{number}"));
        if let Ok(bytes) = fs::read(&kept) {
            return PrivateKey::from_pkcs8(&bytes).unwrap();
        }
        let key = PrivateKey::generate(2048).unwrap();
        // Under a name of its own first: another process may be about to read it.
        let new = kept.with_extension(std::process::id().to_string());
        fs::write(&new, key.to_pkcs8()).unwrap();
        fs::rename(&new, &kept).unwrap();
        key
    })
}

/// A moment of the year 2026.
pub(crate) fn at(month_and_day: &str) -> Timestamp {
    format!("2026-{month_and_day}T12:00:00").parse().unwrap()
}

pub(crate) fn sign(draft: &Draft, key: &PrivateKey) -> Assertion {
    draft.sign(key, at("06-01")).unwrap()
}

/// A key of the store, good from 1 February on, without a name.
pub(crate) fn store_key(key: &PrivateKey) -> NewAccountKey<'_> {
    NewAccountKey {
        authority: STORE,
        account_id: STORE,
        name: None,
        since: at("02-01"),
        until: None,
        public_key: key.public(),
        revision: 0,
    }
}

/// What a publisher's tool signs.
pub(crate) fn build() -> NewSnapBuild<'static> {
    NewSnapBuild {
        authority: PUBLISHER,
        snap_id: SNAP_ID,
        digest: &DIGEST,
        size: SIZE,
        grade: "stable",
        timestamp: at("03-03"),
    }
}

pub(crate) fn account() -> NewAccount<'static> {
    NewAccount {
        authority: STORE,
        account_id: PUBLISHER,
        username: Some("ada"),
        display_name: "Ada L.",
        validation: &ValidationStatus::Verified,
        timestamp: at("03-01"),
        revision: 0,
    }
}

pub(crate) fn declaration() -> NewSnapDeclaration<'static> {
    NewSnapDeclaration {
        authority: STORE,
        series: "16",
        snap_id: SNAP_ID,
        snap_name: "hello",
        publisher_id: PUBLISHER,
        refresh_control: &[],
        timestamp: at("03-02"),
        revision: 0,
    }
}

pub(crate) fn revision() -> NewSnapRevision<'static> {
    NewSnapRevision {
        authority: STORE,
        digest: &DIGEST,
        snap_id: SNAP_ID,
        size: SIZE,
        snap_revision: 3,
        developer_id: PUBLISHER,
        timestamp: at("03-03"),
        revision: 0,
    }
}

/// All that a device needs for one file, signed with key 0, which it trusts.
pub(crate) fn whole() -> Vec<Assertion> {
    vec![
        sign(&store_key(key(0)).draft(), key(0)),
        sign(&account().draft(), key(0)),
        sign(&declaration().draft(), key(0)),
        sign(&revision().draft(), key(0)),
    ]
}

/// The same, with some replaced by others of their type.
pub(crate) fn with(others: impl IntoIterator<Item = Assertion>) -> Vec<Assertion> {
    let mut all = whole();
    for other in others {
        all.retain(|one| one.kind() != other.kind());
        all.push(other);
    }
    all
}

pub(crate) fn id(number: usize) -> KeyId {
    *key(number).public().id()
}

pub(crate) fn vouch(assertions: Vec<Assertion>) -> Result<Vouched, ChainError> {
    vouch_from(assertions, &[id(0)])
}

pub(crate) fn vouch_from(assertions: Vec<Assertion>, trusted: &[KeyId]) -> Result<Vouched, ChainError> {
    Chain::new(assertions, trusted).vouch(&DIGEST, SIZE)
}
