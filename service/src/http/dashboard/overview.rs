//! What every question about a snap begins with: may they ask, and everything there is to tell.

use actix_web::web;
use caveats::Permission;

use crate::authorization::{Attempt, Target};
use crate::domain::packages::{self, Overview};
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;

/// The snap of this name, for somebody who may read about it.
pub(super) async fn overview(
    state: &web::Data<State>,
    credentials: &Credentials,
    name: &str,
) -> Result<Overview, Problem> {
    let permissions = &[Permission::PackageAccess];
    let attempt = Attempt { permissions, target: Target::Named(name), ..Attempt::default() };
    let authorized = state.authorize(credentials, &attempt).await?;
    Ok(packages::overview(state.publishing(), &authorized).await?)
}
