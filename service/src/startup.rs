//! Everything that is made once, outside the workers: storage, keys, lists, and the server itself.

use std::fs::{DirBuilder, File, OpenOptions};
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{NormalizePath, TrailingSlash};
use actix_web::{App, HttpServer, web};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, Semaphore};

use crate::authority::sign::Authority;
use crate::authorization::Authorizer;
use crate::config::Settings;
use crate::credentials::key_ring::{KeyError, KeyRing};
use crate::http::access_log::AccessLog;
use crate::http::client_address::TrustedProxies;
use crate::http::state::State;
use crate::publishing::sweep::{Depth, sweep};
use crate::publishing::upload_quota::Quota;
use crate::publishing::workspace::Workspace;
use crate::revoking::feed::Feed;
use crate::sso::Provider;
use model::cause::chain;
use model::clock::Clock;
use storage::blobs::Blobs;
use storage::records::{Records, StorageError};
use storage::revocations::{self, Revocations};
use storage::sealing::{MasterKey, MasterKeyError};
use storage::throttle::Throttle;

const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// How many pushes may wait for an assertion at once: each is asked about every second.
const MAX_WAITING: usize = 1000;

/// The service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error("the data directory {path} cannot be used")]
    DataDir {
        /// Which.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// Another process has it, and the revocation list is in one of the two.
    #[error(
        "another macaroond uses the data directory {0}; several replicas need a shared revocation list: set redis.url"
    )]
    InUse(String),
    /// No master key.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// No records.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// No keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// No revocation list.
    #[error(transparent)]
    Revocations(#[from] revocations::StartError),
    /// No HTTP client.
    #[error("the HTTP client could not be made")]
    Http(#[from] reqwest::Error),
    /// Not listening.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
}

/// A service that is ready to be served, and the lock on its data directory.
#[derive(Debug)]
pub struct Service {
    /// Its parts.
    pub state: web::Data<State>,
    _lock: File,
}

impl Service {
    /// Opens everything that the settings name.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Service, StartError> {
        // One TLS implementation for all; a second call in a test process changes nothing.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let lock = lock(&settings.data_dir, settings.redis.is_some())?;
        let master = MasterKey::read(&settings.master_key_file)?;
        let records = Records::open(settings.database.as_ref(), &settings.data_dir).await?;
        let blobs = Blobs::open(&settings.data_dir).map_err(|source| data_dir(&settings.data_dir, source))?;
        let keys = KeyRing::open(records.clone(), master.clone(), clock.now()).await?;
        let revocations = match &settings.redis {
            Some(redis) => Revocations::redis(redis, records.clone(), clock.clone()).await?,
            None => Revocations::embedded(records.clone(), clock.clone()).await?,
        };
        let authorizer = Authorizer {
            clock: clock.clone(),
            keys: keys.clone(),
            records: records.clone(),
            revocations: revocations.clone(),
            store_location: settings.tokens.store_location.clone(),
            sso_location: settings.sso_location(),
            discharge_max_age: settings.tokens.discharge_max_age,
        };
        let store_name = settings.public_url.host_str().unwrap_or("macaroond").to_owned();
        let authority = Authority::new(records.clone(), master.clone(), &store_name);
        let workspace = Workspace {
            clock: clock.clone(),
            records: records.clone(),
            blobs: blobs.clone(),
            revocations: revocations.clone(),
            authority: authority.clone(),
            authorizer: authorizer.clone(),
            arrivals: Arc::new(Notify::new()),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            patience: settings.uploads.assertion_wait,
        };
        let state = State {
            authority,
            sso: Provider::connect(settings.sso.clone(), clock.clone())?,
            throttle: Throttle::new(settings.tokens.login_failures),
            quota: Quota::new(settings.uploads.unclaimed_per_address, settings.uploads.keep_unclaimed),
            settings: Arc::new(settings),
            feed: Feed::new(records.clone(), clock.clone()),
            clock,
            records,
            revocations,
            blobs,
            keys,
            master,
            authorizer,
            workspace,
        };
        let state = web::Data::new(state);
        tokio::spawn(keep_swept(Arc::downgrade(&state)));
        Ok(Service { state, _lock: lock })
    }

    /// Makes the store's keys, if there are none, which takes some seconds: done before serving, no request waits for it.
    pub async fn prepare_keys(&self) {
        if let Err(error) = self.state.authority.ready(self.state.clock.now()).await {
            tracing::error!(error = %chain(&error), "the store's keys cannot be used");
        }
    }

    /// Ends what serving has left open.
    pub async fn close(self) {
        self.state.records.close().await;
    }

    /// Serves on a listener. Stops on SIGINT and SIGTERM, after the requests under way; streams, which would go on for
    /// long, are ended by then.
    pub fn serve(&self, listener: TcpListener) -> Result<Server, StartError> {
        let state = self.state.clone();
        let address = listener.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string());
        let proxies = TrustedProxies(state.settings.trusted_proxies.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .app_data(proxies.clone())
                .wrap(tracing_actix_web::TracingLogger::<AccessLog>::new())
                // Some clients join a base that ends in a slash to a path that begins with one.
                .wrap(NormalizePath::new(TrailingSlash::MergeOnly))
                .configure(crate::http::routes)
        })
        .client_request_timeout(Duration::from_secs(30))
        .shutdown_timeout(10)
        .listen(listener)
        .map_err(|source| StartError::Listen { address, source })?;
        tokio::spawn(end_streams(self.state.feed.clone()));
        Ok(server.run())
    }
}

/// Sweeps the blob store now and every so often, as long as the service is there.
async fn keep_swept(state: Weak<State>) {
    let mut depth = Depth::Thorough;
    while let Some(state) = state.upgrade() {
        let (keep, now) = (state.settings.uploads.keep_unclaimed, state.clock.now());
        match sweep(&state.records, &state.blobs, depth, keep, now).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "files that nobody claimed were removed"),
            Err(error) => tracing::warn!(error = %chain(&error), "the sweep of unclaimed files stopped"),
        }
        drop(state);
        depth = Depth::Routine;
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// Ends what would hold up a stop that waits for requests under way.
async fn end_streams(feed: Arc<Feed>) {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
            feed.end();
        }
        Err(error) => tracing::warn!(%error, "SIGTERM is not heard of, so streams may hold up a stop"),
    }
}

/// Binds the address that the settings name.
pub fn listen(settings: &Settings) -> Result<TcpListener, StartError> {
    TcpListener::bind(settings.listen)
        .map_err(|source| StartError::Listen { address: settings.listen.to_string(), source })
}

/// Takes the data directory: for this process alone when the revocation list is in it.
fn lock(dir: &Path, shared: bool) -> Result<File, StartError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|source| data_dir(dir, source))?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("lock"));
    let file = file.map_err(|source| data_dir(dir, source))?;
    let locked = if shared { file.try_lock_shared() } else { file.try_lock() };
    match locked {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(dir.display().to_string())),
        Err(std::fs::TryLockError::Error(source)) => Err(data_dir(dir, source)),
    }
}

fn data_dir(path: &Path, source: std::io::Error) -> StartError {
    StartError::DataDir { path: path.display().to_string(), source }
}
