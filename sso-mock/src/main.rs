//! The `sso-mock` program: a provider for tests in other languages, until Ctrl-C or SIGTERM.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::{Parser, ValueEnum};
use sso_mock::{NewAccount, Settings};
use tokio::signal::unix::{SignalKind, signal};

/// An OpenID Connect provider for tests: real tokens, invented people.
///
/// Prints its issuer URL as one line when it is ready, and serves until Ctrl-C or SIGTERM. It knows the password and
/// the refresh grant. Everything is kept in memory. Not for production: whoever has the client secret may invent
/// people, under /admin/.
#[derive(Debug, Parser)]
#[command(name = "sso-mock", version)]
struct Arguments {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "HOST:PORT")]
    listen: SocketAddr,
    /// The issuer URL, if clients reach this under another name than http://HOST:PORT.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The id of the client that asks for tokens.
    #[arg(long, default_value = "macaroond", value_name = "ID")]
    client_id: String,
    /// A file with the client's secret; made with a random one if it is missing.
    ///
    /// One line end after the secret is not part of it.
    #[arg(long, value_name = "FILE")]
    client_secret_file: PathBuf,
    /// A file with the accounts that exist from the start; without it, nobody does.
    ///
    /// A JSON list of objects with `email`, `username`, `display_name`, `password` and, if wanted, `groups` (a list)
    /// and `subject` (give one to somebody who is to be the same after a restart).
    #[arg(long, value_name = "FILE.json")]
    accounts: Option<PathBuf>,
    /// How ID tokens are signed.
    #[arg(long, value_enum, default_value_t)]
    algorithm: Algorithm,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Algorithm {
    /// ECDSA over P-256.
    #[default]
    Es256,
    /// RSA with 2048 bits; takes a moment to start.
    Rs256,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match actix_web::rt::System::new().block_on(arguments.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _unwritable = writeln!(std::io::stderr(), "sso-mock: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Arguments {
    async fn run(self) -> anyhow::Result<()> {
        // Before anybody can know that it runs, it knows how to stop.
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let provider = sso_mock::spawn(self.settings()?).await?;
        let mut out = std::io::stdout();
        writeln!(out, "{}", provider.issuer())?;
        out.flush()?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        provider.stop().await;
        Ok(())
    }

    fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            listen: self.listen,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret: secret(&self.client_secret_file)?,
            accounts: self.accounts.as_deref().map(accounts).transpose()?.unwrap_or_default(),
            algorithm: match self.algorithm {
                Algorithm::Es256 => sso_mock::Algorithm::Es256,
                Algorithm::Rs256 => sso_mock::Algorithm::Rs256,
            },
        })
    }
}

fn accounts(path: &Path) -> anyhow::Result<Vec<NewAccount>> {
    let what = || format!("the accounts file {}", path.display());
    let text = std::fs::read(path).with_context(what)?;
    NewAccount::list_from_json(&text).with_context(what)
}

fn secret(path: &Path) -> anyhow::Result<String> {
    let what = || format!("the client secret file {}", path.display());
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let secret = Settings::default().client_secret;
            writeln!(file, "{secret}").with_context(what)?;
            Ok(secret)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let text = std::fs::read_to_string(path).with_context(what)?;
            let secret = text.strip_suffix('\n').unwrap_or(&text);
            let secret = secret.strip_suffix('\r').unwrap_or(secret);
            ensure!(!secret.is_empty(), "{} is empty", what());
            Ok(secret.to_owned())
        }
        Err(error) => Err(error).with_context(what),
    }
}
