//! `macaroond dev`: service and SSO in one process, with two demo accounts, keys and settings made on the spot.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use crate::terminal::print;
use model::account::{Identity as Person, Role};
use model::clock::Clock;
use model::random;
use service::authority::keys::{self as store_keys, Identity, files};
use service::config::{Settings, Tokens, Uploads, standalone};
use service::credentials::second_factor;
use service::sso::SsoSettings;
use service::startup::{Service, listen};
use storage::sealing::MasterKey;

/// Somebody whom a `dev` service knows: e-mail address, user name, name, role.
type Demo = (&'static str, &'static str, &'static str, Role);

/// The two people of every `dev` service, and who comes with `--colleague`.
const PEOPLE: [Demo; 3] = [
    ("publisher@example.com", "publisher", "Demo Publisher", Role::Publisher),
    ("security@example.com", "security", "Demo Security Engineer", Role::Security),
    ("colleague@example.com", "colleague", "Demo Colleague", Role::Publisher),
];

/// Serve for trying it out. Nothing needs to be there before; everything is kept in the data directory.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The port to listen on, at 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Where everything is kept; made if missing.
    #[arg(long, default_value = "macaroond-dev", value_name = "DIR")]
    data_dir: PathBuf,
    /// Keep the revocation list in this Redis instead of in the process.
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
    /// The age at which a discharge must be refreshed.
    #[arg(long, default_value = "24h", value_parser = humantime::parse_duration, value_name = "AGE")]
    discharge_max_age: Duration,
    /// How long a push waits for the assertion that its file needs.
    #[arg(long, default_value = "30s", value_parser = humantime::parse_duration, value_name = "TIME")]
    assertion_wait: Duration,
    /// How long a signing key stays good after another was registered under its name.
    #[arg(long, default_value = "30days", value_parser = humantime::parse_duration, value_name = "TIME")]
    key_overlap: Duration,
    /// Know a second publisher too, who has nothing in common with the first.
    #[arg(long)]
    colleague: bool,
    /// Take the store's keys from this directory; made there if missing. For stores that come and go, which need not wait for
    /// keys of their own.
    #[arg(long, value_name = "DIR")]
    store_keys: Option<PathBuf>,
    /// Print one line of JSON for scripts instead of the text.
    #[arg(long)]
    json: bool,
}

/// What a `dev` service must remember between starts.
#[derive(Serialize, Deserialize)]
struct Remembered {
    /// The SSO's port: its URL is the issuer, and accounts belong to an issuer.
    sso_port: u16,
    client_secret: String,
    passwords: Vec<String>,
}

impl Dev {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.data_dir)
            .with_context(|| format!("cannot make the data directory {}", self.data_dir.display()))?;
        let data_dir = self.data_dir.canonicalize()?;
        let remembered = remembered(&data_dir)?;
        let people = self.people(&remembered)?;
        let provider = start_sso(&remembered, &people).await?;
        let clock = Clock::system();
        let mut settings = self.settings(&data_dir, &provider)?;
        let listener = listen(&settings)
            .with_context(|| format!("port {} cannot be used; choose another with --port", self.port))?;
        settings
            .public_url
            .set_port(Some(listener.local_addr()?.port()))
            .ok()
            .context("no port in the URL")?;
        MasterKey::read_or_create(&settings.master_key_file)?;
        let base_url = settings.url("");
        let service = Service::open(settings, clock).await?;
        if let Some(directory) = &self.store_keys {
            let (state, identity) = (&service.state, Identity::new("macaroond dev"));
            let pair = files::read_or_make(directory).await?;
            store_keys::make(&state.records, &state.master, &identity, &pair, state.clock.now()).await?;
        }
        let accounts = enrol(&service, provider.issuer(), &people).await?;
        service.prepare_keys().await;
        let server = service.serve(listener)?;
        if self.json {
            print(json!({
                "base_url": base_url,
                "sso_url": base_url,
                "accounts": accounts,
                "data_dir": data_dir,
            }))?;
        } else {
            welcome(&base_url, &data_dir, &accounts)?;
        }
        server.await?;
        service.close().await;
        provider.stop().await;
        Ok(())
    }

    /// The people of this service, with their passwords.
    fn people<'a>(&self, remembered: &'a Remembered) -> anyhow::Result<Vec<(Demo, &'a str)>> {
        let wanted = if self.colleague { PEOPLE.len() } else { PEOPLE.len() - 1 };
        let passwords = remembered.passwords.iter().map(String::as_str);
        let people: Vec<_> = PEOPLE.into_iter().zip(passwords).take(wanted).collect();
        anyhow::ensure!(
            people.len() == wanted,
            "the data directory is from before --colleague; name another with --data-dir"
        );
        Ok(people)
    }

    fn settings(&self, data_dir: &Path, provider: &sso_mock::Provider) -> anyhow::Result<Settings> {
        let prefix = "macaroond-dev".to_owned();
        let redis = self.redis_url.clone().map(|url| standalone(SecretString::from(url), prefix));
        Ok(Settings {
            public_url: Url::parse("http://127.0.0.1")?,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
            data_dir: data_dir.to_owned(),
            master_key_file: data_dir.join("master.key"),
            trusted_proxies: Vec::new(),
            sso: SsoSettings {
                issuer: provider.issuer().to_owned(),
                client_id: provider.client_id().to_owned(),
                client_secret: SecretString::from(provider.client_secret()),
                groups: PEOPLE.iter().map(|(.., role)| (role.to_string(), *role)).collect(),
            },
            tokens: Tokens { discharge_max_age: self.discharge_max_age, ..Tokens::default() },
            uploads: Uploads {
                assertion_wait: self.assertion_wait,
                key_overlap: self.key_overlap,
                ..Uploads::default()
            },
            database: None,
            redis,
        })
    }
}

/// One account, for the person or the script that tries it out.
#[derive(Debug, Serialize)]
struct Credentials {
    email: String,
    password: String,
    totp_secret: String,
    role: Role,
    #[serde(skip)]
    code: String,
}

fn remembered(data_dir: &Path) -> anyhow::Result<Remembered> {
    let path = data_dir.join("dev.json");
    if path.exists() {
        return Ok(serde_json::from_slice(&std::fs::read(&path)?)?);
    }
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let made = Remembered {
        sso_port: port,
        client_secret: random::alphanumeric(32),
        passwords: PEOPLE.iter().map(|_| random::alphanumeric(16)).collect(),
    };
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    serde_json::to_writer(file, &made)?;
    Ok(made)
}

async fn start_sso(remembered: &Remembered, people: &[(Demo, &str)]) -> anyhow::Result<sso_mock::Provider> {
    let accounts = people.iter().map(|((email, username, name, role), password)| sso_mock::NewAccount {
        email: (*email).to_owned(),
        username: (*username).to_owned(),
        display_name: (*name).to_owned(),
        password: (*password).to_owned(),
        groups: vec![role.to_string()],
        subject: Some(subject(username)),
    });
    let settings = sso_mock::Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, remembered.sso_port)),
        client_secret: remembered.client_secret.clone(),
        accounts: accounts.collect(),
        ..sso_mock::Settings::default()
    };
    let port = remembered.sso_port;
    sso_mock::spawn(settings).await.with_context(|| {
        format!("the demo SSO did not start on port {port}; does another macaroond use this data directory?")
    })
}

/// Makes the demo accounts, each with a second factor, unless an earlier start did.
async fn enrol(service: &Service, issuer: &str, people: &[(Demo, &str)]) -> anyhow::Result<Vec<Credentials>> {
    let state = &service.state;
    let mut all = Vec::new();
    for ((email, username, name, role), password) in people {
        let identity = Person {
            issuer: issuer.to_owned(),
            subject: subject(username),
            email: (*email).to_owned(),
            email_verified: true,
            username: (*username).to_owned(),
            display_name: (*name).to_owned(),
            roles: vec![*role],
        };
        let now = state.clock.now();
        let account = state.records.remember_account(&identity, now).await?;
        let secret = match second_factor::secret(&state.records, &state.master, &account.id).await? {
            Some(secret) => secret,
            None => second_factor::enrol(&state.records, &state.master, &account.id, now).await?,
        };
        all.push(Credentials {
            email: (*email).to_owned(),
            password: (*password).to_owned(),
            code: second_factor::code_at(&secret, now).unwrap_or_default(),
            totp_secret: secret,
            role: *role,
        });
    }
    Ok(all)
}

fn subject(username: &str) -> String {
    format!("dev-{username}")
}

fn welcome(base_url: &str, data_dir: &Path, accounts: &[Credentials]) -> anyhow::Result<()> {
    print(format_args!(
        "macaroond dev serves at {base_url} and keeps everything in {}.",
        data_dir.display()
    ))?;
    print("\nPoint snapcraft here:\n")?;
    for name in ["UBUNTU_ONE_SSO_URL", "STORE_DASHBOARD_URL", "STORE_UPLOAD_URL"] {
        print(format_args!("  export {name}={base_url}"))?;
    }
    print("\nand log in as one of:\n")?;
    for account in accounts {
        print(format_args!("  {} ({})", account.email, account.role))?;
        print(format_args!("    password         {}", account.password))?;
        print(format_args!("    TOTP secret      {}", account.totp_secret))?;
        print(format_args!("    code right now   {}  (works once)", account.code))?;
    }
    print("\nCtrl-C stops it.")
}
