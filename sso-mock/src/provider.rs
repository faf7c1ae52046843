//! A running provider: started, changed from within the process, stopped.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, rt, web};
use tokio::sync::oneshot;
use url::Url;

use crate::accounts::{AccountError, Accounts, NewAccount};
use crate::blocking::blocking;
use crate::clock::Clock;
use crate::faults::{Fault, Faults};
use crate::http;
use crate::keys::{Keys, OldKeys};
use crate::refresh_tokens::RefreshTokens;
use crate::settings::Settings;
use crate::state::State;

/// A provider did not start. Causes stand in the chain of sources, not in the text.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The socket could not be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The server, or the thread it runs on, could not be started.
    #[error("the server could not be started")]
    Server(#[source] io::Error),
    /// The issuer is not one.
    #[error("the issuer must be an http or https URL without query and fragment")]
    Issuer,
    /// A client without a secret could not be told from anybody else.
    #[error("the client secret is empty")]
    NoSecret,
    /// One of the accounts cannot be.
    #[error("the account {email} cannot be made")]
    Account {
        /// Whose.
        email: String,
        /// Why not.
        source: AccountError,
    },
}

/// A running provider. It stops when it is dropped, which waits some milliseconds for its socket to be closed;
/// [`Provider::stop`] waits without blocking the thread.
pub struct Provider {
    state: web::Data<State>,
    _server: Running,
}

/// A server on a thread of its own, so that it outlives no provider and hangs on no runtime but its own.
struct Running {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// Starts a provider: its address is bound, its accounts and keys are made, and it answers when this returns.
/// Any number can run in one process. Call it from within a tokio (or actix) runtime.
pub async fn spawn(settings: Settings) -> Result<Provider, StartError> {
    if settings.client_secret.is_empty() {
        return Err(StartError::NoSecret);
    }
    let address = settings.listen;
    let bound = TcpListener::bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (bound, listener) = bound.map_err(|source| StartError::Listen { address, source })?;
    let issuer = match settings.issuer {
        Some(issuer) => checked_issuer(issuer)?,
        None => format!("http://{bound}"),
    };
    let accounts = Accounts::new().await;
    for account in settings.accounts {
        let email = account.email.clone();
        accounts.add(account).await.map_err(|source| StartError::Account { email, source })?;
    }
    let state = web::Data::new(State {
        issuer,
        client_id: settings.client_id,
        client_secret: settings.client_secret,
        accounts,
        refresh_tokens: RefreshTokens::default(),
        keys: Keys::new(settings.algorithm).await,
        faults: Faults::default(),
        clock: Clock::default(),
    });
    let server = Running::start(listener, state.clone()).await.map_err(StartError::Server)?;
    Ok(Provider { state, _server: server })
}

/// OpenID Connect Discovery 1.0, 3; and `http`, as this is for tests.
fn checked_issuer(issuer: String) -> Result<String, StartError> {
    let url = Url::parse(&issuer).map_err(|_| StartError::Issuer)?;
    let good = matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
    if good { Ok(issuer) } else { Err(StartError::Issuer) }
}

impl Provider {
    /// The issuer URL, to the letter as it stands in ID tokens: `http://HOST:PORT`, with the port really bound,
    /// unless the settings say otherwise.
    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// The id of the one client.
    pub fn client_id(&self) -> &str {
        &self.state.client_id
    }

    /// The secret of the one client, which also opens `/admin/`.
    pub fn client_secret(&self) -> &str {
        &self.state.client_secret
    }

    /// Adds somebody, and answers with the subject.
    pub async fn add_account(&self, account: NewAccount) -> Result<String, AccountError> {
        self.state.accounts.add(account).await
    }

    /// Gives somebody another password. Every refresh token of the account dies.
    pub async fn set_password(&self, email: &str, password: &str) -> Result<(), AccountError> {
        self.state.accounts.set_password(email, password.to_owned()).await
    }

    /// Locks somebody out. Every refresh token of the account dies, and stays dead when it is enabled again.
    pub fn disable(&self, email: &str) -> Result<(), AccountError> {
        self.state.accounts.disable(email)
    }

    /// Lets somebody log in again.
    pub fn enable(&self, email: &str) -> Result<(), AccountError> {
        self.state.accounts.enable(email)
    }

    /// Forgets somebody. Every refresh token of the account dies, even if one with the same subject is added later.
    pub fn delete(&self, email: &str) -> Result<(), AccountError> {
        self.state.accounts.delete(email)
    }

    /// Changes somebody's groups. The next ID token names them, a refreshed one too.
    pub fn set_groups(&self, email: &str, groups: Vec<String>) -> Result<(), AccountError> {
        self.state.accounts.set_groups(email, groups)
    }

    /// Replaces what the token endpoint does wrong; an empty list makes it good again.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.state.faults.set(faults);
    }

    /// Makes a key that signs from now on.
    pub async fn rotate_keys(&self, old: OldKeys) {
        self.state.keys.rotate(old).await;
    }

    /// Stamps tokens as if it were so much later, in whole seconds, for a client whose clock was turned as well.
    pub fn advance_clock(&self, by: Duration) {
        self.state.clock.advance(by);
    }

    /// Stops the server and waits until its socket is closed. Requests under way are cut off.
    pub async fn stop(self) {
        // Dropping waits for a thread, which must not be done on one that serves.
        blocking(move || drop(self)).await;
    }
}

impl Running {
    async fn start(listener: TcpListener, state: web::Data<State>) -> io::Result<Running> {
        let (started, outcome) = oneshot::channel();
        let thread = std::thread::Builder::new().name("sso-mock".to_owned()).spawn(move || {
            rt::System::new().block_on(async move {
                let app = move || App::new().app_data(state.clone()).configure(http::routes);
                let server = HttpServer::new(app).workers(1).disable_signals().listen(listener);
                let server = match server {
                    Ok(server) => server.run(),
                    Err(error) => return drop(started.send(Err(error))),
                };
                if started.send(Ok(server.handle())).is_ok() {
                    // It ends when it is told to; what it then answers is of no use to anybody.
                    let _stopped = server.await;
                }
            });
        })?;
        let handle = outcome.await.map_err(|_| io::Error::other("its thread ended at once"))??;
        Ok(Running { handle, thread: Some(thread) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The order is given here; the future that is let go would only wait for it.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.state.issuer)
            .field("client_id", &self.state.client_id)
            .finish_non_exhaustive()
    }
}
