//! An application that guards itself: a middleware of actix-web asks a verifier about each request.
//!
//! Left out: refreshing the discharge it follows with; more than one root key.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpMessage as _, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caveats::{Access, Package, Permission, RootKey, Upload, exported};
use clap::Parser;
use model::ids::KeyId;
use verifier::{Bound, Holder, Refusal, Settings, Verdict, Verifier};

/// Serves `/` to whoever has a credential that is good for `package_access`.
#[derive(Debug, Parser)]
struct Arguments {
    /// The service, as its clients reach it.
    url: String,
    /// A credential with `credential_list`, to follow the revocations with: a file as `macaroond mint` writes it.
    #[arg(long)]
    watcher: PathBuf,
    /// The id of the root key: the second part of a root's identifier.
    #[arg(long)]
    key_id: KeyId,
    /// A file of what `macaroond keys root reveal` prints.
    #[arg(long)]
    key: PathBuf,
    /// The oldest that the list may be for a credential to be accepted.
    #[arg(long, default_value = "5s", value_parser = humantime::parse_duration)]
    bound: Duration,
    /// By how much the clocks may differ: `tokens.clock_skew`.
    #[arg(long, default_value = "2s", value_parser = humantime::parse_duration)]
    skew: Duration,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8002")]
    listen: SocketAddr,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let arguments = Arguments::parse();
    let verifier = web::Data::new(arguments.follow()?);
    let server = HttpServer::new(move || {
        App::new().app_data(verifier.clone()).wrap(from_fn(guard)).route("/", web::get().to(greet))
    });
    Ok(server.bind(arguments.listen)?.run().await?)
}

/// Lets a request through with its holder, which the handlers can ask for; or answers it.
async fn guard(
    verifier: web::Data<Verifier>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answer = match judge(&verifier, &request) {
        Some(Verdict::Accepted(holder)) => {
            request.extensions_mut().insert(holder);
            return next.call(request).await;
        }
        Some(Verdict::Refused(Refusal::Denied(denial)))
            if !matches!(denial, caveats::Refusal::Expired { .. }) =>
        {
            HttpResponse::Forbidden().body(format!("The credential does not allow this: {denial}.\n"))
        }
        Some(Verdict::Refused(refusal)) => HttpResponse::Unauthorized()
            .body(format!("The credential is refused: {refusal}. Log in again.\n")),
        Some(Verdict::CannotTell(unknown)) => HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, "1"))
            .body(format!("Nobody can tell whether the credential was revoked: {unknown}.\n")),
        None => {
            HttpResponse::Unauthorized().body("The request has no Authorization header with a macaroon.\n")
        }
    };
    Ok(request.into_response(answer))
}

/// `None` where there is nothing to judge.
fn judge(verifier: &Verifier, request: &ServiceRequest) -> Option<Verdict> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let access = Access {
        now: verifier.now(),
        permissions: &[Permission::PackageAccess],
        package: Package::None,
        channels: &[],
        upload: Upload::None,
        source: request.peer_addr().map(|address| address.ip()),
    };
    Some(verifier.check(header, &access))
}

async fn greet(holder: web::ReqData<Holder>) -> String {
    format!("Hello, account {}.\n", holder.account)
}

impl Arguments {
    fn follow(&self) -> anyhow::Result<Verifier> {
        let raw = STANDARD.decode(std::fs::read_to_string(&self.key)?.trim())?;
        let watcher = exported::read(&std::fs::read_to_string(&self.watcher)?)?.into_bundle()?.to_header();
        let settings = Settings::new(&self.url, watcher.into())?
            .root_key(self.key_id.clone(), RootKey::derive(&raw))
            .bound(Bound::new(self.bound))
            .skew(self.skew);
        Ok(Verifier::follow(settings))
    }
}
