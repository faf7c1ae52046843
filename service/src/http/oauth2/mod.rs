//! What OAuth's own clients and libraries expect: RFC 7009 and RFC 7662, with their forms and their errors.
pub mod introspect;
pub mod problem;
pub mod revoke;

use std::future::Future;
use std::pin::Pin;

use self::problem::OauthProblem;
use super::body::received;
use super::problem::{Code, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use caveats::Bundle;
use caveats::exported::{self, Exported};
use secrecy::{ExposeSecret as _, SecretString};

/// The form of both requests. `token_type_hint`, and whatever else is there, means nothing here: a credential says itself
/// what it is.
#[derive(Debug)]
pub struct Form {
    token: SecretString,
}

impl FromRequest for Form {
    type Error = OauthProblem;
    type Future = Pin<Box<dyn Future<Output = Result<Form, OauthProblem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = received(request, payload);
        Box::pin(async move {
            let bytes = bytes.await?;
            let mut tokens = url::form_urlencoded::parse(&bytes).filter(|(name, _)| name == "token");
            match (tokens.next(), tokens.next()) {
                (Some((_, token)), None) if !token.is_empty() => {
                    Ok(Form { token: SecretString::from(token.into_owned()) })
                }
                _ => {
                    let message =
                        "Send a form (application/x-www-form-urlencoded) with one parameter 'token'.";
                    Err(Problem::new(Code::BadRequest, message).into())
                }
            }
        })
    }
}

impl Form {
    /// The credentials that the token may be: bound now, and as it is, which a discharge does not say of itself. None, if
    /// it is no credential.
    fn bundles(&self) -> Vec<Bundle> {
        let token = self.token.expose_secret();
        // A plus sign that the client did not encode has become a blank.
        let read = exported::read(token).or_else(|_| exported::read(&token.replace(' ', "+")));
        let Ok(found) = read else { return Vec::new() };
        let as_found = |found: &Exported| Bundle::new(found.root.clone(), found.discharges.clone());
        [as_found(&found), found.into_bundle()].into_iter().filter_map(Result::ok).rev().collect()
    }
}
