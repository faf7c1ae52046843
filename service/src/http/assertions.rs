//! `GET /v2/assertions/{type}/{key…}` and `GET /api/v1/snaps/assertions/{type}/{key…}`: what the store and its publishers
//! have signed. Devices ask without a credential; what is about a private snap takes one of its publisher's.
//!
//! snapd tells a missing assertion from other failures by the code in `error-list` under `/v2`, and by a top-level `status`
//! under `/api/v1`: both are always there.

use actix_web::http::header::{ACCEPT, AUTHORIZATION, VARY};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, ResponseError as _, web};
use assertions::MEDIA_TYPE;
use caveats::Permission;

use super::credentials::Credentials;
use super::problem::{Code, Problem, shown};
use super::state::State;
use crate::authorization::{Attempt, Target};
use crate::publishing::find_assertion::{FindError, Said, TYPES, find};
use model::ids::SnapId;

/// The paths.
pub const V2: &str = "/v2/assertions/{type}/{key:.*}";
/// That of older clients.
pub const V1: &str = "/api/v1/snaps/assertions/{type}/{key:.*}";

const JSON: &str = "application/json";

/// Answers snapd since 2.45 or so.
pub async fn v2(
    state: web::Data<State>,
    request: HttpRequest,
    asked: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    answer(&state, &request, &asked).await
}

/// Answers older snapd, and snapcraft 2 to 6.
pub async fn v1(
    state: web::Data<State>,
    request: HttpRequest,
    asked: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    answer(&state, &request, &asked).await.map_err(old)
}

async fn answer(
    state: &web::Data<State>,
    request: &HttpRequest,
    asked: &(String, String),
) -> Result<HttpResponse, Problem> {
    let (kind, key) = asked;
    let form = Form::wanted(request)?;
    let parts: Vec<&str> = key.split('/').collect();
    let Said { assertion, private } =
        find(&state.records, kind, &parts).await.map_err(|error| problem(error, kind, key))?;
    if let Some(snap) = private {
        may_see(state, request, &snap)
            .await?
            .then_some(())
            .ok_or_else(|| problem(FindError::NotFound, kind, key))?;
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, "Accept"));
    Ok(match form {
        Form::Text => response.content_type(MEDIA_TYPE).body(assertion.as_str().to_owned()),
        Form::Json => response.json(assertion.to_json()),
    })
}

/// Whether whoever asks may know of a private snap. A credential that is refused learns no more than none at all.
async fn may_see(state: &State, request: &HttpRequest, snap: &SnapId) -> Result<bool, Problem> {
    if !request.headers().contains_key(AUTHORIZATION) {
        return Ok(false);
    }
    let Ok(credentials) = Credentials::extract(request).await else { return Ok(false) };
    let permissions = &[Permission::PackageAccess];
    let attempt = Attempt { permissions, target: Target::Id(snap), ..Attempt::default() };
    match state.authorize(&credentials, &attempt).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.status_code().is_server_error() => Err(problem),
        Err(_) => Ok(false),
    }
}

/// In which form an assertion is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Json,
}

impl Form {
    /// What the request accepts most. Whoever does not say gets the text.
    fn wanted(request: &HttpRequest) -> Result<Form, Problem> {
        let values = request.headers().get_all(ACCEPT).map(|value| value.to_str().unwrap_or_default());
        let accepted: Vec<&str> = values.flat_map(|value| value.split(',')).collect();
        if accepted.is_empty() {
            return Ok(Form::Text);
        }
        // The range that names a form most exactly counts. Of two that are liked as much, the one that is named.
        let liked = |form: &str| {
            let exactest =
                accepted.iter().filter_map(|range| weight(range, form)).max_by_key(|(how, _)| *how);
            exactest.filter(|(_, weight)| *weight > 0).map(|(how, weight)| (weight, how))
        };
        match (liked(MEDIA_TYPE), liked(JSON)) {
            (None, None) => Err(Problem::new(
                Code::NotAcceptable,
                format!(
                    "Assertions are sent as {MEDIA_TYPE} and as {JSON}; ask for one of them with Accept."
                ),
            )),
            (text, json) if json > text => Ok(Form::Json),
            _ => Ok(Form::Text),
        }
    }
}

/// How much a range of Accept likes a media type, in thousandths, and how exactly it names it; `None` if it does not.
fn weight(range: &str, form: &str) -> Option<(u8, u16)> {
    let mut parameters = range.split(';').map(str::trim);
    let how = match parameters.next()? {
        name if name.eq_ignore_ascii_case(form) => 2,
        "application/*" => 1,
        "*/*" => 0,
        _ => return None,
    };
    let quality =
        parameters.find_map(|parameter| parameter.strip_prefix("q=").or(parameter.strip_prefix("Q=")));
    let quality = quality.and_then(|quality| quality.trim().parse::<f32>().ok()).unwrap_or(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
    Some((how, (quality.clamp(0.0, 1.0) * 1000.0) as u16))
}

fn problem(error: FindError, kind: &str, key: &str) -> Problem {
    match error {
        FindError::NoSuchType => {
            let known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "This store has no assertions of the type '{}'; it has {}.",
                shown(kind),
                known.join(", ")
            );
            Problem::new(Code::NotFound, message)
        }
        FindError::Parts(parts) => Problem::new(
            Code::BadRequest,
            format!(
                "An assertion of the type {kind} is asked for by {}: /{kind}/{}.",
                parts.join(" and "),
                template(parts)
            ),
        ),
        FindError::NotFound => {
            let message = format!("There is no {kind} assertion for {}.", shown(key));
            Problem::new(Code::NotFound, message)
        }
        FindError::Storage(error) => error.into(),
    }
}

fn template(parts: &[&str]) -> String {
    parts.iter().map(|part| part.to_uppercase()).collect::<Vec<_>>().join("/")
}

/// The members in which clients of `/api/v1` look for what is wrong.
fn old(problem: Problem) -> Problem {
    let status = problem.status_code();
    let detail = problem.message().to_owned();
    problem
        .with_top("status", status.as_u16())
        .with_top("type", "about:blank")
        .with_top("title", status.canonical_reason().unwrap_or_default())
        .with_top("detail", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn wanted(accept: &str) -> Option<Form> {
        Form::wanted(&TestRequest::get().insert_header((ACCEPT, accept)).to_http_request()).ok()
    }

    #[test]
    fn the_form_that_is_liked_best_is_sent_and_text_to_who_does_not_care() {
        assert_eq!(Form::wanted(&TestRequest::get().to_http_request()).ok(), Some(Form::Text));
        for text in ["application/x.ubuntu.assertion", "*/*", "application/*", "text/html, */*;q=0.1"] {
            assert_eq!(wanted(text), Some(Form::Text), "{text}");
        }
        for json in [
            "application/json",
            "application/json, */*",
            "application/json;q=0.5,application/x.ubuntu.assertion;q=0.4",
            "application/x.ubuntu.assertion;q=0, */*",
        ] {
            assert_eq!(wanted(json), Some(Form::Json), "{json}");
        }
        for neither in ["text/html", "application/json;q=0", "application/xml, text/*"] {
            assert_eq!(wanted(neither), None, "{neither}");
        }
    }
}
