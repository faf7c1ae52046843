//! A sidecar that a proxy asks about each request, by its `Authorization` header: 200, 401, 403 or 503. For `auth_request` of
//! nginx, `ext_authz` over HTTP of Envoy, `forwardAuth` of Traefik.

#[path = "support/http.rs"]
mod http;
mod support;

use std::net::SocketAddr;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use clap::Parser;
use verifier::Verifier;

/// Answers a proxy: 200 where a request's credential is good, 401, 403 or 503 where it is not.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    service: support::Service,
    /// Where to listen: where the proxy asks, and nobody else.
    #[arg(long, default_value = "127.0.0.1:8001")]
    listen: SocketAddr,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let arguments = Arguments::parse();
    let verifier = web::Data::new(arguments.service.follow()?);
    let server =
        HttpServer::new(move || App::new().app_data(verifier.clone()).default_service(web::to(answer)));
    Ok(server.bind(arguments.listen)?.run().await?)
}

async fn answer(verifier: web::Data<Verifier>, request: HttpRequest) -> HttpResponse {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    // The peer is the proxy, so nothing is known of where the request came from: a `source_ip` caveat refuses.
    match http::admitted(header.map(|header| support::check(&verifier, header, None))) {
        Ok(holder) => HttpResponse::Ok().insert_header(("X-Account-Id", holder.account.as_str())).finish(),
        Err(answer) => *answer,
    }
}
