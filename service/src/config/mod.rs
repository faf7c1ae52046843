//! Settings: a TOML file, then the environment (`MACAROOND__SECTION__FIELD`); parsed once, at load.
//!
//! Unknown fields are errors. Secrets are given by file path. Nothing that grants power has a default.

mod database;
mod redis;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use caveats::Network;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

pub use redis::standalone;

use crate::credentials::login::SecondFactorPolicy;
use crate::sso::SsoSettings;
use model::account::Role;
use storage::records::DatabaseSettings;
use storage::revocations::RedisSettings;

/// The file and the environment as they are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "each field is named as it is written in the file")]
struct File {
    public_url: Url,
    listen: Option<SocketAddr>,
    data_dir: PathBuf,
    master_key_file: PathBuf,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    sso: SsoSection,
    #[serde(default)]
    tokens: Tokens,
    #[serde(default)]
    uploads: Uploads,
    database: Option<database::DatabaseSection>,
    redis: Option<redis::RedisSection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SsoSection {
    issuer: String,
    client_id: String,
    client_secret_file: PathBuf,
    publisher_groups: Vec<String>,
    security_groups: Vec<String>,
}

/// Everything the service can be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How clients reach it: scheme, host, port, no path.
    pub public_url: Url,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where records, blobs and locks are kept.
    pub data_dir: PathBuf,
    /// The file of the key under which secrets at rest are sealed.
    pub master_key_file: PathBuf,
    /// The networks of proxies whose `X-Forwarded-For` is believed; without any, requests come from where they come.
    pub trusted_proxies: Vec<Network>,
    /// The organisation's OpenID Connect provider.
    pub sso: SsoSettings,
    /// Lifetimes and locations of credentials.
    pub tokens: Tokens,
    /// Bounds of uploads.
    pub uploads: Uploads,
    /// The database that replicas share; without one, records are in a file in the data directory.
    pub database: Option<DatabaseSettings>,
    /// The shared revocation list; without one, the list is in this process.
    pub redis: Option<RedisSettings>,
}

/// Section `[tokens]`: lifetimes and locations of credentials.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tokens {
    /// The location in root macaroons and their caveats, as the real store spells it.
    pub store_location: String,
    /// The location of the SSO caveat; clients compare it with host and port of their SSO URL. Default: that of `public_url`.
    pub sso_location: Option<String>,
    /// The age at which a discharge must be refreshed.
    #[serde(deserialize_with = "values::duration")]
    pub discharge_max_age: Duration,
    /// How long a login lasts, whatever the refreshes.
    #[serde(deserialize_with = "values::duration")]
    pub session_lifetime: Duration,
    /// By how much the clocks of two replicas may differ.
    #[serde(deserialize_with = "values::duration")]
    pub clock_skew: Duration,
    /// Failed logins that an account, and ten times as many that an address, may have in 15 minutes.
    #[serde(deserialize_with = "values::count")]
    pub login_failures: usize,
    /// Whether an account without one-time codes may log in.
    pub second_factor: SecondFactorPolicy,
}

/// Section `[uploads]`: bounds of uploads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Uploads {
    /// The largest file, in bytes; written as `4GiB`.
    #[serde(deserialize_with = "values::size")]
    pub max_size: u64,
    /// How long a file is kept that no push claims.
    #[serde(deserialize_with = "values::duration")]
    pub keep_unclaimed: Duration,
    /// How long a push waits for the assertion that its file needs.
    #[serde(deserialize_with = "values::duration")]
    pub assertion_wait: Duration,
    /// How long a signing key stays good after another was registered under its name.
    #[serde(deserialize_with = "values::duration")]
    pub key_overlap: Duration,
    /// How many bytes one address may have sent, or be sending, that no push has claimed; written as `20GiB`.
    #[serde(deserialize_with = "values::size")]
    pub unclaimed_per_address: u64,
}

impl Default for Tokens {
    fn default() -> Tokens {
        Tokens {
            store_location: model::snap::STORE_LOCATION.to_owned(),
            sso_location: None,
            discharge_max_age: Duration::from_hours(24),
            session_lifetime: Duration::from_hours(365 * 24),
            clock_skew: Duration::from_secs(2),
            login_failures: 10,
            second_factor: SecondFactorPolicy::Optional,
        }
    }
}

impl Default for Uploads {
    fn default() -> Uploads {
        Uploads {
            max_size: 4 << 30,
            keep_unclaimed: Duration::from_hours(24),
            assertion_wait: Duration::from_secs(30),
            key_overlap: Duration::from_hours(30 * 24),
            unclaimed_per_address: 20 << 30,
        }
    }
}

/// Settings that cannot be used, in a sentence that names the place.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file could not be read.
    #[error("{what} {path} cannot be read")]
    Unreadable {
        /// Which setting named it.
        what: &'static str,
        /// The file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The settings do not parse.
    #[error("the settings are not valid: {0}")]
    Invalid(String),
}

impl Settings {
    /// Reads the file, lays this process's environment over it, and checks the whole.
    #[expect(clippy::disallowed_methods, reason = "this is the door to the environment")]
    pub fn from_environment(path: &Path) -> Result<Settings, ConfigError> {
        Settings::load(path, std::env::vars())
    }

    /// Reads the file, lays an environment over it, and checks the whole.
    pub fn load(
        path: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Settings, ConfigError> {
        let text = read("the settings file", path)?;
        let mut table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| ConfigError::Invalid(error.message().to_owned()))?;
        values::overlay(&mut table, environment).map_err(ConfigError::Invalid)?;
        let file: File = serde_path_to_error::deserialize(toml::Value::Table(table)).map_err(|error| {
            let place = error.path().to_string();
            let place = if place == "." { String::new() } else { format!("{place}: ") };
            ConfigError::Invalid(format!("{place}{}", error.inner().message()))
        })?;
        file.check()
    }

    /// The URL of a path of ours, as clients reach it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// The location of the SSO caveat: host, and port as typed.
    pub fn sso_location(&self) -> String {
        self.tokens.sso_location.clone().unwrap_or_else(|| values::netloc(&self.public_url))
    }
}

impl File {
    fn check(self) -> Result<Settings, ConfigError> {
        let refuse = |what: &str| Err(ConfigError::Invalid(what.to_owned()));
        if !values::is_origin(&self.public_url) {
            return refuse(
                "public_url must be http or https, a host and perhaps a port: https://store.example",
            );
        }
        if self.tokens.login_failures == 0 {
            return refuse("tokens.login_failures must be at least 1, or nobody could log in");
        }
        if self.uploads.keep_unclaimed < MIN_KEEP_UNCLAIMED {
            return refuse(
                "uploads.keep_unclaimed must be at least 10m: a client uploads first and pushes then",
            );
        }
        if self.uploads.assertion_wait > MAX_ASSERTION_WAIT {
            return refuse("uploads.assertion_wait must be at most 5m: a client is waiting");
        }
        if self.uploads.unclaimed_per_address < MIN_UNCLAIMED {
            return refuse(
                "uploads.unclaimed_per_address must be at least 16KiB: that is what the smallest file counts as",
            );
        }
        let network = |text: &String| {
            let refuse = || {
                ConfigError::Invalid(format!("trusted_proxies: '{text}' is no network such as 10.0.0.0/8"))
            };
            Network::parse(text).ok_or_else(refuse)
        };
        let trusted_proxies = self.trusted_proxies.iter().map(network).collect::<Result<_, _>>()?;
        let secret = read("sso.client_secret_file", &self.sso.client_secret_file)?;
        let roles = |groups: Vec<String>, role: Role| groups.into_iter().map(move |group| (group, role));
        let groups = roles(self.sso.publisher_groups, Role::Publisher)
            .chain(roles(self.sso.security_groups, Role::Security));
        let database = self.database.map(database::DatabaseSection::check).transpose()?;
        let redis = self.redis.map(redis::RedisSection::check).transpose()?;
        if database.is_some() && redis.is_none() {
            return refuse(
                "[database] needs [redis]: processes that share their records must share the revocation list",
            );
        }
        Ok(Settings {
            listen: self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8000))),
            public_url: self.public_url,
            data_dir: self.data_dir,
            master_key_file: self.master_key_file,
            trusted_proxies,
            sso: SsoSettings {
                issuer: self.sso.issuer,
                client_id: self.sso.client_id,
                client_secret: SecretString::from(secret.trim()),
                groups: groups.collect(),
            },
            tokens: self.tokens,
            uploads: self.uploads,
            database,
            redis,
        })
    }
}

/// Well below `MIN_KEEP_UNCLAIMED`, so that nobody collects a file that waits.
const MAX_ASSERTION_WAIT: Duration = Duration::from_mins(5);
/// Long enough for a client that retries its push.
const MIN_KEEP_UNCLAIMED: Duration = Duration::from_mins(10);
/// What the smallest file counts as.
const MIN_UNCLAIMED: u64 = 16 * 1024;

fn read(what: &'static str, path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        what,
        path: path.display().to_string(),
        source,
    })
}

#[cfg(test)]
mod tests;
