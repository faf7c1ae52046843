//! Getting from a store what it and the publisher have signed of a file. Nothing of it is believed here.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use assertions::{Assertion, encode_digest};

use super::file::Measured;
use client::Client;
use model::random;
use service::publishing::find_assertion::{declaration_of, path};

/// The most keys on the way from a root key to a file's signature.
const MAX_KEYS: usize = 16;

/// What a store has.
pub(crate) enum Fetch {
    /// Assertions, those of keys first.
    Got(Vec<Assertion>),
    /// No snap-revision for the file.
    Nothing,
}

/// Gets the assertions for a file.
pub(crate) async fn fetch(url: &str, file: &Measured) -> anyhow::Result<Fetch> {
    let store = Client::new(url)?;
    let digest = encode_digest(&file.digest);
    let Some(revision) = get(&store, "snap-revision", &[&digest]).await? else { return Ok(Fetch::Nothing) };
    let mut got = Vec::new();
    let snap = revision.text("snap-id").unwrap_or_default();
    if let Some(declaration) = get(&store, "snap-declaration", &declaration_of(snap)).await? {
        let publisher = declaration.text("publisher-id").unwrap_or_default();
        got.extend(get(&store, "account", &[publisher]).await?);
        got.push(declaration);
    }
    got.extend(get(&store, "snap-build", &[&digest]).await?);
    got.push(revision);
    let mut keys: Vec<Assertion> = Vec::new();
    loop {
        let known = |id: &str| keys.iter().any(|key| key.text("public-key-sha3-384") == Some(id));
        let missing = got.iter().chain(&keys).map(|one| one.sign_key().to_string()).find(|id| !known(id));
        let Some(missing) = missing else { break };
        if keys.len() == MAX_KEYS {
            bail!("the store has a chain of more than {MAX_KEYS} keys");
        }
        let key = get(&store, "account-key", &[&missing]).await?;
        keys.push(
            key.with_context(|| format!("the store does not have the key {missing}, with which it signs"))?,
        );
    }
    keys.reverse();
    keys.extend(got);
    Ok(Fetch::Got(keys))
}

async fn get(store: &Client, kind: &str, key: &[&str]) -> anyhow::Result<Option<Assertion>> {
    let path = path(kind, key);
    let Some(text) = store.assertion(&format!("/v2/assertions/{path}")).await? else { return Ok(None) };
    Assertion::decode(&text)
        .map(Some)
        .with_context(|| format!("the store sent something else than the assertion {path}"))
}

/// Writes assertions to a file that at every moment is whole.
pub(crate) fn write(path: &Path, assertions: &[Assertion]) -> anyhow::Result<()> {
    let new = path.with_extension(format!("assert-{}", random::alphanumeric(12)));
    let written = fs::write(&new, Assertion::encode_stream(assertions)).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        drop(fs::remove_file(&new));
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}
