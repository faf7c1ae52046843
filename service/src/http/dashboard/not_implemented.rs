//! What clients may ask the original store for and what is not kept here. Who may ask is decided first; then what is read
//! is empty, and what is to be written is refused in a sentence.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde_json::json;

use super::overview::authorize_by_id;
use crate::authorization::Attempt;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::route::at;
use crate::http::state::State;

const BINARY_METADATA: &str = "Icons and screenshots of snaps are not kept here.";
const VALIDATIONS: &str = "Validations of gated snaps are not kept here.";
const DEVELOPERS: &str = "Collaborators are not kept here: a snap has one publisher.";
const METRICS: &str = "There are no metrics here, as no device installs from this service.";
const VALIDATION_SETS: &str = "Validation sets are not kept here.";
const CONFDB_SCHEMAS: &str = "Confdb schemas are not kept here.";

/// Their routes.
pub fn routes(app: &mut web::ServiceConfig) {
    app.service(
        at("/dev/api/snaps/{snap_id}/binary-metadata", web::get().to(nothing_of_a_snap))
            .route(web::post().to(change_binary_metadata))
            .route(web::put().to(change_binary_metadata)),
    );
    app.service(
        at("/dev/api/snaps/{snap_id}/validations", web::get().to(nothing_of_a_snap))
            .route(web::put().to(change_validations)),
    );
    app.service(
        at("/dev/api/snaps/{snap_id}/developers", web::get().to(no_developers))
            .route(web::put().to(change_developers)),
    );
    app.service(at("/dev/api/snaps/metrics", web::post().to(metrics)));
    for (path, refuse) in [
        ("/api/v2/validation-sets", web::post().to(change_validation_sets)),
        ("/api/v2/confdb-schemas", web::post().to(change_confdb_schemas)),
    ] {
        app.service(at(path, web::get().to(no_assertions)).route(refuse));
    }
    app.service(at("/api/v2/validation-sets/build-assertion", web::post().to(change_validation_sets)));
    app.service(at("/api/v2/confdb-schemas/build-assertion", web::post().to(change_confdb_schemas)));
    app.service(at("/api/v2/validation-sets/{name}", web::get().to(no_assertions)));
    app.service(at("/api/v2/confdb-schemas/{name}", web::get().to(no_assertions)));
}

async fn nothing_of_a_snap(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    authorize_by_id(&state, &credentials, &snap, &[Permission::PackageAccess], &[]).await?;
    Ok(HttpResponse::Ok().json(json!([])))
}

/// The status and the code in which clients learn that a snap has no collaborators yet.
async fn no_developers(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    authorize_by_id(&state, &credentials, &snap, &[Permission::PackageAccess], &[]).await?;
    Err(Problem::new(Code::SnapDeveloperNotFound, "This snap has no collaborators."))
}

async fn no_assertions(state: web::Data<State>, credentials: Credentials) -> Result<HttpResponse, Problem> {
    state.authorize(&credentials, &Attempt::default()).await?;
    Ok(HttpResponse::Ok().json(json!({"assertions": []})))
}

async fn change_binary_metadata(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    authorize_by_id(&state, &credentials, &snap, &[Permission::PackageUpdate], &[]).await?;
    Err(Problem::feature_disabled(BINARY_METADATA))
}

async fn change_validations(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    authorize_by_id(&state, &credentials, &snap, &[Permission::PackageManage], &[]).await?;
    Err(Problem::feature_disabled(VALIDATIONS))
}

async fn change_developers(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    authorize_by_id(&state, &credentials, &snap, &[Permission::PackageManage], &[]).await?;
    Err(Problem::feature_disabled(DEVELOPERS))
}

async fn metrics(state: web::Data<State>, credentials: Credentials) -> Result<HttpResponse, Problem> {
    let attempt = Attempt { permissions: &[Permission::PackageMetrics], ..Attempt::default() };
    state.authorize(&credentials, &attempt).await?;
    Err(Problem::feature_disabled(METRICS))
}

async fn change_validation_sets(
    state: web::Data<State>,
    credentials: Credentials,
) -> Result<HttpResponse, Problem> {
    state.authorize(&credentials, &Attempt::default()).await?;
    Err(Problem::feature_disabled(VALIDATION_SETS))
}

async fn change_confdb_schemas(
    state: web::Data<State>,
    credentials: Credentials,
) -> Result<HttpResponse, Problem> {
    state.authorize(&credentials, &Attempt::default()).await?;
    Err(Problem::feature_disabled(CONFDB_SCHEMAS))
}
