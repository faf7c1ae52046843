//! A sidecar that a proxy asks about each request, by its `Authorization` header: 200, 401, 403 or 503. For `auth_request` of
//! nginx, `ext_authz` over HTTP of Envoy, `forwardAuth` of Traefik.
//!
//! What it asks of a credential is that it may read what is its account's (`package_access`). Left out: refreshing the discharge
//! it follows with; more than one root key.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caveats::{Access, Package, Permission, RootKey, Upload, exported};
use clap::Parser;
use model::ids::KeyId;
use verifier::{Bound, Refusal, Settings, Verdict, Verifier};

/// Answers a proxy: 200 where a request's credential is good, 401, 403 or 503 where it is not.
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
    /// Where to listen: where the proxy asks, and nobody else.
    #[arg(long, default_value = "127.0.0.1:8001")]
    listen: SocketAddr,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let arguments = Arguments::parse();
    let verifier = web::Data::new(arguments.follow()?);
    let server =
        HttpServer::new(move || App::new().app_data(verifier.clone()).default_service(web::to(answer)));
    Ok(server.bind(arguments.listen)?.run().await?)
}

async fn answer(verifier: web::Data<Verifier>, request: HttpRequest) -> HttpResponse {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let Some(header) = header else {
        return HttpResponse::Unauthorized()
            .body("The request has no Authorization header with a macaroon.\n");
    };
    let access = Access {
        now: verifier.now(),
        permissions: &[Permission::PackageAccess],
        package: Package::None,
        channels: &[],
        upload: Upload::None,
        source: None,
    };
    match verifier.check(header, &access) {
        Verdict::Accepted(holder) => {
            HttpResponse::Ok().insert_header(("X-Account-Id", holder.account.as_str())).finish()
        }
        Verdict::Refused(Refusal::Denied(denial)) if !matches!(denial, caveats::Refusal::Expired { .. }) => {
            HttpResponse::Forbidden().body(format!("The credential does not allow this: {denial}.\n"))
        }
        Verdict::Refused(refusal) => HttpResponse::Unauthorized()
            .body(format!("The credential is refused: {refusal}. Log in again.\n")),
        Verdict::CannotTell(unknown) => HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, "1"))
            .body(format!("Nobody can tell whether the credential was revoked: {unknown}.\n")),
    }
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
