//! `macaroond revoke FILE`: kill the credential in a file, now.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::client::{Client, authorization, read};
use super::say;

/// Kill the credential in a file, now. Exit code 0 means acknowledged: nothing that begins later is accepted.
#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The leaked credential, in any form in which clients keep one; `-` reads standard input.
    file: PathBuf,
    /// The service.
    #[arg(long, env = "STORE_DASHBOARD_URL", value_name = "URL")]
    server: String,
    /// How widely.
    #[arg(long, value_enum, default_value_t = Scope::Credential)]
    scope: Scope,
    /// Why, for the holder and for the journal.
    #[arg(long, default_value = "")]
    reason: String,
    /// Your own credential's file; without one, the leaked credential authorizes its own end.
    #[arg(long, value_name = "FILE")]
    credentials_file: Option<PathBuf>,
    /// Your own credential, as export-login writes it (better from the environment than on the command line).
    #[arg(long, env = "SNAPCRAFT_STORE_CREDENTIALS", hide_env_values = true, value_name = "TEXT")]
    credentials: Option<SecretString>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scope {
    /// The credential and everything attenuated from it.
    Credential,
    /// Everything attenuated from the same root.
    Family,
    /// Everything of the same login.
    Session,
    /// Everything of the same account, up to now.
    Account,
}

impl Revoke {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let leaked = read(&self.file)?;
        let own = match (&self.credentials_file, self.credentials) {
            (Some(path), _) => Some(read(path)?),
            (None, credentials) => credentials,
        };
        let actor = authorization(own.as_ref().unwrap_or(&leaked).expose_secret())?;
        let scope = self.scope.to_possible_value().map(|value| value.get_name().to_owned());
        let body = json!({"text": leaked.expose_secret(), "scope": scope, "reason": self.reason});
        let began = Instant::now();
        let answer =
            Client::new(&self.server)?.post("/v1/revocations", Some(&actor), &body).await?.success()?;
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        for done in
            answer.get("revoked").and_then(Value::as_array).context("the service's answer is not one")?
        {
            let word = |key: &str| done.get(key).and_then(Value::as_str).unwrap_or_default();
            let what = match word("kind") {
                kind @ ("credential" | "family") => format!("{kind} of token {}", word("token_id")),
                "session" => format!("session {}", word("session_id")),
                "account" => format!("everything until now of account {}", word("account_id")),
                other => other.to_owned(),
            };
            say(format_args!("Revoked and acknowledged in {milliseconds:.1} ms: {what}"))?;
        }
        Ok(())
    }
}
