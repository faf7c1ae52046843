//! Of the assertions of one type, the newest that the store says, by primary key.

use std::collections::BTreeMap;

use timestamp::Timestamp;

use super::error::ChainError;
use super::keys::Keys;
use crate::assertion::Assertion;
use crate::types::{Account, SnapDeclaration, SnapRevision, TypeError};

/// Something that a store says at some time.
pub(super) trait Statement {
    const KIND: &'static str;
    fn assertion(&self) -> &Assertion;
    fn timestamp(&self) -> Timestamp;
}

/// By primary key: the newest statement that counts, or else why the first that was seen does not.
#[derive(Debug)]
pub(super) struct Newest<T> {
    slots: BTreeMap<Vec<String>, Slot<T>>,
}

#[derive(Debug)]
enum Slot<T> {
    Held(T),
    Conflict(T),
    Refused(ChainError),
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self { slots: BTreeMap::new() }
    }
}

impl<T: Statement> Newest<T> {
    /// Takes an assertion, if it can be read as `T`, the store says it, and nothing newer is there.
    pub(super) fn offer(
        &mut self,
        assertion: Assertion,
        read: impl Fn(Assertion) -> Result<T, TypeError>,
        keys: &Keys,
    ) {
        let Some(name) = assertion.primary_key() else { return };
        let name: Vec<String> = name.into_iter().map(str::to_owned).collect();
        let verdict = read(assertion)
            .map_err(|error| ChainError::Unreadable { kind: T::KIND, error })
            .and_then(|it| keys.check(it.assertion(), T::KIND, it.timestamp()).map(|()| it));
        let slot = match (self.slots.remove(&name), verdict) {
            (None | Some(Slot::Refused(_)), Ok(new)) => Slot::Held(new),
            (Some(Slot::Held(old)), Ok(new)) => newer(old, new, false),
            (Some(Slot::Conflict(old)), Ok(new)) => newer(old, new, true),
            (None, Err(error)) => Slot::Refused(error),
            (Some(slot), Err(_)) => slot,
        };
        self.slots.insert(name, slot);
    }

    /// The newest; `None` if there was none at all.
    pub(super) fn find(&self, name: &[&str]) -> Result<Option<&T>, ChainError> {
        let name: Vec<String> = name.iter().map(|part| (*part).to_owned()).collect();
        match self.slots.get(&name) {
            None => Ok(None),
            Some(Slot::Held(it)) => Ok(Some(it)),
            Some(Slot::Conflict(_)) => Err(ChainError::Conflict { kind: T::KIND }),
            Some(Slot::Refused(error)) => Err(error.clone()),
        }
    }
}

fn newer<T: Statement>(old: T, new: T, conflict: bool) -> Slot<T> {
    let (was, is) = (old.assertion().revision(), new.assertion().revision());
    if is > was {
        Slot::Held(new)
    } else if conflict || (is == was && old.assertion().content() != new.assertion().content()) {
        Slot::Conflict(old)
    } else {
        Slot::Held(old)
    }
}

impl Statement for Account {
    const KIND: &'static str = "account";

    fn assertion(&self) -> &Assertion {
        self.assertion()
    }

    fn timestamp(&self) -> Timestamp {
        self.timestamp()
    }
}

impl Statement for SnapDeclaration {
    const KIND: &'static str = "snap-declaration";

    fn assertion(&self) -> &Assertion {
        self.assertion()
    }

    fn timestamp(&self) -> Timestamp {
        self.timestamp()
    }
}

impl Statement for SnapRevision {
    const KIND: &'static str = "snap-revision";

    fn assertion(&self) -> &Assertion {
        self.assertion()
    }

    fn timestamp(&self) -> Timestamp {
        self.timestamp()
    }
}
