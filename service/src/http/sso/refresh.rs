//! `POST /api/v2/tokens/refresh`: an unbound discharge for a newer one.

use actix_web::{HttpResponse, web};
use caveats::Macaroon;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::credentials::refresh::RefreshError;
use crate::http::body::Json;
use crate::http::problem::Problem;
use crate::http::state::State;

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    discharge_macaroon: SecretString,
}

/// Refreshes.
pub async fn refresh(state: web::Data<State>, Json(body): Json<Request>) -> Result<HttpResponse, Problem> {
    let old = Macaroon::parse(body.discharge_macaroon.expose_secret()).map_err(|_| RefreshError::NotOurs)?;
    let new = state.refresh().discharge(old).await?;
    Ok(HttpResponse::Ok().json(json!({"discharge_macaroon": new.to_v1()})))
}
