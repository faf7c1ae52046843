//! `POST /api/v2/tokens/discharge`: e-mail, password and one-time code for a discharge macaroon.

use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::credentials::login::Attempt;
use crate::http::body::Json;
use crate::http::client_address::source;
use crate::http::problem::Problem;
use crate::http::state::State;

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    email: String,
    password: SecretString,
    caveat_id: String,
    otp: Option<SecretString>,
}

/// Logs in.
pub async fn discharge(
    state: web::Data<State>,
    request: HttpRequest,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let attempt = Attempt {
        caveat_id: &body.caveat_id,
        email: &body.email,
        password: &body.password,
        code: body.otp.as_ref().filter(|code| !code.expose_secret().is_empty()),
        source: source(&request),
    };
    let discharge = state.login().discharge(&attempt).await?;
    Ok(HttpResponse::Ok().json(json!({"discharge_macaroon": discharge.to_v1()})))
}
