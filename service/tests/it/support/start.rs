//! What may differ between the services of tests, and the settings file that is written from it.

use std::net::SocketAddr;
use std::time::Duration;

use caveats::Network;
use service::config::{Settings, Tokens, Uploads};
use tempfile::TempDir;

use super::redis::Redis;
use super::{Disk, Postgres};

/// Where the revocation list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Embedded,
    Redis,
}

/// Where the records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    /// In a file, or in PostgreSQL where the list is in Redis.
    AsTheList,
    /// In a file.
    File,
    /// In a PostgreSQL of this kind.
    Postgres(Disk),
}

/// What may differ between the services of tests.
pub(crate) struct Start {
    pub(crate) list: List,
    pub(crate) database: Database,
    pub(crate) tokens: Tokens,
    pub(crate) uploads: Uploads,
    pub(crate) algorithm: sso_mock::Algorithm,
    pub(crate) trusted_proxies: Vec<Network>,
}

impl Default for Start {
    fn default() -> Start {
        Start {
            list: List::Embedded,
            database: Database::AsTheList,
            // A login right after an account's cut waits this out; one clock is behind no other here.
            tokens: Tokens { clock_skew: Duration::ZERO, ..Tokens::default() },
            uploads: Uploads::default(),
            algorithm: sso_mock::Algorithm::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// The settings, read as the program reads them: from a file.
pub(crate) fn settings(
    start: Start,
    address: SocketAddr,
    directory: &TempDir,
    sso: &sso_mock::Provider,
    redis: Option<&Redis>,
    postgres: Option<&Postgres>,
) -> Settings {
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("client.secret"), sso.client_secret()).unwrap();
    let text = format!(
        "public_url = 'http://{address}'\n\
         data_dir = '{}'\n\
         master_key_file = '{}'\n\
         [sso]\n\
         issuer = '{}'\n\
         client_id = '{}'\n\
         client_secret_file = '{}'\n\
         publisher_groups = ['publisher']\n\
         security_groups = ['security']\n",
        directory.path().display(),
        at("master.key").display(),
        sso.issuer(),
        sso.client_id(),
        at("client.secret").display(),
    );
    let redis =
        redis.map_or_else(String::new, |redis| format!("[redis]\nurl = '{}'\nprefix = 'it'\n", redis.url()));
    let database =
        postgres.map_or_else(String::new, |postgres| format!("[database]\nurl = '{}'\n", postgres.url()));
    std::fs::write(at("macaroond.toml"), text + &redis + &database).unwrap();
    let settings = Settings::load(&at("macaroond.toml"), std::iter::empty()).unwrap();
    let Start { tokens, uploads, trusted_proxies, .. } = start;
    Settings { tokens, uploads, trusted_proxies, ..settings }
}
