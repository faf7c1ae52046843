//! `POST /v1/snap/{name}/tracks`: new tracks for a snap, as the publisher gateway's clients ask for them.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::authorization::{Attempt, Target};
use crate::http::credentials::Credentials;
use crate::http::list_body::JsonList;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::publishing::tracks::{self, NewTrack};
use model::track::VersionPattern;

/// One entry of the body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Wanted {
    name: String,
    #[serde(default)]
    version_pattern: Option<String>,
    #[serde(default)]
    automatic_phasing_percentage: Option<Value>,
}

/// Makes all of them or none. One that exists already, and is the same, is not counted.
pub async fn make(
    state: web::Data<State>,
    credentials: Credentials,
    name: web::Path<String>,
    JsonList(wanted): JsonList<Wanted>,
) -> Result<HttpResponse, Problem> {
    let permissions = &[Permission::PackageManage];
    let attempt = Attempt { permissions, target: Target::Named(&name), ..Attempt::default() };
    let authorized = state.authorize(&credentials, &attempt).await?;
    let wanted = wanted.iter().map(new_track).collect::<Result<Vec<_>, _>>()?;
    let made = tracks::make(&state.workspace, &authorized, &wanted).await?;
    Ok(HttpResponse::Created().json(json!({"num-tracks-created": made})))
}

fn new_track(wanted: &Wanted) -> Result<NewTrack, Problem> {
    let name = wanted.name.parse().map_err(|reason| Problem::invalid_track(&wanted.name, reason))?;
    if wanted.automatic_phasing_percentage.is_some() {
        let message = "Releases are not phased here; leave 'automatic-phasing-percentage' out.";
        return Err(Problem::new(Code::InvalidField, message).with("field", "automatic-phasing-percentage"));
    }
    let pattern = wanted.version_pattern.as_deref().map(str::parse::<VersionPattern>).transpose();
    let version_pattern = pattern.map_err(|_| {
        let message = "The field 'version-pattern' is not a regular expression that is matched here: one of up to \
                       200 characters, without back references and look-around.";
        Problem::new(Code::InvalidField, message).with("field", "version-pattern")
    })?;
    Ok(NewTrack { name, version_pattern })
}
