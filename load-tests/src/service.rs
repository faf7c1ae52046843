//! The service under load: a `macaroond dev` in a directory of its own, and credentials for it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use caveats::Predicate;
use caveats::exported::Exported;
use macaroond::commands::demo::stage::Stage;
use model::account::Role;
use model::clock::Clock;
use serde_json::Value;

const STORE: &str = model::snap::STORE_LOCATION;

/// A running service.
#[derive(Debug)]
pub(crate) struct Service {
    stage: Stage,
    pub(crate) http: reqwest::Client,
}

/// A credential as its holder keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Held(Exported);

impl Service {
    pub(crate) async fn start(program: &Path, redis_url: Option<&str>) -> anyhow::Result<Service> {
        Ok(Service { stage: Stage::start(program, 0, redis_url).await?, http: reqwest::Client::new() })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stage.base_url())
    }

    /// Its process, as `/proc` has it.
    pub(crate) fn process(&self) -> anyhow::Result<PathBuf> {
        let id = self.stage.process_id().context("the service has ended")?;
        Ok(Path::new("/proc").join(id.to_string()))
    }

    /// Logs in as the demo account of this role.
    pub(crate) async fn log_in(&self, role: Role, permissions: &[&str]) -> anyhow::Result<Held> {
        Ok(Held(self.stage.log_in(role, permissions).await?))
    }

    /// Posts JSON; anything but a success is an error.
    pub(crate) async fn post(&self, path: &str, header: Option<&str>, body: &Value) -> anyhow::Result<Value> {
        let mut request = self.http.post(self.url(path)).json(body);
        if let Some(header) = header {
            request = request.header("Authorization", header);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        let message = body.get("message").and_then(Value::as_str).unwrap_or_default();
        ensure!(status.is_success(), "{path} answered {status}: {message}");
        Ok(body)
    }

    pub(crate) async fn stop(self) {
        self.stage.stop().await;
    }
}

impl Held {
    /// A narrower one, which differs from all others by its end.
    pub(crate) fn child(&self, number: usize) -> anyhow::Result<Held> {
        let mut child = self.0.clone();
        let days = i64::try_from(number)?.saturating_add(30);
        let end = Clock::system().now().add_secs(days * 24 * 3600).context("no such date")?;
        child.attenuate(&Predicate::Expires(end).encode(STORE))?;
        Ok(Held(child))
    }

    /// As a client stores it.
    pub(crate) fn text(&self) -> String {
        self.0.write()
    }

    /// As a client sends it.
    pub(crate) fn header(&self) -> anyhow::Result<String> {
        Ok(self.0.clone().into_bundle()?.to_header())
    }
}
