//! `/admin/`: what a test does to the provider from another process. JSON in; the client secret, as the password of
//! HTTP Basic with any user name, opens it.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::client::Basic;
use super::refusal::CHALLENGE;
use crate::accounts::{AccountError, NewAccount};
use crate::faults::Fault;
use crate::json::{self, MalformedJson};
use crate::keys::OldKeys;
use crate::state::State;

/// A request that brought the secret. A handler that changes anything asks for it first.
pub(super) struct Operator(Data<State>);

/// A body that is this JSON, whatever its content type.
pub(super) struct Body<T>(T);

/// Why a change is not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum AdminRefusal {
    #[error("the client secret is needed, as the password of HTTP Basic")]
    NotOperator,
    #[error("the body is too large or did not arrive whole")]
    Unreceived,
    #[error(transparent)]
    Malformed(#[from] MalformedJson),
    #[error(transparent)]
    Account(#[from] AccountError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whom {
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    email: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGroups {
    email: String,
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFaults {
    faults: Vec<Fault>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    old_keys: OldKeys,
}

type Answer = Result<HttpResponse, AdminRefusal>;

/// `POST /admin/accounts`: a [`NewAccount`]; 201 with its `subject`.
pub(super) async fn add_account(Operator(state): Operator, Body(account): Body<NewAccount>) -> Answer {
    let subject = state.accounts.add(account).await?;
    Ok(HttpResponse::Created().json(json!({ "subject": subject })))
}

/// `POST /admin/password`: `email`, `password`; 204.
pub(super) async fn set_password(Operator(state): Operator, Body(new): Body<NewPassword>) -> Answer {
    state.accounts.set_password(&new.email, new.password).await?;
    Ok(done())
}

/// `POST /admin/disable`: `email`; 204.
pub(super) async fn disable(Operator(state): Operator, Body(whom): Body<Whom>) -> Answer {
    state.accounts.disable(&whom.email)?;
    Ok(done())
}

/// `POST /admin/enable`: `email`; 204.
pub(super) async fn enable(Operator(state): Operator, Body(whom): Body<Whom>) -> Answer {
    state.accounts.enable(&whom.email)?;
    Ok(done())
}

/// `POST /admin/delete`: `email`; 204.
pub(super) async fn delete(Operator(state): Operator, Body(whom): Body<Whom>) -> Answer {
    state.accounts.delete(&whom.email)?;
    Ok(done())
}

/// `POST /admin/groups`: `email`, `groups`; 204.
pub(super) async fn set_groups(Operator(state): Operator, Body(new): Body<NewGroups>) -> Answer {
    state.accounts.set_groups(&new.email, new.groups)?;
    Ok(done())
}

/// `POST /admin/faults`: `faults`, which replace those before; 204.
pub(super) async fn set_faults(Operator(state): Operator, Body(new): Body<NewFaults>) -> Answer {
    state.faults.set(new.faults);
    Ok(done())
}

/// `POST /admin/rotate-keys`: `old_keys`, which is `keep` or `withdraw`; 204.
pub(super) async fn rotate_keys(Operator(state): Operator, Body(rotation): Body<Rotation>) -> Answer {
    state.keys.rotate(rotation.old_keys).await;
    Ok(done())
}

fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

impl FromRequest for Operator {
    type Error = AdminRefusal;
    type Future = Ready<Result<Operator, AdminRefusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<Data<State>>();
        let operator =
            state.filter(|state| Basic::read(request).is_some_and(|basic| basic.has_secret(state)));
        ready(operator.cloned().map(Operator).ok_or(AdminRefusal::NotOperator))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = AdminRefusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AdminRefusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|_| AdminRefusal::Unreceived)?;
            Ok(Body(json::parse(&bytes)?))
        })
    }
}

impl AdminRefusal {
    fn code(&self) -> &'static str {
        match self {
            AdminRefusal::NotOperator => "unauthorized",
            AdminRefusal::Unreceived
            | AdminRefusal::Malformed(_)
            | AdminRefusal::Account(AccountError::Empty(_)) => "invalid_request",
            AdminRefusal::Account(AccountError::Unknown) => "unknown_account",
            AdminRefusal::Account(AccountError::Taken(_)) => "taken",
        }
    }
}

impl ResponseError for AdminRefusal {
    fn status_code(&self) -> StatusCode {
        match self {
            AdminRefusal::NotOperator => StatusCode::UNAUTHORIZED,
            AdminRefusal::Unreceived
            | AdminRefusal::Malformed(_)
            | AdminRefusal::Account(AccountError::Empty(_)) => StatusCode::BAD_REQUEST,
            AdminRefusal::Account(AccountError::Unknown) => StatusCode::NOT_FOUND,
            AdminRefusal::Account(AccountError::Taken(_)) => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if matches!(self, AdminRefusal::NotOperator) {
            response.insert_header(CHALLENGE);
        }
        response.json(json!({ "error": self.code(), "error_description": self.to_string() }))
    }
}
