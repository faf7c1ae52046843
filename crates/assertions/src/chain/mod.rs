//! Following assertions from a trusted key to a file: who says that these bytes are that revision of that snap?

mod error;
mod keys;
mod newest;

use timestamp::Timestamp;

pub use error::ChainError;
use keys::Keys;
use newest::Newest;

use crate::assertion::Assertion;
use crate::digest::{KeyId, encode_digest};
use crate::kind::DEFAULT_PROVENANCE;
use crate::types::{Account, SnapDeclaration, SnapRevision, ValidationStatus};

/// Assertions, each checked against a few trusted keys. What could not be checked does not count, but is remembered, to
/// say why.
///
/// Nothing here knows what time it is. A statement counts if its own timestamp lies within the time in which its key was
/// good. So a key that was stolen can still sign for the past: what a store says about its keys must be fresh.
#[derive(Debug)]
pub struct Chain {
    keys: Keys,
    revisions: Newest<SnapRevision>,
    declarations: Newest<SnapDeclaration>,
    accounts: Newest<Account>,
}

/// What a store says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The snap's name.
    pub snap_name: String,
    /// The snap's id.
    pub snap_id: String,
    /// Which revision of the snap the file is.
    pub snap_revision: u64,
    /// Whose snap it is.
    pub publisher: Publisher,
    /// The account that uploaded the file.
    pub developer_id: String,
    /// When the store took it.
    pub timestamp: Timestamp,
    /// The keys from a trusted one to the one that signed the `snap-revision`, each of which vouches for the next.
    pub keys: Vec<KeyId>,
}

/// Whose snap it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// The account's id.
    pub account_id: String,
    /// The name that its holder chose for it.
    pub username: Option<String>,
    /// The name to show to people.
    pub display_name: String,
    /// How sure the store is of it.
    pub validation: ValidationStatus,
}

impl Chain {
    /// Takes assertions in any order, and checks each against the trusted keys.
    ///
    /// A trusted key needs an `account-key` that is signed with itself, which says whose it is: the account of the store.
    /// Further keys count if their `account-key` is signed with a key of the store that counts. Of two assertions with
    /// the same primary key, the one with the higher revision counts.
    pub fn new(assertions: impl IntoIterator<Item = Assertion>, trusted: &[KeyId]) -> Self {
        let (account_keys, others): (Vec<_>, Vec<_>) =
            assertions.into_iter().partition(|assertion| assertion.kind() == "account-key");
        let keys = Keys::discover(account_keys, trusted);
        let mut chain = Self {
            keys,
            revisions: Newest::default(),
            declarations: Newest::default(),
            accounts: Newest::default(),
        };
        for assertion in others {
            let keys = &chain.keys;
            match assertion.kind() {
                "snap-revision" => chain.revisions.offer(assertion, SnapRevision::read, keys),
                "snap-declaration" => chain.declarations.offer(assertion, SnapDeclaration::read, keys),
                "account" => chain.accounts.offer(assertion, Account::read, keys),
                _ => {}
            }
        }
        chain
    }

    /// What the store says about the file with this SHA3-384 digest and this length, in bytes.
    pub fn vouch(&self, digest: &[u8; 48], size: u64) -> Result<Vouched, ChainError> {
        let revision = self.revisions.find(&[&encode_digest(digest), DEFAULT_PROVENANCE])?;
        let revision = revision.ok_or(ChainError::NoRevision)?;
        if revision.size() != size {
            return Err(ChainError::Size { said: revision.size(), found: size });
        }
        let snap_id = revision.snap_id();
        let declaration = self.declarations.find(&[SERIES, snap_id])?;
        let declaration = declaration.ok_or_else(|| ChainError::NoDeclaration(snap_id.to_owned()))?;
        if declaration.snap_name().is_empty() {
            return Err(ChainError::Unnamed(snap_id.to_owned()));
        }
        let publisher_id = declaration.publisher_id();
        let account = self.accounts.find(&[publisher_id])?;
        let account = account.ok_or_else(|| ChainError::NoAccount(publisher_id.to_owned()))?;
        Ok(Vouched {
            snap_name: declaration.snap_name().to_owned(),
            snap_id: snap_id.to_owned(),
            snap_revision: revision.snap_revision(),
            publisher: Publisher {
                account_id: account.account_id().to_owned(),
                username: account.username().map(str::to_owned),
                display_name: account.display_name().to_owned(),
                validation: account.validation().clone(),
            },
            developer_id: revision.developer_id().to_owned(),
            timestamp: revision.timestamp(),
            keys: self.keys.path(revision.assertion().sign_key()),
        })
    }
}

/// The one series of snaps.
const SERIES: &str = "16";
