//! The `dev` service that the story plays on: a process of its own, in a directory that vanishes with it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use caveats::Macaroon;
use caveats::exported::Exported;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::terminal::print;
use client::login::{self, Identity};
use client::{Answer, Client};
use model::account::Role;
use model::clock::Clock;
use model::random;
use service::credentials::second_factor::code_at;

const START_TIMEOUT: Duration = Duration::from_mins(1);

/// A running `dev` service.
#[derive(Debug)]
pub struct Stage {
    child: Child,
    directory: PathBuf,
    dev: Announcement,
}

/// The line that `macaroond dev --json` prints.
#[derive(Deserialize)]
struct Announcement {
    base_url: String,
    accounts: Vec<Person>,
}

/// Somebody who can log in.
#[derive(Deserialize)]
pub struct Person {
    /// Their e-mail address.
    pub email: String,
    /// Their password.
    pub password: String,
    totp_secret: String,
    role: Role,
}

impl Stage {
    /// Starts this `macaroond` as a `dev` service; port 0 picks a free one.
    pub async fn start(program: &Path, port: u16, redis_url: Option<&str>) -> anyhow::Result<Stage> {
        Stage::start_with(program, port, redis_url, None).await
    }

    /// The same, with the store's keys in a directory.
    pub async fn start_with(
        program: &Path,
        port: u16,
        redis_url: Option<&str>,
        store_keys: Option<&Path>,
    ) -> anyhow::Result<Stage> {
        let directory = std::env::temp_dir().join(format!("macaroond-demo-{}", random::alphanumeric(12)));
        let mut command = Command::new(program);
        command.args(["dev", "--json", "--port", &port.to_string(), "--data-dir"]).arg(&directory);
        if let Some(url) = redis_url {
            command.args(["--redis-url", url]);
        }
        if let Some(directory) = store_keys {
            command.arg("--store-keys").arg(directory);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = child.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("the service has no output")?;
        let mut lines = BufReader::new(output).lines();
        let line = tokio::time::timeout(START_TIMEOUT, lines.next_line()).await;
        let line = line.context("the service did not start in time")??;
        let Some(line) = line else { bail!("the service did not start; it says why above") };
        let dev = serde_json::from_str(&line).context("the service did not announce itself")?;
        Ok(Stage { child, directory, dev })
    }

    /// Where it serves.
    pub fn base_url(&self) -> &str {
        &self.dev.base_url
    }

    /// The process's id; `None` once it has ended.
    pub fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Where it keeps everything.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Who has this role.
    pub fn person(&self, role: Role) -> anyhow::Result<&Person> {
        self.dev.accounts.iter().find(|person| person.role == role).context("nobody has this role")
    }

    /// Logs somebody of this role in.
    pub async fn log_in(&self, role: Role, permissions: &[&str]) -> anyhow::Result<Exported> {
        self.person(role)?.log_in(&Client::new(self.base_url())?, permissions).await
    }

    /// Says how to go on by oneself.
    pub fn invite(&self) -> anyhow::Result<()> {
        print("\nThe service keeps running until Ctrl-C. Point snapcraft at it:\n")?;
        for name in ["UBUNTU_ONE_SSO_URL", "STORE_DASHBOARD_URL", "STORE_UPLOAD_URL"] {
            print(format_args!("  export {name}={}", self.dev.base_url))?;
        }
        for person in &self.dev.accounts {
            let (email, role, password) = (&person.email, person.role, &person.password);
            print(format_args!("\n  {email} ({role})\n    password     {password}"))?;
            print(format_args!("    TOTP secret  {}  (for an authenticator app)", person.totp_secret))?;
        }
        Ok(())
    }

    /// Waits until the service has ended by itself.
    pub async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends it, and throws away what it kept.
    pub async fn stop(mut self) {
        // It may have ended already; what is left of it is thrown away in any case.
        drop(self.child.kill().await);
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

impl Person {
    /// A root, and what the SSO answers when it is asked for the discharge.
    pub(crate) async fn ask(
        &self,
        client: &Client,
        permissions: &[&str],
        code: Option<SecretString>,
    ) -> anyhow::Result<(Macaroon, Answer)> {
        let wish = json!({"permissions": permissions, "description": "macaroond demo"});
        let root = login::root(client, &wish).await?;
        let password = SecretString::from(self.password.as_str());
        let who = Identity { email: &self.email, password: &password, code: code.as_ref() };
        let answer = login::ask(client, &root, who).await?;
        Ok((root, answer))
    }

    /// Logs in with the code of this moment.
    pub(crate) async fn log_in(&self, client: &Client, permissions: &[&str]) -> anyhow::Result<Exported> {
        let (root, answer) = self.ask(client, permissions, self.code().map(SecretString::from)).await?;
        Ok(Exported::u1_macaroon(root, login::discharged(answer)?))
    }

    /// The code that an authenticator app would show now.
    pub fn code(&self) -> Option<String> {
        code_at(&self.totp_secret, Clock::system().now())
    }
}

impl std::fmt::Debug for Announcement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Announcement").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("email", &self.email).finish_non_exhaustive()
    }
}
