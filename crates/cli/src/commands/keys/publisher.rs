//! `macaroond keys publisher`: the keys with which publishers sign what they upload.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::Place;
use crate::credential::read::{authorization, read};
use crate::terminal::print;
use crate::terminal::time::{PastTime, relative, shown};
use client::Client;
use model::clock::Clock;
use model::ids::SigningKeyId;
use model::signing::SigningKey;

#[derive(Debug, Subcommand)]
pub(crate) enum Publisher {
    /// List publishers' keys, as the database has them: id, account, name, and what became of it.
    List {
        /// Those of the account with this e-mail address.
        #[arg(long, value_name = "EMAIL")]
        account: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    Revoke(Revoke),
}

/// Revoke a publisher's key, now and for good: what it has signed admits nothing that begins later.
///
/// Revisions that were accepted with its signature stay; those since it may have been stolen are listed.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes:
  0  acknowledged: no service accepts anything that the key has signed
  1  NOT revoked, or not acknowledged yet: repeat it until it is 0
  2  wrong usage")]
pub(crate) struct Revoke {
    /// The key's id: 64 letters, digits, `-` and `_`.
    #[arg(allow_hyphen_values = true)]
    id: SigningKeyId,
    /// Since when somebody else may have had the key: what was accepted with it since is listed.
    #[arg(long, value_name = "TIME")]
    compromised_since: Option<PastTime>,
    /// Why, for the publisher and for the journal.
    #[arg(long)]
    reason: String,
    /// The service.
    #[arg(long, env = "STORE_DASHBOARD_URL", value_name = "URL")]
    server: String,
    /// Your credential's file.
    #[arg(long, value_name = "FILE", required_unless_present = "credentials")]
    credentials_file: Option<PathBuf>,
    /// Your credential, as export-login writes it (better from the environment than on the command line).
    #[arg(long, env = "SNAPCRAFT_STORE_CREDENTIALS", hide_env_values = true, value_name = "TEXT")]
    credentials: Option<SecretString>,
}

impl Publisher {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Publisher::List { account, place } => list(&place, account.as_deref()).await,
            Publisher::Revoke(revoke) => revoke.run().await,
        }
    }
}

async fn list(place: &Place, account: Option<&str>) -> anyhow::Result<()> {
    let (records, _) = place.open().await?;
    if let Some(email) = account
        && records.accounts_by_email(email).await?.is_empty()
    {
        anyhow::bail!("nobody has logged in with the address {email}");
    }
    let now = Clock::system().now();
    for (key, email) in records.all_signing_keys().await? {
        if account.is_none_or(|account| account == email) {
            print(format_args!("{}  {email}  {}  {}", key.id, key.name, became(&key, now)))?;
        }
    }
    Ok(())
}

fn became(key: &SigningKey, now: timestamp::Timestamp) -> String {
    match (key.revoked, key.until) {
        (Some(revoked), _) => format!("revoked {}", relative(revoked.at, now)),
        (None, Some(until)) if until <= now => format!("ended {}", relative(until, now)),
        (None, Some(until)) => format!("ends {}", relative(until, now)),
        (None, None) => format!("registered {}", relative(key.registered_at, now)),
    }
}

impl Revoke {
    async fn run(self) -> anyhow::Result<()> {
        let actor = match (&self.credentials_file, &self.credentials) {
            (Some(path), _) => authorization(read(path)?.expose_secret())?,
            (None, Some(own)) => authorization(own.expose_secret())?,
            (None, None) => anyhow::bail!("give a credential with --credentials-file"),
        };
        let mut body = json!({"reason": self.reason});
        if let (Some(PastTime(since)), Some(body)) = (self.compromised_since, body.as_object_mut()) {
            body.insert("compromised_since".to_owned(), since.to_string().into());
        }
        let began = Instant::now();
        let answer = Client::new(&self.server)?
            .post(&format!("/v1/keys/{}/revoke", self.id), Some(&actor), &body)
            .await?
            .success()?;
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        print(format_args!("Revoked and acknowledged in {milliseconds:.1} ms: {}", self.id))?;
        let Some(PastTime(since)) = self.compromised_since else { return Ok(()) };
        let suspects = answer.get("suspect_revisions").and_then(Value::as_array).cloned().unwrap_or_default();
        if suspects.is_empty() {
            return print(format_args!("Nothing was accepted with it since {}.", shown(since)));
        }
        print(format_args!(
            "Accepted with it since {}; look at each, and replace what is not yours:",
            shown(since)
        ))?;
        for one in &suspects {
            let word = |key: &str| {
                one.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            };
            let (snap, revision) =
                (word("snap_id").unwrap_or_default(), word("revision").unwrap_or_default());
            print(format_args!(
                "  {snap}  revision {revision}  {}",
                word("accepted_at").unwrap_or_default()
            ))?;
        }
        Ok(())
    }
}
