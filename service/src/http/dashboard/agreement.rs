//! `POST /dev/api/agreement/`: the developer agreement of the original store. There is none here, so nothing is kept.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::authorization::Attempt;
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    #[serde(default)]
    latest_tos_accepted: Value,
}

/// Takes it that somebody agrees. Any valid credential will do, as clients send this with the one of their login.
pub async fn sign(
    state: web::Data<State>,
    credentials: Credentials,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    state.authorize(&credentials, &Attempt::default()).await?;
    if body.latest_tos_accepted != Value::Bool(true) {
        let message = "The field 'latest_tos_accepted' must be true.";
        return Err(Problem::new(Code::BadRequest, message).with("latest_tos_accepted", "true"));
    }
    Ok(HttpResponse::Ok().json(json!({
        "content": {
            "latest_tos_accepted": true,
            "tos_url": null,
            "latest_tos_date": null,
            "accepted_tos_date": null,
        },
    })))
}
