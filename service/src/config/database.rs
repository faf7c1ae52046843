//! Section `[database]`: the PostgreSQL that replicas share.

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::{ConfigError, read};
use storage::records::DatabaseSettings;

/// As it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatabaseSection {
    url_file: Option<PathBuf>,
    url: Option<SecretString>,
}

impl DatabaseSection {
    /// The URL, if it is one. What is refused is told without it, as it may hold a password.
    pub(super) fn check(self) -> Result<DatabaseSettings, ConfigError> {
        let (field, url) = match (self.url, self.url_file) {
            (Some(url), None) => ("database.url", url),
            (None, Some(path)) => {
                ("database.url_file", SecretString::from(read("database.url_file", &path)?.trim()))
            }
            _ => return Err(ConfigError::Invalid("[database] needs either url or url_file".to_owned())),
        };
        match mistake(url.expose_secret()) {
            Some(mistake) => Err(ConfigError::Invalid(format!("{field}: {mistake}"))),
            None => Ok(DatabaseSettings { url }),
        }
    }
}

fn mistake(text: &str) -> Option<String> {
    let Ok(url) = Url::parse(text) else {
        return Some("this is no URL such as postgres://user:password@host/database".to_owned());
    };
    if !["postgres", "postgresql"].contains(&url.scheme()) {
        return Some("the URL must begin with postgres://".to_owned());
    }
    // sqlx takes what it does not know for a slip, and logs it with its value. The name is not told: a password with a
    // question mark that is not escaped looks like one.
    let known = url.query_pairs().all(|(name, _)| OPTIONS.contains(&name.as_ref()));
    (!known).then(|| format!("the URL has an option that is not known; there are: {}", OPTIONS.join(", ")))
}

/// What may follow the question mark. Names that also stand in the URL itself are left out, `host` for a socket's
/// directory excepted.
const OPTIONS: [&str; 7] =
    ["application_name", "host", "options", "sslcert", "sslkey", "sslmode", "sslrootcert"];
