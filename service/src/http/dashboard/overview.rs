//! What every question about a snap begins with: may they ask, and everything there is to tell.

use actix_web::{HttpRequest, web};
use caveats::{Channel, Permission};
use serde::de::DeserializeOwned;

use crate::authorization::authorized::Authorized;
use crate::authorization::{Attempt, Refusal, Target};
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::publishing::packages::{self, Overview};
use model::ids::SnapId;

/// What somebody needs who only reads.
const READING: &[Permission] = &[Permission::PackageAccess];

/// The snap of this name, for somebody who may read about it.
pub(super) async fn overview(
    state: &web::Data<State>,
    credentials: &Credentials,
    name: &str,
) -> Result<Overview, Problem> {
    let attempt = Attempt { permissions: READING, target: Target::Named(name), ..Attempt::default() };
    let authorized = state.authorize(credentials, &attempt).await?;
    Ok(packages::overview(&state.workspace, &authorized).await?)
}

/// The snap of this id, for somebody who may read about it.
pub(super) async fn overview_by_id(
    state: &web::Data<State>,
    credentials: &Credentials,
    id: &str,
) -> Result<Overview, Problem> {
    let authorized = authorize_by_id(state, credentials, id, READING, &[]).await?;
    Ok(packages::overview(&state.workspace, &authorized).await?)
}

/// Decides about an attempt on the snap of this id. Of a text that is no id is told what is told of an unknown one, and
/// also only to whom it is told.
pub(super) async fn authorize_by_id(
    state: &web::Data<State>,
    credentials: &Credentials,
    id: &str,
    permissions: &[Permission],
    channels: &[Channel],
) -> Result<Authorized, Problem> {
    let parsed = id.parse::<SnapId>().ok();
    let target = parsed.as_ref().map_or(Target::Nothing, Target::Id);
    let attempt = Attempt { permissions, target, channels, ..Attempt::default() };
    let authorized = state.authorize(credentials, &attempt).await?;
    match parsed {
        Some(_) => Ok(authorized),
        None => Err(Refusal::NoSuchPackage(id.to_owned()).into()),
    }
}

/// The query of a request, which takes these members.
pub(super) fn query<T: DeserializeOwned>(request: &HttpRequest, members: &str) -> Result<T, Problem> {
    let query = web::Query::<T>::from_query(request.query_string());
    query
        .map(web::Query::into_inner)
        .map_err(|_| Problem::new(Code::BadRequest, format!("The query takes {members}, each at most once.")))
}
