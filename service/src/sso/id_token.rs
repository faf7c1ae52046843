//! ID tokens: signature against the provider's keys, then issuer, audience and times.
//!
//! Only ES256 and RS256 are taken, each only from a key of its own kind, so that neither `none` nor a public key
//! used as an HMAC secret gets through (RFC 8725, 3.1).

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use timestamp::Timestamp;

use super::SsoSettings;
use model::account::Identity;

/// How far the provider's clock may be off ours, in seconds.
const LEEWAY: i64 = 60;

/// Why an ID token is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Disbelief {
    /// It names a key that the provider does not publish.
    #[error("it is signed with a key that the provider does not publish")]
    UnknownKey,
    /// It is signed with an algorithm that we do not take.
    #[error("it is signed with an algorithm that is not accepted")]
    Algorithm,
    /// Signature, issuer, audience or form is wrong.
    #[error("its signature, issuer, audience or form is wrong")]
    Invalid,
    /// Its time is over, or has not come.
    #[error("it is expired or from the future")]
    Time,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    iat: i64,
    email: String,
    #[serde(default)]
    email_verified: bool,
    preferred_username: Option<String>,
    name: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
}

/// Whether the key that a token names is among these.
pub(super) fn names_known_key(token: &str, keys: &JwkSet) -> bool {
    named_key(token, keys).is_some()
}

fn named_key<'a>(token: &str, keys: &'a JwkSet) -> Option<&'a Jwk> {
    keys.find(&decode_header(token).ok()?.kid?)
}

/// Who a token is about.
pub(super) fn verify(
    token: &str,
    keys: &JwkSet,
    settings: &SsoSettings,
    now: Timestamp,
) -> Result<Identity, Disbelief> {
    let header = decode_header(token).map_err(|_| Disbelief::Invalid)?;
    let algorithm @ (Algorithm::ES256 | Algorithm::RS256) = header.alg else {
        return Err(Disbelief::Algorithm);
    };
    let key = named_key(token, keys).ok_or(Disbelief::UnknownKey)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| Disbelief::UnknownKey)?;
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[&settings.client_id]);
    validation.set_issuer(&[&settings.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Times are compared below, with the clock that everything else uses.
    validation.validate_exp = false;
    let claims = decode::<Claims>(token, &key, &validation).map_err(|_| Disbelief::Invalid)?.claims;
    let now = now.micros() / 1_000_000;
    if claims.exp + LEEWAY < now || claims.iat - LEEWAY > now {
        return Err(Disbelief::Time);
    }
    let username = claims.preferred_username.unwrap_or_else(|| claims.email.clone());
    let mut roles: Vec<_> = settings
        .groups
        .iter()
        .filter(|(group, _)| claims.groups.contains(group))
        .map(|(_, role)| *role)
        .collect();
    roles.sort_unstable();
    roles.dedup();
    Ok(Identity {
        issuer: claims.iss,
        subject: claims.sub,
        email: claims.email,
        email_verified: claims.email_verified,
        display_name: claims.name.unwrap_or_else(|| username.clone()),
        username,
        roles,
    })
}
