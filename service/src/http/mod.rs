//! The route table: every path once. A handler that takes `Credentials` answers only to an authorized attempt.

pub mod access_log;
pub mod assertions;
pub mod body;
pub mod client_address;
pub mod credentials;
pub mod dashboard;
pub mod health;
pub mod list_body;
pub mod oauth2;
pub mod problem;
mod route;
pub mod sso;
pub mod state;
pub mod upload;
pub mod v1;

use actix_web::{HttpRequest, HttpResponse, web};

use problem::{Code, Problem};
use route::at;

/// All routes.
pub fn routes(app: &mut web::ServiceConfig) {
    app.app_data(web::PayloadConfig::new(body::MAX_JSON));
    // login.ubuntu.com
    app.service(at("/api/v2/tokens/discharge", web::post().to(sso::discharge::discharge)));
    app.service(at("/api/v2/tokens/refresh", web::post().to(sso::refresh::refresh)));
    // dashboard.snapcraft.io
    app.service(at("/dev/api/acl/", web::post().to(dashboard::acl::issue)));
    app.service(at("/dev/api/acl/verify/", web::post().to(dashboard::verify::verify)));
    app.service(at("/api/v2/tokens/whoami", web::get().to(dashboard::whoami::whoami)));
    app.service(at("/dev/api/account", web::get().to(dashboard::account::account)));
    app.service(at("/dev/api/account/account-key", web::post().to(dashboard::account_key::register)));
    app.service(at("/dev/api/register-name/", web::post().to(dashboard::register_name::register)));
    app.service(at("/dev/api/snap-push/", web::post().to(dashboard::push::push)));
    app.service(at("/dev/api/snaps/{snap_id}/builds", web::post().to(dashboard::builds::receive)));
    app.service(at(dashboard::status::PATH, web::get().to(dashboard::status::status)));
    app.service(at("/dev/api/snap-release/", web::post().to(dashboard::release::release)));
    app.service(at("/dev/api/snaps/{snap_id}/close", web::post().to(dashboard::close::close)));
    app.service(at("/api/v2/snaps/{name}/channel-map", web::get().to(dashboard::channel_map::channel_map)));
    app.service(at("/api/v2/snaps/{name}/releases", web::get().to(dashboard::releases::releases)));
    app.service(at("/dev/api/snaps/{snap_id}/state", web::get().to(dashboard::snap_state::state)));
    app.service(at("/dev/api/snaps/{snap_id}/history", web::get().to(dashboard::history::history)));
    app.service(at("/v1/snap/{name}/tracks", web::post().to(dashboard::tracks::make)));
    app.service(
        at("/dev/api/snaps/{snap_id}/metadata", web::put().to(dashboard::metadata::overwrite))
            .route(web::post().to(dashboard::metadata::set)),
    );
    app.service(at("/dev/api/agreement/", web::post().to(dashboard::agreement::sign)));
    dashboard::not_implemented::routes(app);
    // storage.snapcraftcontent.com
    app.service(at("/unscanned-upload/", web::post().to(upload::receive)));
    // api.snapcraft.io
    app.service(at(assertions::V2, web::get().to(assertions::v2)));
    app.service(at(assertions::V1, web::get().to(assertions::v1)));
    // OAuth's
    app.service(at("/oauth2/revoke", web::post().to(oauth2::revoke::revoke)));
    app.service(at("/oauth2/introspect", web::post().to(oauth2::introspect::introspect)));
    // Our own
    app.service(
        at("/v1/revocations", web::post().to(v1::revocations::revoke))
            .route(web::get().to(v1::journal::list)),
    );
    app.service(at("/v1/revocations/self", web::post().to(v1::revoke_self::revoke_self)));
    app.service(at("/v1/revocations/{position}/lift", web::post().to(v1::lift::lift)));
    app.service(at("/v1/revocations/stream", web::get().to(v1::stream::stream)));
    app.service(at("/v1/keys", web::get().to(v1::keys::list)));
    app.service(at("/v1/keys/{id}/revoke", web::post().to(v1::keys::revoke)));
    app.service(
        at("/v1/packages/{name}/policy", web::put().to(v1::policy::put))
            .route(web::get().to(v1::policy::get)),
    );
    app.service(at("/healthz", web::get().to(health::alive)).route(web::head().to(health::alive)));
    app.service(at("/readyz", web::get().to(health::ready)).route(web::head().to(health::ready)));
    app.default_service(web::to(not_found));
}

async fn not_found(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let path = problem::shown(request.path());
    Err(Problem::new(Code::NotFound, format!("There is nothing at {path}.")))
}
