//! Finding the Redis server that may be written to, and what kind of server it is.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError};
use secrecy::SecretString;

use super::StartError;
use super::settings::{RedisSettings, RedisTopology};
use crate::revocations::keyspace::Keyspace;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// One that is asked where the primary is has little time: another may know.
const ASK_WITHIN: Duration = Duration::from_millis(500);
/// The first Redis that can put an expiry off without bringing it forward.
const OLDEST: (u32, u32) = (7, 0);
/// The first Redis that can say what is on disk where.
const WAITAOF_SINCE: (u32, u32) = (7, 2);

/// The primary, over two connections, so that a check never waits behind a write that waits for replicas.
#[derive(Debug)]
pub(super) struct Server {
    /// For checks.
    pub(super) asking: MultiplexedConnection,
    /// For everything else.
    pub(super) writing: MultiplexedConnection,
    /// This very run of this very server as a primary: a restart or a failover makes another.
    pub(super) home: String,
}

impl Server {
    /// Finds the primary, and refuses one that may forget.
    pub(super) async fn find(settings: &RedisSettings, keys: &Keyspace) -> Result<Server, StartError> {
        let client = match &settings.place {
            RedisTopology::Standalone(url) => settings.client_at(url, None)?,
            RedisTopology::Sentinel { nodes, master } => from_sentinels(settings, nodes, master).await?,
            RedisTopology::Cluster { nodes } => from_cluster(settings, nodes, &keys.list()).await?,
        };
        let answers = settings.replicas_within + ANSWER_TIMEOUT;
        let mut asking = connect(&client, ANSWER_TIMEOUT).await?;
        let mut writing = connect(&client, answers).await?;
        let (asked, written) = (identity(&mut asking).await?, identity(&mut writing).await?);
        if asked.home != written.home {
            return Err(StartError::TwoServers);
        }
        if written.role != "master" {
            return Err(StartError::NotPrimary);
        }
        if written.version < OLDEST {
            return Err(StartError::TooOld { wanted: "7.0", why: "keys that expire" });
        }
        if settings.min_fsynced > 0 && written.version < WAITAOF_SINCE {
            return Err(StartError::TooOld { wanted: "7.2", why: "redis.min_fsynced" });
        }
        refuse_eviction(&mut writing).await?;
        Ok(Server { asking, writing, home: written.home })
    }
}

async fn connect(client: &Client, answers_within: Duration) -> Result<MultiplexedConnection, RedisError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(answers_within));
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// The primary as the first Sentinel knows it that knows one.
async fn from_sentinels(
    settings: &RedisSettings,
    nodes: &[SecretString],
    master: &str,
) -> Result<Client, StartError> {
    let mut failure = StartError::NoSentinel(master.to_owned());
    for node in nodes {
        let asked = async {
            let mut sentinel = connect(&settings.client(node)?, ASK_WITHIN).await?;
            redis::cmd("SENTINEL")
                .arg("GET-MASTER-ADDR-BY-NAME")
                .arg(master)
                .query_async::<Option<(String, u16)>>(&mut sentinel)
                .await
        };
        match tokio::time::timeout(ASK_WITHIN, asked).await {
            Ok(Ok(Some(address))) => return Ok(settings.client_at(node, Some(address))?),
            Ok(Err(error)) => failure = error.into(),
            Ok(Ok(None)) | Err(_) => {}
        }
    }
    Err(failure)
}

/// The primary of the slot that a key is in, as the first node knows it that answers.
async fn from_cluster(
    settings: &RedisSettings,
    nodes: &[SecretString],
    key: &str,
) -> Result<Client, StartError> {
    let mut failure = StartError::NoClusterNode;
    for node in nodes {
        let asked = async {
            let mut member = connect(&settings.client_at(node, None)?, ASK_WITHIN).await?;
            let slot: u16 = redis::cmd("CLUSTER").arg("KEYSLOT").arg(key).query_async(&mut member).await?;
            let slots: Vec<Vec<redis::Value>> =
                redis::cmd("CLUSTER").arg("SLOTS").query_async(&mut member).await?;
            Ok::<_, RedisError>(slots.iter().find_map(|range| holder(range, slot)))
        };
        match tokio::time::timeout(ASK_WITHIN, asked).await {
            Ok(Ok(Some((host, port)))) => {
                // A node that does not know its own name answers with none: it is the one that was asked.
                let same = host.is_empty();
                let host = if same { host_of(settings, node)? } else { host };
                return Ok(settings.client_at(node, Some((host, port)))?);
            }
            Ok(Err(error)) => failure = error.into(),
            Ok(Ok(None)) | Err(_) => {}
        }
    }
    Err(failure)
}

/// The first node of a range, its primary, if the slot is in the range: `[from, to, [host, port, id, …], …]`.
fn holder(range: &[redis::Value], slot: u16) -> Option<(String, u16)> {
    let number = |value: &redis::Value| redis::from_redis_value_ref::<u16>(value).ok();
    let [from, to, redis::Value::Array(primary), ..] = range else { return None };
    if !(number(from)?..=number(to)?).contains(&slot) {
        return None;
    }
    let [host, port, ..] = primary.as_slice() else { return None };
    let host: Option<String> = redis::from_redis_value_ref(host).ok()?;
    Some((host.unwrap_or_default(), number(port)?))
}

fn host_of(settings: &RedisSettings, node: &SecretString) -> Result<String, RedisError> {
    Ok(match settings.client(node)?.get_connection_info().addr() {
        redis::ConnectionAddr::Tcp(host, _) | redis::ConnectionAddr::TcpTls { host, .. } => host.clone(),
        _ => String::new(),
    })
}

struct Identity {
    home: String,
    role: String,
    version: (u32, u32),
}

async fn identity(connection: &mut MultiplexedConnection) -> Result<Identity, StartError> {
    let (server, replication): (String, String) = redis::pipe()
        .cmd("INFO")
        .arg("server")
        .cmd("INFO")
        .arg("replication")
        .query_async(connection)
        .await?;
    let run = field(&server, "run_id").ok_or(StartError::Unidentified)?;
    let history = field(&replication, "master_replid").ok_or(StartError::Unidentified)?;
    let mut version =
        field(&server, "redis_version").unwrap_or_default().split('.').map(|part| part.parse().ok());
    Ok(Identity {
        home: format!("{run}:{history}"),
        role: field(&replication, "role").unwrap_or_default().to_owned(),
        version: (version.next().flatten().unwrap_or(0), version.next().flatten().unwrap_or(0)),
    })
}

/// Refuses a Redis that drops keys under memory pressure.
pub(super) async fn refuse_eviction(connection: &mut MultiplexedConnection) -> Result<(), StartError> {
    let memory: String = redis::cmd("INFO").arg("memory").query_async(connection).await?;
    match field(&memory, "maxmemory_policy") {
        None | Some("noeviction") => Ok(()),
        Some(policy) => Err(StartError::Evicts(policy.to_owned())),
    }
}

/// A field of what `INFO` answers.
fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
}
