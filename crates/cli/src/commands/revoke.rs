//! `macaroond revoke`: kill whatever credentials are in a text, now.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use caveats::scan;
use clap::{Args, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use client::{Answer, Client};

use crate::credential::read::{authorization, header, read};
use crate::credential::text::{self, Text};
use crate::terminal::{eprint, print};

/// The exit code for what was found and could not be revoked.
const NOT_ALL: u8 = 3;
/// How many credentials of a text are tried as its own avenger.
const MAX_ACTORS: usize = 16;
/// The longest body that is sent as JSON; a longer text is sent as it is.
const MAX_JSON: usize = 1024 * 1024;

/// Kill whatever credentials are in a text, now.
///
/// The text may be an export, a client's own file, a header, a log, or anything else up to 64 MiB. What was done is
/// printed; no part of a credential is.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes:
  0  acknowledged: whatever was found of this service is revoked, and nothing that begins later is accepted
  1  NOT revoked, or not acknowledged yet: repeat it until it is 0
  2  wrong usage
  3  acknowledged, but not for everything: something that was found is not yours, or only half of a credential")]
pub(crate) struct Revoke {
    /// The text that leaked; `-`, or none, reads standard input.
    file: Option<PathBuf>,
    /// The service.
    #[arg(long, env = "STORE_DASHBOARD_URL", value_name = "URL")]
    server: String,
    /// How widely.
    #[arg(long, value_enum, default_value_t = Scope::Credential)]
    scope: Scope,
    /// Why, for the holder and for the journal.
    #[arg(long, default_value = "")]
    reason: String,
    /// Your own credential's file; without one, a leaked credential authorizes its own end.
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
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let text = Text::read(self.file.as_deref())?;
        let client = Client::new(&self.server)?;
        let began = Instant::now();
        let answer = match (&self.credentials_file, &self.credentials) {
            (Some(path), _) => {
                self.send(&client, &authorization(read(path)?.expose_secret())?, &text).await?
            }
            (None, Some(own)) => self.send(&client, &authorization(own.expose_secret())?, &text).await?,
            (None, None) => self.revoke_with_leaked(&client, &text).await?,
        };
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        let found = answer.body.get("found").and_then(Value::as_array).cloned().unwrap_or_default();
        if answer.status >= 300 {
            table(&found, &text).iter().for_each(eprint);
        }
        answer.success()?;
        let outcome = |one: &Value| one.get("outcome").and_then(Value::as_str).unwrap_or_default().to_owned();
        let done = found.iter().filter(|one| outcome(one).ends_with("revoked")).count();
        print(format_args!(
            "Revoked and acknowledged in {milliseconds:.1} ms: {done} of {} found.",
            found.len()
        ))?;
        for line in table(&found, &text) {
            print(line)?;
        }
        let all = found.iter().all(|one| outcome(one).ends_with("revoked") || outcome(one) == "not-ours");
        Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(NOT_ALL) })
    }

    /// Lets a credential of the text authorize its own end: the first that the service does not call dead.
    async fn revoke_with_leaked(&self, client: &Client, text: &Text) -> anyhow::Result<Answer> {
        let whole = |found: &scan::Finding| !found.credential.discharges.is_empty();
        let found = text::find(text);
        if found.is_empty() {
            bail!("no credential was found in the text; one that is cut off is not found");
        }
        let mut last = None;
        for finding in found.into_iter().filter(whole).take(MAX_ACTORS) {
            let answer = self.send(client, &header(finding.credential)?, text).await?;
            if answer.status != 401 {
                return Ok(answer);
            }
            last.get_or_insert(answer);
        }
        last.context(
            "there are only halves of credentials in the text, which cannot authorize their own end: give a credential of your \
             own with --credentials-file",
        )
    }

    async fn send(&self, client: &Client, actor: &SecretString, text: &Text) -> anyhow::Result<Answer> {
        let scope = self.scope.to_possible_value().map(|value| value.get_name().to_owned());
        let scope = scope.unwrap_or_default();
        if let Some(text) = text.as_str() {
            let body = json!({"text": text, "scope": scope, "reason": self.reason});
            if text.len() < MAX_JSON && body.to_string().len() < MAX_JSON {
                return client.post("/v1/revocations", Some(actor), &body).await;
            }
        }
        eprint(format_args!("Sending {} …", text.size()));
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("scope", scope.as_str()), ("reason", &self.reason)])
            .finish();
        client.post_text(&format!("/v1/revocations?{query}"), actor, text.bytes().to_vec()).await
    }
}

/// A line for each finding, and what to do about those that live on.
fn table(found: &[Value], text: &Text) -> Vec<String> {
    if found.is_empty() {
        return Vec::new();
    }
    let word = |one: &Value, key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut lines =
        vec![format!("  {:>7}  {:<10}  {:<15}  {}", "line", "found", "outcome", "what was revoked")];
    let mut advice = Vec::new();
    for one in found {
        let offset = one.get("offset").and_then(Value::as_u64).unwrap_or_default();
        let told = match (word(one, "kind").as_str(), word(one, "outcome").as_str()) {
            (_, "not-ours") => "nothing: it is not of this service".to_owned(),
            (_, "forbidden") => format!("nothing: it is somebody else's, of token {}", word(one, "token_id")),
            (_, "unproven" | "damaged") => format!("nothing: it may be of token {}", word(one, "token_id")),
            (kind @ ("credential" | "family"), _) => format!("{kind} of token {}", word(one, "token_id")),
            ("session", _) => format!("session {}", word(one, "session_id")),
            ("account", _) => format!("everything until now of account {}", word(one, "account_id")),
            (other, _) => other.to_owned(),
        };
        let (line, what, outcome) = (text.line(offset), word(one, "what"), word(one, "outcome"));
        lines.push(format!("  {line:>7}  {what:<10}  {outcome:<15}  {told}"));
        let said = word(one, "advice");
        if !said.is_empty() && !advice.contains(&said) {
            advice.push(said);
        }
    }
    lines.extend(advice);
    lines
}
