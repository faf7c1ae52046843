//! How the Redis with the shared revocation list is reached, and what it must prove.

use std::time::Duration;

use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, RedisError, TlsCertificates};
use secrecy::{ExposeSecret as _, SecretString};

/// The Redis of the shared list.
#[derive(Debug, Clone)]
pub struct RedisSettings {
    /// Where it is found.
    pub place: RedisTopology,
    /// The ACL user of the server that holds the list, in place of the one in its URL.
    pub user: Option<RedisUser>,
    /// Certificates for `rediss://`.
    pub tls: Option<RedisTls>,
    /// What every key begins with, in braces.
    pub prefix: String,
    /// On how many Redis replicas a revocation must be before it is acknowledged.
    pub min_replicas: u32,
    /// On how many Redis servers, the primary among them, it must be on disk before it is acknowledged; needs Redis 7.2.
    pub min_fsynced: u32,
    /// How long replicas are waited for.
    pub replicas_within: Duration,
    /// How long a service may believe in a list after the database last confirmed where the list is. A new home of the
    /// list acknowledges nothing before this has passed.
    pub lease: Duration,
}

/// Where the server is found that holds the list.
#[derive(Debug, Clone)]
pub enum RedisTopology {
    /// At this `redis://` or `rediss://` URL, which may hold a password.
    Standalone(SecretString),
    /// Where these Sentinels say that the primary of this name is.
    Sentinel {
        /// URLs of the Sentinels.
        nodes: Vec<SecretString>,
        /// The name of the primary.
        master: String,
    },
    /// Where these nodes of a cluster say that the slot of our keys is.
    Cluster {
        /// URLs of some nodes.
        nodes: Vec<SecretString>,
    },
}

/// A user of Redis's ACL.
#[derive(Debug, Clone)]
pub struct RedisUser {
    /// Its name; without one, `default`.
    pub name: Option<String>,
    /// Its password.
    pub password: SecretString,
}

/// Certificates, in PEM.
#[derive(Debug, Clone)]
pub struct RedisTls {
    /// Who signs the servers' certificates; without one, those that the system trusts.
    pub ca: Option<Vec<u8>>,
    /// Our certificate and its key, where the servers ask for one.
    pub client: Option<(Vec<u8>, SecretString)>,
}

impl RedisSettings {
    /// A client of the server at a URL, as the user that the URL names.
    pub(super) fn client(&self, url: &SecretString) -> Result<Client, RedisError> {
        self.open(url.expose_secret().into_connection_info()?)
    }

    /// A client of the server that holds the list: at another address than the node that told it, in the same way.
    pub(super) fn client_at(
        &self,
        node: &SecretString,
        address: Option<(String, u16)>,
    ) -> Result<Client, RedisError> {
        let mut info = node.expose_secret().into_connection_info()?;
        if let Some((host, port)) = address {
            let address = match info.addr() {
                ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                    ConnectionAddr::TcpTls { host, port, insecure: *insecure, tls_params: tls_params.clone() }
                }
                _ => ConnectionAddr::Tcp(host, port),
            };
            info = info.set_addr(address);
        }
        if let Some(user) = &self.user {
            let mut redis = info.redis_settings().clone().set_password(user.password.expose_secret());
            if let Some(name) = &user.name {
                redis = redis.set_username(name);
            }
            info = info.set_redis_settings(redis);
        }
        self.open(info)
    }

    fn open(&self, info: ConnectionInfo) -> Result<Client, RedisError> {
        let Some(tls) = &self.tls else { return Client::open(info) };
        let client = tls.client.as_ref().map(|(certificate, key)| redis::ClientTlsConfig {
            client_cert: certificate.clone(),
            client_key: key.expose_secret().as_bytes().to_vec(),
        });
        Client::build_with_tls(info, TlsCertificates { client_tls: client, root_cert: tls.ca.clone() })
    }
}
