//! `macaroond mint`: log in and get a credential, without any store client.

use anyhow::Context as _;
use caveats::exported::Exported;
use caveats::{Locations, Macaroon, Permission};
use clap::Args;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use timestamp::Timestamp;

use crate::terminal::output::Output;
use crate::terminal::prompt::{self, Secrets};
use crate::terminal::time::{TimeOrDuration, relative, shown};
use crate::terminal::{eprint, permission};
use client::Client;
use client::login::{self, Identity};
use model::clock::Clock;
use model::ids::SnapId;

/// Log in and mint a credential, for example for a pipeline.
///
/// It is written as `snapcraft export-login` writes one, to standard output or a file. Everything else goes to standard
/// error.
#[derive(Debug, Args)]
#[command(
    after_help = "Password and one-time code are asked for on the terminal, the code only if the account has one. Without a \
terminal they come from the environment, as MACAROOND_PASSWORD and MACAROOND_CODE; never from an argument, where every process of \
the machine could read them. Exit codes: 0 minted, 1 not minted, 2 wrong usage."
)]
pub(crate) struct Mint {
    /// The service.
    #[arg(long, env = "STORE_DASHBOARD_URL", value_name = "URL")]
    server: String,
    /// Your e-mail address; asked for if not given.
    #[arg(long, env = "MACAROOND_EMAIL", value_name = "ADDRESS")]
    email: Option<String>,
    #[command(flatten)]
    secrets: Secrets,
    /// What it may do, separated by commas or repeated. The default is what snapcraft asks for.
    #[arg(
        long = "permission",
        value_delimiter = ',',
        value_name = "NAME",
        value_parser = permission::parser(),
        default_values = SNAPCRAFT,
    )]
    permissions: Vec<Permission>,
    /// Only for these snaps, by name or id. Default: any, and new ones.
    #[arg(long = "snap", value_delimiter = ',', value_name = "NAME")]
    snaps: Vec<String>,
    /// Only for channels like these. Default: any.
    #[arg(long = "channel", value_delimiter = ',', value_name = "PATTERN")]
    channels: Vec<String>,
    /// Until when: a moment such as 2026-12-24T18:00:00Z, or 2h, 7days from now.
    #[arg(long, default_value = "24h", value_name = "WHEN")]
    expires: TimeOrDuration,
    /// What it is for; shown where credentials are listed.
    #[arg(long, default_value = "macaroond mint", value_name = "TEXT")]
    description: String,
    #[command(flatten)]
    output: Output,
}

const SNAPCRAFT: [&str; 7] = [
    "package_access",
    "package_manage",
    "package_metrics",
    "package_push",
    "package_register",
    "package_release",
    "package_update",
];

impl Mint {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        self.output.check()?;
        let client = Client::new(&self.server)?;
        let now = Clock::system().now();
        let expires = self.expires.from(now)?;
        // Before anyone is asked for a password: what is wished for may be refused.
        let root = login::root(&client, &self.wish(expires)).await?;
        if client.is_in_the_clear() {
            eprint(format_args!(
                "Warning: {} is no https URL, so others can read your password.",
                self.server
            ));
        }
        let email = match &self.email {
            Some(email) => email.clone(),
            None => prompt::email()?,
        };
        eprint(format_args!("Logging in to {} as {email}.", self.server));
        let password = self.secrets.password()?;
        let mut who = Identity { email: &email, password: &password, code: None };
        let mut answer = login::ask(&client, &root, who).await?;
        let code: SecretString;
        if login::needs_code(&answer) {
            code = self.secrets.code()?;
            who.code = Some(&code);
            answer = login::ask(&client, &root, who).await?;
        }
        let discharge = login::discharged(answer).context("not logged in")?;
        let minted = Exported::u1_macaroon(root, discharge);
        self.output.write(&minted.write())?;
        self.tell_what(ends(&minted, expires), expires, now);
        Ok(())
    }

    fn wish(&self, expires: Timestamp) -> Value {
        let mut wish = Map::new();
        wish.insert("permissions".to_owned(), json!(self.permissions));
        wish.insert("expires".to_owned(), format!("{expires}Z").into());
        wish.insert("description".to_owned(), self.description.as_str().into());
        if !self.snaps.is_empty() {
            let packages = self.snaps.iter().map(|snap| match snap.parse::<SnapId>() {
                Ok(id) => json!({"snap_id": id, "series": "16"}),
                Err(_) => json!({"name": snap, "series": "16"}),
            });
            wish.insert("packages".to_owned(), packages.collect());
        }
        if !self.channels.is_empty() {
            wish.insert("channels".to_owned(), json!(self.channels));
        }
        Value::Object(wish)
    }

    /// Tells what was minted: a login may end sooner than what was asked for.
    fn tell_what(&self, ends: Timestamp, asked: Timestamp, now: Timestamp) {
        let names: Vec<&str> = self.permissions.iter().map(|permission| permission.as_str()).collect();
        let any = |list: &[String], any: &str| if list.is_empty() { any.to_owned() } else { list.join(", ") };
        eprint(format_args!("Minted. It allows {}", names.join(", ")));
        eprint(format_args!(
            "  for {}, in {}, and expires {}, at {} ({}).",
            any(&self.snaps, "any of your snaps"),
            any(&self.channels, "any channel"),
            relative(ends, now),
            shown(ends),
            if ends < asked {
                "such a login ends sooner than was asked for"
            } else {
                "--expires takes another time"
            },
        ));
        if let Some(path) = self.output.file() {
            eprint(format_args!("Wrote it to {}; only you can read it.", path.display()));
        }
    }
}

/// When a credential ends: its login's end is not what was asked for, where the service bounds it.
fn ends(minted: &Exported, asked: Timestamp) -> Timestamp {
    let sso = minted.discharges.first().map(Macaroon::location).unwrap_or_default();
    let claims = minted.claims(&Locations { store: minted.root.location(), sso });
    claims.facts.expires.map_or(asked, |expires| expires.min(asked))
}
