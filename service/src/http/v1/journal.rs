//! `GET /v1/revocations`: the journal of revocations, a page at a time, the oldest first.

use actix_web::{HttpRequest, HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::{Value, json};

use super::told;
use crate::authorization::Attempt;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;

const MAX_LIMIT: i64 = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    after: i64,
    #[serde(default = "usual_limit")]
    limit: i64,
}

fn usual_limit() -> i64 {
    100
}

/// Lists. `next` is what to give as `after` for the next page, and null at the end.
pub async fn list(
    state: web::Data<State>,
    request: HttpRequest,
    credentials: Credentials,
) -> Result<HttpResponse, Problem> {
    let attempt = Attempt { permissions: &[Permission::CredentialList], ..Attempt::default() };
    state.authorize(&credentials, &attempt).await?;
    let Query { after, limit } = query(&request)?;
    let entries = state.records.revocations_after(after, limit).await?;
    let is_full = i64::try_from(entries.len()).is_ok_and(|length| length == limit);
    let next = entries.last().filter(|_| is_full).map(|last| last.seq);
    let entries: Vec<Value> = entries.iter().map(told::history).collect();
    Ok(HttpResponse::Ok().json(json!({"revocations": entries, "next": next})))
}

fn query(request: &HttpRequest) -> Result<Query, Problem> {
    let query = web::Query::<Query>::from_query(request.query_string()).ok();
    query.map(web::Query::into_inner).filter(|query| query.after >= 0 && (1..=MAX_LIMIT).contains(&query.limit)).ok_or_else(
        || {
            let message = format!(
                "The query takes 'after' (a position, 0 to begin with) and 'limit' (1 to {MAX_LIMIT}), each once."
            );
            Problem::new(Code::BadRequest, message)
        },
    )
}
