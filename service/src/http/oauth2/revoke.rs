//! `POST /oauth2/revoke` (RFC 7009): whoever holds a credential ends it, and what was attenuated from it.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, web};

use super::Form;
use super::problem::OauthProblem;
use crate::http::state::State;
use crate::revoking::RevokeSelfError;

const REASON: &str = "given back by its holder";

/// Revokes. To hold all of it is enough: no other credential is asked for. What is no credential of ours is answered with
/// 200 like one that is, as the RFC wants it.
pub async fn revoke(state: web::Data<State>, form: Form) -> Result<HttpResponse, OauthProblem> {
    for bundle in form.bundles() {
        match state.revoker().revoke_self(bundle, REASON).await {
            Ok(_) => break,
            Err(RevokeSelfError::NotOurs) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store"))).finish())
}
