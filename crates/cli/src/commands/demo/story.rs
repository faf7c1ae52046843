//! The story: what each person does, what the service must answer, and how long that took.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use caveats::Predicate;
use caveats::exported::Exported;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use timestamp::Timestamp;

use super::snap;
use super::stage::{Person, Stage};
use crate::credential::read::authorization;
use crate::terminal::print;
use client::{Answer, Client};
use model::account::Role;
use model::clock::Clock;

const SNAP: &str = "hello-macaroon";
const STORE: &str = model::snap::STORE_LOCATION;
/// Long enough for a slow machine; every answer of the story comes within milliseconds.
const POLLS: usize = 100;

/// Tells it. An error says which step was not as told.
pub(crate) async fn eprint(stage: &Stage) -> anyhow::Result<()> {
    let mut teller = Teller { client: Client::new(stage.base_url())?, step: 0 };
    print(format_args!("macaroond demo: one story over HTTP, against a service at {}\n", stage.base_url()))?;

    print("A publisher logs in, and mints a credential for the CI pipeline.")?;
    let publisher = stage.person(Role::Publisher)?;
    let everything = ["package_access", "package_push", "package_register", "package_release"];
    teller.refused_without_code(publisher, &everything).await?;
    let own = teller.log_in("log in with password and one-time code", publisher, &everything).await?;
    let snap_id = teller.register(&own).await?;
    let ci = teller.narrow(&own, &snap_id)?;

    print("\nThe pipeline works with the narrow credential, and no further.")?;
    let status_url = teller.upload(&ci).await?;
    teller.processed(&status_url).await?;
    teller.other_channel(&ci).await?;
    teller.other_snap(&ci).await?;

    print("\nThe pipeline's credential leaks. Whoever finds it can use it, as narrow as it is.")?;
    teller.whoami("somebody uses the leaked credential", &ci).await?;

    print("\nA security engineer pastes the leaked string.")?;
    let security = stage.person(Role::Security)?;
    let own_of_security = teller
        .log_in("log in with password and one-time code", security, &["credential_revoke", "credential_list"])
        .await?;
    let acknowledged = teller.revoke(&own_of_security, &ci).await?;
    let took = teller.dead(&ci).await?;
    let milliseconds = took.duration_since(acknowledged).as_secs_f64() * 1000.0;
    teller.dead_when_narrowed(&ci).await?;

    print("\nNobody else is cut off.")?;
    teller.release(&own).await?;
    print(format_args!(
        "\nFrom the acknowledgement to the refusal: {milliseconds:.1} ms. All {} steps as told.",
        teller.step
    ))
}

struct Teller {
    client: Client,
    step: usize,
}

/// A credential as its holder keeps it.
struct Held(Exported);

impl Held {
    /// The header for one request: the discharge is bound anew.
    fn header(&self) -> anyhow::Result<SecretString> {
        authorization(&self.0.write())
    }
}

impl Teller {
    /// Prints a finished step.
    fn done(&mut self, what: &str, outcome: &str, took: Duration) -> anyhow::Result<()> {
        self.step += 1;
        let milliseconds = took.as_secs_f64() * 1000.0;
        print(format_args!("  {:>2}. {what:<45} {milliseconds:>8.1} ms  {outcome}", self.step))
    }

    /// Prints a refusal, if it is the one that was to be: its status, and a part of its words.
    fn refused(
        &mut self,
        what: &str,
        answer: &Answer,
        status: u16,
        word: &str,
        took: Duration,
    ) -> anyhow::Result<()> {
        let message = answer.message();
        ensure!(
            answer.status == status && message.contains(word),
            "'{what}' was not as told: a refusal with {status} was due, and {} came: {message}",
            answer.status
        );
        self.done(what, &format!("refused, {status}: {message}"), took)
    }

    async fn refused_without_code(&mut self, who: &Person, permissions: &[&str]) -> anyhow::Result<()> {
        let began = Instant::now();
        let answer = who.ask(&self.client, permissions, None).await?.1;
        self.refused("log in with the password alone", &answer, 401, "2-factor", began.elapsed())
    }

    async fn log_in(&mut self, what: &str, who: &Person, permissions: &[&str]) -> anyhow::Result<Held> {
        let began = Instant::now();
        let exported = who.log_in(&self.client, permissions).await.context(what.to_owned())?;
        self.done(what, &format!("{}: {}", who.email, permissions.join(", ")), began.elapsed())?;
        Ok(Held(exported))
    }

    async fn register(&mut self, own: &Held) -> anyhow::Result<String> {
        let what = format!("register the name {SNAP}");
        let began = Instant::now();
        let body = json!({"snap_name": SNAP, "is_private": false, "series": "16"});
        let answer = self.client.post("/dev/api/register-name/", Some(&own.header()?), &body).await?;
        let body = answer.success().context(what.clone())?;
        let snap_id = body.get("snap_id").and_then(Value::as_str).context("no snap_id in the answer")?;
        self.done(&what, &format!("snap id {snap_id}"), began.elapsed())?;
        Ok(snap_id.to_owned())
    }

    /// Needs no service: whoever holds a credential can narrow it.
    fn narrow(&mut self, own: &Held, snap_id: &str) -> anyhow::Result<Held> {
        let began = Instant::now();
        let in_a_week = Clock::system().now().add_secs(7 * 24 * 3600).unwrap_or(Timestamp::from_micros(0));
        let mut narrow = own.0.clone();
        for predicate in [
            Predicate::Packages(vec![snap_id.to_owned()]),
            Predicate::Channels(vec!["edge".to_owned()]),
            Predicate::Expires(in_a_week),
        ] {
            narrow.attenuate(&predicate.encode(STORE))?;
        }
        self.done("narrow it, offline", &format!("only {SNAP}, only edge, for a week"), began.elapsed())?;
        Ok(Held(narrow))
    }

    async fn upload(&mut self, ci: &Held) -> anyhow::Result<String> {
        let bytes = snap::make(SNAP, "1.0")?;
        let began = Instant::now();
        let answer = self.client.upload(&bytes).await?.success().context("upload a snap")?;
        let upload_id = answer.get("upload_id").context("no upload_id in the answer")?;
        let body = json!({
            "name": SNAP, "series": "16", "updown_id": upload_id, "binary_filesize": bytes.len(),
            "source_uploaded": false, "channels": ["edge"],
        });
        let answer = self.client.post("/dev/api/snap-push/", Some(&ci.header()?), &body).await?;
        let answer = answer.success().context("push the upload")?;
        let url = answer.get("status_details_url").and_then(Value::as_str).context("no status URL")?;
        self.done("upload a snap, release it to edge", &format!("{} bytes", bytes.len()), began.elapsed())?;
        Ok(url.to_owned())
    }

    async fn processed(&mut self, url: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        for _ in 0..POLLS {
            let status = self.client.get(url, None).await?.success().context("poll the status")?;
            if status.get("processed") == Some(&Value::Bool(true)) {
                let code = status.get("code").and_then(Value::as_str).unwrap_or_default();
                ensure!(code == "ready_to_release", "'poll the status' was not as told: it says {code}");
                let revision = status.get("revision").and_then(Value::as_i64).unwrap_or_default();
                return self.done(
                    "poll the status",
                    &format!("{code}, revision {revision}"),
                    began.elapsed(),
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("'poll the status' was not as told: the upload is never processed")
    }

    async fn other_channel(&mut self, ci: &Held) -> anyhow::Result<()> {
        let began = Instant::now();
        let answer = self.client.post("/dev/api/snap-release/", Some(&ci.header()?), &stable()).await?;
        self.refused("release to stable", &answer, 403, "latest/stable", began.elapsed())
    }

    async fn other_snap(&mut self, ci: &Held) -> anyhow::Result<()> {
        let began = Instant::now();
        let body = json!({"snap_name": "another-snap", "series": "16"});
        let answer = self.client.post("/dev/api/register-name/", Some(&ci.header()?), &body).await?;
        self.refused("register another name", &answer, 403, "can't create", began.elapsed())
    }

    async fn whoami(&mut self, what: &str, held: &Held) -> anyhow::Result<()> {
        let began = Instant::now();
        let answer = self.client.get("/api/v2/tokens/whoami", Some(&held.header()?)).await?;
        let body = answer.success().context(what.to_owned())?;
        let email = body.pointer("/account/email").and_then(Value::as_str).unwrap_or_default();
        self.done(what, &format!("accepted, as {email}"), began.elapsed())
    }

    /// Answers with the moment of the acknowledgement.
    async fn revoke(&mut self, own: &Held, leaked: &Held) -> anyhow::Result<Instant> {
        let text = SecretString::from(leaked.0.write());
        let body = json!({"text": text.expose_secret(), "reason": "found in a build log"});
        let began = Instant::now();
        let answer = self.client.post("/v1/revocations", Some(&own.header()?), &body).await?;
        let acknowledged = Instant::now();
        let body = answer.success().context("revoke the leaked credential")?;
        let kind = body.pointer("/revoked/0/kind").and_then(Value::as_str).unwrap_or_default();
        let outcome = format!("acknowledged: this {kind} and whatever is attenuated from it");
        self.done("revoke the leaked credential", &outcome, acknowledged.duration_since(began))?;
        Ok(acknowledged)
    }

    /// Answers with the moment of the refusal.
    async fn dead(&mut self, leaked: &Held) -> anyhow::Result<Instant> {
        let header = leaked.header()?;
        let began = Instant::now();
        let answer = self.client.get("/api/v2/tokens/whoami", Some(&header)).await?;
        let refused = Instant::now();
        let what = "somebody uses the leaked credential again";
        self.refused(what, &answer, 401, "revoked", refused.duration_since(began))?;
        Ok(refused)
    }

    async fn dead_when_narrowed(&mut self, leaked: &Held) -> anyhow::Result<()> {
        let mut child = leaked.0.clone();
        child.attenuate(&Predicate::Channels(vec!["edge/fix".to_owned()]).encode(STORE))?;
        let began = Instant::now();
        let answer = self.client.get("/api/v2/tokens/whoami", Some(&Held(child).header()?)).await?;
        self.refused("and one attenuated from it", &answer, 401, "revoked", began.elapsed())
    }

    async fn release(&mut self, own: &Held) -> anyhow::Result<()> {
        let what = "the publisher releases to stable";
        let began = Instant::now();
        let answer = self.client.post("/dev/api/snap-release/", Some(&own.header()?), &stable()).await?;
        answer.success().context(what)?;
        self.done(what, "accepted", began.elapsed())
    }
}

fn stable() -> Value {
    json!({"name": SNAP, "revision": "1", "channels": ["stable"]})
}
