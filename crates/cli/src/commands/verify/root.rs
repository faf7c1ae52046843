//! The root key that is trusted: by its own assertion, or by its id alone.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context as _, bail};
use assertions::{AccountKey, Assertion, KeyId};

/// What was given for it.
#[derive(Debug, Clone)]
pub(crate) enum Root {
    Id(KeyId),
    File(PathBuf),
}

/// What is trusted.
#[derive(Debug)]
pub(crate) struct Trusted {
    pub(crate) key: KeyId,
    /// Its own account-key, if that was given.
    pub(crate) assertion: Option<Assertion>,
}

impl FromStr for Root {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Root, Infallible> {
        Ok(text.parse().map_or_else(|_| Root::File(text.into()), Root::Id))
    }
}

impl Root {
    pub(crate) fn read(&self) -> anyhow::Result<Trusted> {
        let path = match self {
            Root::Id(key) => return Ok(Trusted { key: *key, assertion: None }),
            Root::File(path) => path,
        };
        let shown = path.display();
        let read = super::read(path)
            .context("--root takes a key's id, of 64 characters, or the file with its own assertion")?;
        let own = read.into_iter().find_map(|assertion| {
            let key = AccountKey::read(assertion).ok()?;
            key.assertion().verify(key.public_key()).ok().map(|()| key)
        });
        let Some(own) = own else {
            bail!(
                "{shown} holds no account-key that is signed with its own key: `macaroond keys store show --root-assertion` prints it"
            );
        };
        let assertion = own.assertion().clone();
        Ok(Trusted { key: *assertion.sign_key(), assertion: Some(assertion) })
    }
}
