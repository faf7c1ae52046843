//! Which keys count: the trusted ones, and those that a counting key of the store vouches for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use timestamp::Timestamp;

use super::error::ChainError;
use crate::assertion::Assertion;
use crate::digest::KeyId;
use crate::types::AccountKey;

/// The keys that count, and why others don't.
#[derive(Debug, Default)]
pub(super) struct Keys {
    known: BTreeMap<KeyId, Known>,
    refused: BTreeMap<KeyId, ChainError>,
    /// The accounts of the trusted keys: the store.
    store: BTreeSet<String>,
}

#[derive(Debug)]
struct Known {
    /// The newest account-key.
    newest: AccountKey,
    /// The key that vouched for it first; `None` if it is trusted. A newer account-key may come from another key, even
    /// from one that this one vouches for; the way back to a trusted key stays the first.
    voucher: Option<KeyId>,
    conflict: bool,
}

impl Keys {
    /// Begins with the trusted keys, and goes on to those that they vouch for. Checks each signature once, or twice if it
    /// is a trusted key's own.
    pub(super) fn discover(account_keys: Vec<Assertion>, trusted: &[KeyId]) -> Self {
        let mut keys = Self::default();
        let mut by_signer: BTreeMap<KeyId, Vec<AccountKey>> = BTreeMap::new();
        for assertion in account_keys {
            let id = assertion.text("public-key-sha3-384").and_then(|id| id.parse::<KeyId>().ok());
            match AccountKey::read(assertion) {
                Ok(key) => by_signer.entry(*key.assertion().sign_key()).or_default().push(key),
                Err(error) => keys.refuse(id, ChainError::Unreadable { kind: KIND, error }),
            }
        }
        let mut reached = VecDeque::new();
        for id in trusted {
            for key in by_signer.get(id).into_iter().flatten() {
                if key.public_key().id() == id && key.authority() == key.account_id() {
                    keys.accept_trusted(key, &mut reached);
                }
            }
        }
        while let Some(signer) = reached.pop_front() {
            for key in by_signer.remove(&signer).unwrap_or_default() {
                match keys.check_voucher(&key) {
                    Ok(()) => keys.accept(key, signer, &mut reached),
                    Err(error) => keys.refuse(Some(*key.public_key().id()), error),
                }
            }
        }
        if !keys.known.is_empty() {
            for (signer, unreached) in by_signer {
                for key in unreached {
                    let error = ChainError::UnknownKey { kind: KIND, key: signer };
                    keys.refuse(Some(*key.public_key().id()), error);
                }
            }
        }
        keys
    }

    /// Whether the store says this: the assertion is signed with a key of the store that counts, and was when it was
    /// signed.
    pub(super) fn check(
        &self,
        assertion: &Assertion,
        kind: &'static str,
        timestamp: Timestamp,
    ) -> Result<(), ChainError> {
        let signer = self.signer(assertion, kind)?;
        let key = *assertion.sign_key();
        if !signer.newest.is_good_at(timestamp) {
            return Err(ChainError::OutsideKey { kind, timestamp, key });
        }
        let revoked = self.path(&key).into_iter().find(|id| !self.was_ever_good(id));
        revoked.map_or(Ok(()), |key| Err(ChainError::RevokedKey { key }))
    }

    /// The keys from a trusted one to this one.
    pub(super) fn path(&self, id: &KeyId) -> Vec<KeyId> {
        let mut path: Vec<KeyId> =
            std::iter::successors(Some(*id), |id| self.known.get(id)?.voucher).collect();
        path.reverse();
        path
    }

    fn was_ever_good(&self, id: &KeyId) -> bool {
        self.known.get(id).is_some_and(|known| known.newest.until() != Some(known.newest.since()))
    }

    /// The key of the store that an assertion is signed with.
    fn signer(&self, assertion: &Assertion, kind: &'static str) -> Result<&Known, ChainError> {
        let key = *assertion.sign_key();
        let Some(signer) = self.known.get(&key) else {
            let nobody = self.known.is_empty();
            let unknown =
                if nobody { ChainError::NoTrustedKey } else { ChainError::UnknownKey { kind, key } };
            return Err(self.refused.get(&key).cloned().unwrap_or(unknown));
        };
        if signer.conflict {
            return Err(ChainError::Conflict { kind: KIND });
        }
        assertion.verify(signer.newest.public_key()).map_err(|_| ChainError::Forged { kind })?;
        let account = signer.newest.account_id();
        let authority = assertion.authority().unwrap_or_default();
        if authority != account {
            return Err(ChainError::OtherAuthority {
                kind,
                authority: authority.to_owned(),
                account: account.to_owned(),
            });
        }
        if !self.store.contains(account) {
            return Err(ChainError::NotTheStore { kind, account: account.to_owned() });
        }
        if signer.newest.is_constrained() {
            return Err(ChainError::ConstrainedKey { kind, key });
        }
        Ok(signer)
    }

    /// An account-key has no timestamp to compare with its signer's time.
    fn check_voucher(&self, key: &AccountKey) -> Result<(), ChainError> {
        self.signer(key.assertion(), KIND).map(drop)
    }

    fn accept_trusted(&mut self, key: &AccountKey, reached: &mut VecDeque<KeyId>) {
        let id = *key.public_key().id();
        if self.known.contains_key(&id) {
            return; // its other account-keys are looked at when it is reached
        }
        if key.assertion().verify(key.public_key()).is_err() {
            return self.refuse(Some(id), ChainError::Forged { kind: KIND });
        }
        self.store.insert(key.account_id().to_owned());
        self.known.insert(id, Known { newest: key.clone(), voucher: None, conflict: false });
        reached.push_back(id);
    }

    fn accept(&mut self, key: AccountKey, signer: KeyId, reached: &mut VecDeque<KeyId>) {
        let id = *key.public_key().id();
        let Some(known) = self.known.get_mut(&id) else {
            self.known.insert(id, Known { newest: key, voucher: Some(signer), conflict: false });
            return reached.push_back(id);
        };
        let (old, new) = (known.newest.assertion(), key.assertion());
        if new.revision() > old.revision() {
            known.newest = key;
            known.conflict = false;
        } else if new.revision() == old.revision() && new.content() != old.content() {
            known.conflict = true;
        }
    }

    /// Remembers the first reason.
    fn refuse(&mut self, id: Option<KeyId>, error: ChainError) {
        if let Some(id) = id {
            self.refused.entry(id).or_insert(error);
        }
    }
}

const KIND: &str = "account-key";
