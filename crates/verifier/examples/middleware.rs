//! An application that guards itself: a middleware of actix-web asks a verifier about each request.

#[path = "support/http.rs"]
mod http;
mod support;

use std::net::SocketAddr;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpMessage as _, HttpServer, web};
use clap::Parser;
use verifier::{Holder, Verifier};

/// Serves `/` to whoever has a credential that is good for `package_access`.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    service: support::Service,
    /// The address and port to serve at.
    #[arg(long, default_value = "127.0.0.1:8002")]
    listen: SocketAddr,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let arguments = Arguments::parse();
    let verifier = web::Data::new(arguments.service.follow()?);
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
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let source = request.peer_addr().map(|address| address.ip());
    match http::admitted(header.map(|header| support::check(&verifier, header, source))) {
        Ok(holder) => {
            request.extensions_mut().insert(holder);
            next.call(request).await
        }
        Err(answer) => Ok(request.into_response(*answer)),
    }
}

async fn greet(holder: web::ReqData<Holder>) -> String {
    format!("Hello, account {}.\n", holder.account)
}
