//! What a client can learn without a secret: the provider's metadata (OpenID Connect Discovery 1.0, 3) and its
//! public keys (RFC 7517, 5).

use actix_web::web::{Data, Json};
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};

use crate::scope;
use crate::settings::Algorithm;
use crate::state::State;

/// `GET /.well-known/openid-configuration`. There is no authorization endpoint, so none is named (RFC 8414, 2).
pub(super) async fn document(state: Data<State>) -> Json<Value> {
    let algorithm = match state.keys.algorithm() {
        Algorithm::Es256 => "ES256",
        Algorithm::Rs256 => "RS256",
    };
    Json(json!({
        "issuer": state.issuer,
        "token_endpoint": state.url("/token"),
        "jwks_uri": state.url("/jwks"),
        "grant_types_supported": ["password", "refresh_token"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": scope::ALL,
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time",
            "email", "email_verified", "name", "preferred_username", "groups",
        ],
    }))
}

/// `GET /jwks`.
pub(super) async fn keys(state: Data<State>) -> Json<JwkSet> {
    Json(state.keys.published())
}
