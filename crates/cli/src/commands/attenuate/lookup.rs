//! From names of snaps to their ids, which is what a caveat holds: a name can change hands.

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use client::Client;

use crate::credential::Credential;
use crate::credential::read::header;
use model::ids::SnapId;
use model::snap::SnapName;

/// The ids. Asks the service, with the credential itself, if there is a name among them.
pub(crate) async fn ids(
    snaps: Vec<String>,
    credential: &Credential,
    server: Option<&str>,
) -> anyhow::Result<Vec<String>> {
    let Some(name) = snaps.iter().find(|snap| snap.parse::<SnapId>().is_err()) else { return Ok(snaps) };
    if let Err(why) = name.parse::<SnapName>() {
        bail!("'{name}' is neither the id of a snap (32 letters and digits) nor a name, which should {why}");
    }
    let server = server.with_context(|| {
        format!(
            "'{name}' is a name, and a credential holds the ids of snaps, as names can change hands. Give the id (32 \
             letters and digits), or the service's URL with --server to look it up"
        )
    })?;
    let owned = owned(credential, server).await.context("cannot look up the ids of snaps")?;
    snaps
        .into_iter()
        .map(|snap| {
            if snap.parse::<SnapId>().is_ok() {
                return Ok(snap);
            }
            let id = owned.get(&snap).and_then(|owned| owned.get("snap-id")).and_then(Value::as_str);
            id.map(str::to_owned).with_context(|| {
                let names: Vec<&str> = owned.keys().map(String::as_str).collect();
                let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                format!("the account has no snap named {snap}; its snaps: {names}")
            })
        })
        .collect()
}

async fn owned(credential: &Credential, server: &str) -> anyhow::Result<Map<String, Value>> {
    let authorization = header(credential.exported.clone())?;
    let account = Client::new(server)?.get("/dev/api/account", Some(&authorization)).await?.success()?;
    let snaps = account.pointer("/snaps/16").and_then(Value::as_object);
    Ok(snaps.context("the service's answer names no snaps")?.clone())
}
