//! Section `[redis]`: where the shared revocation list is, and what it must prove before a revocation is acknowledged.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{ConfigError, read, values};
use storage::revocations::{RedisSettings, RedisTls, RedisTopology, RedisUser};

/// The section as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RedisSection {
    #[serde(default)]
    mode: Mode,
    url: Option<SecretString>,
    url_file: Option<PathBuf>,
    #[serde(default)]
    nodes: Vec<SecretString>,
    master: Option<String>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    tls_ca_file: Option<PathBuf>,
    tls_cert_file: Option<PathBuf>,
    tls_key_file: Option<PathBuf>,
    #[serde(default = "default_prefix")]
    prefix: String,
    min_replicas: Option<u32>,
    #[serde(default)]
    min_fsynced: u32,
    #[serde(default = "default_replicas_within", deserialize_with = "values::duration")]
    replicas_within: Duration,
    #[serde(default = "default_lease", deserialize_with = "values::duration")]
    lease: Duration,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Standalone,
    Sentinel,
    Cluster,
}

const LEASE: std::ops::RangeInclusive<Duration> = Duration::from_millis(500)..=Duration::from_secs(30);
const REPLICAS_WITHIN: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(10)..=Duration::from_secs(5);

fn default_prefix() -> String {
    "macaroond".to_owned()
}

fn default_replicas_within() -> Duration {
    Duration::from_secs(1)
}

fn default_lease() -> Duration {
    Duration::from_secs(2)
}

/// A standalone server at a `redis://` URL, with keys under `prefix`, and everything else as it is by default.
pub fn standalone(url: SecretString, prefix: String) -> RedisSettings {
    RedisSettings {
        place: RedisTopology::Standalone(url),
        user: None,
        tls: None,
        prefix,
        min_replicas: 0,
        min_fsynced: 0,
        replicas_within: default_replicas_within(),
        lease: default_lease(),
    }
}

impl RedisSection {
    pub(super) fn check(self) -> Result<RedisSettings, ConfigError> {
        let refuse = |what: &str| Err(ConfigError::Invalid(what.to_owned()));
        if self.prefix.is_empty() || self.prefix.contains(['{', '}']) {
            return refuse("redis.prefix must be some text without braces, such as macaroond");
        }
        if !LEASE.contains(&self.lease) {
            return refuse("redis.lease must be from 500ms to 30s");
        }
        if !REPLICAS_WITHIN.contains(&self.replicas_within) {
            return refuse("redis.replicas_within must be from 10ms to 5s");
        }
        let url = match (self.url, &self.url_file) {
            (Some(url), None) => Some(url),
            (None, Some(path)) => Some(secret("redis.url_file", path)?),
            (None, None) => None,
            (Some(_), Some(_)) => return refuse("[redis] needs either url or url_file"),
        };
        for url in url.iter().chain(&self.nodes) {
            if !storage::revocations::is_redis_url(url.expose_secret()) {
                return refuse("[redis] has a URL that is not one of Redis, such as redis://127.0.0.1:6379");
            }
        }
        let place = match (self.mode, url, self.nodes, self.master) {
            (Mode::Standalone, Some(url), nodes, None) if nodes.is_empty() => RedisTopology::Standalone(url),
            (Mode::Standalone, ..) => {
                return refuse("[redis] needs either url or url_file, and nothing of nodes or master");
            }
            (Mode::Sentinel, None, nodes, Some(master)) if !nodes.is_empty() => {
                RedisTopology::Sentinel { nodes, master }
            }
            (Mode::Sentinel, ..) => {
                return refuse(
                    "[redis] with mode 'sentinel' needs nodes (URLs of the Sentinels) and master (its name), and no url",
                );
            }
            (Mode::Cluster, None, nodes, None) if !nodes.is_empty() => RedisTopology::Cluster { nodes },
            (Mode::Cluster, ..) => {
                return refuse(
                    "[redis] with mode 'cluster' needs nodes (URLs of some of them), and no url or master",
                );
            }
        };
        // A primary that Sentinels may replace is not to be believed alone.
        let min_replicas =
            self.min_replicas.unwrap_or(u32::from(!matches!(place, RedisTopology::Standalone(_))));
        let user = match (self.user, &self.password_file) {
            (name, Some(path)) => Some(RedisUser { name, password: secret("redis.password_file", path)? }),
            (Some(_), None) => return refuse("redis.user needs redis.password_file"),
            (None, None) => None,
        };
        let client = match (&self.tls_cert_file, &self.tls_key_file) {
            (Some(certificate), Some(key)) => Some((
                read("redis.tls_cert_file", certificate)?.into_bytes(),
                SecretString::from(read("redis.tls_key_file", key)?),
            )),
            (None, None) => None,
            _ => return refuse("redis.tls_cert_file and redis.tls_key_file belong together"),
        };
        let ca = match &self.tls_ca_file {
            Some(path) => Some(read("redis.tls_ca_file", path)?.into_bytes()),
            None => None,
        };
        let tls = (ca.is_some() || client.is_some()).then_some(RedisTls { ca, client });
        Ok(RedisSettings {
            place,
            user,
            tls,
            prefix: self.prefix,
            min_replicas,
            min_fsynced: self.min_fsynced,
            replicas_within: self.replicas_within,
            lease: self.lease,
        })
    }
}

fn secret(what: &'static str, path: &std::path::Path) -> Result<SecretString, ConfigError> {
    Ok(SecretString::from(read(what, path)?.trim()))
}
