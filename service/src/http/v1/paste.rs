//! Text that may hold credentials: received within bounds, sifted away from the workers, and what was found told.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{BytesMut, Payload};
use futures_util::StreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use super::told;
use crate::http::body::{PATIENCE, too_slow, unreadable};
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::revoking::leaked::finding::{Finding, Outcome, Ownership};
use crate::revoking::leaked::prove::Prover;
use crate::revoking::leaked::scan::{LeakScanner, MAX_FOUND, Match, TooMany};

/// The most bytes of a text that is sent as it is.
const MAX_RAW: u64 = 64 * 1024 * 1024;
/// The most bytes of a JSON body.
const MAX_JSON: usize = 1024 * 1024;
/// How much is sifted at a time.
const PIECE: usize = 256 * 1024;
/// How long a whole text may take to arrive: a slow sender holds no thread, but the memory of a scan.
const PATIENCE_FOR_ALL: Duration = Duration::from_mins(10);

/// Whether the body is the text itself, going by its content type.
pub(super) fn is_raw(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    ["text/plain", "application/octet-stream"].iter().any(|raw| kind.eq_ignore_ascii_case(raw))
}

/// A JSON body, whole.
pub(super) async fn whole(payload: &mut Payload) -> Result<BytesMut, Problem> {
    let collect = async {
        let mut body = BytesMut::new();
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|error| unreadable(&error.into()))?;
            if body.len() + piece.len() > MAX_JSON {
                let message = "A JSON body may have 1 MiB here. Send a longer text as it is, with the content type text/plain.";
                return Err(Problem::new(Code::PayloadTooLarge, message));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    };
    tokio::time::timeout(PATIENCE, collect).await.map_err(|_| too_slow())?
}

/// Sifts a text that was in a JSON body.
pub(super) async fn sift(state: &State, text: SecretString) -> Result<Vec<Match>, Problem> {
    let prover = prover(state).await?;
    blocking(move || Ok(LeakScanner::sift(prover, text.expose_secret())?)).await
}

/// Sifts a text as it comes.
pub(super) async fn sift_raw(
    state: &State,
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<Vec<Match>, Problem> {
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > MAX_RAW) {
        return Err(too_long());
    }
    let prover = prover(state).await?;
    let sifting = async {
        let (mut leak_scanner, mut waiting, mut length) = (LeakScanner::new(prover), BytesMut::new(), 0);
        while let Some(piece) =
            tokio::time::timeout(PATIENCE, payload.next()).await.map_err(|_| too_slow())?
        {
            let piece = piece.map_err(|error| unreadable(&error.into()))?;
            length += piece.len() as u64;
            if length > MAX_RAW {
                return Err(too_long());
            }
            waiting.extend_from_slice(&piece);
            if waiting.len() >= PIECE {
                let piece = waiting.split();
                leak_scanner = blocking(move || {
                    leak_scanner.feed(&piece)?;
                    Ok(leak_scanner)
                })
                .await?;
            }
        }
        blocking(move || {
            leak_scanner.feed(&waiting)?;
            Ok(leak_scanner.finish()?)
        })
        .await
    };
    tokio::time::timeout(PATIENCE_FOR_ALL, sifting).await.map_err(|_| too_slow())?
}

/// What proves them, with the keys of all replicas.
async fn prover(state: &State) -> Result<Prover, Problem> {
    state.keys.reload().await?;
    Ok(Prover::new(&state.keys, state.authorizer.locations()))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::cannot_tell("What stands in this text")))
}

fn too_long() -> Problem {
    Problem::new(Code::PayloadTooLarge, "A text may have 64 MiB. Cut it into pieces that overlap by 1 MiB.")
}

impl From<TooMany> for Problem {
    fn from(_: TooMany) -> Problem {
        let message = format!(
            "NOT REVOKED: there are more than {MAX_FOUND} different credentials in this text. Send it in pieces."
        );
        Problem::new(Code::PayloadTooLarge, message)
    }
}

/// What was found, and what became of each.
pub(super) fn tell(found: &[(Finding, Outcome)]) -> Vec<Value> {
    let tell = |(finding, outcome): &(Finding, Outcome)| {
        let mut told = match &finding.ownership {
            Ownership::Ours { subject, .. } => told::named(subject),
            Ownership::Unproven(token) | Ownership::Damaged(Some(token)) => {
                Map::from_iter([("token_id".to_owned(), token.as_str().into())])
            }
            Ownership::Damaged(None) | Ownership::NotOurs => Map::new(),
        };
        let (word, position) = match (outcome, &finding.ownership) {
            (Outcome::Revoked(position), _) => ("revoked", Some(*position)),
            (Outcome::AlreadyRevoked(position), _) => ("already-revoked", Some(*position)),
            (Outcome::Forbidden, _) => ("forbidden", None),
            (Outcome::NotRevoked, Ownership::Unproven(_)) => ("unproven", None),
            (Outcome::NotRevoked, Ownership::Damaged(_)) => ("damaged", None),
            (Outcome::NotRevoked, Ownership::Ours { .. } | Ownership::NotOurs) => ("not-ours", None),
        };
        told.insert("offset".to_owned(), finding.offset.into());
        told.insert("what".to_owned(), json!(finding.what));
        told.insert("outcome".to_owned(), word.into());
        if let Some(position) = position {
            told.insert("position".to_owned(), position.into());
        }
        if let Some(advice) = advice(word) {
            told.insert("advice".to_owned(), advice.into());
        }
        Value::Object(told)
    };
    found.iter().map(tell).collect()
}

/// What to do about what was not revoked.
fn advice(outcome: &str) -> Option<&'static str> {
    Some(match outcome {
        "forbidden" => "Ask its owner, or somebody who may revoke other people's credentials, to paste it.",
        "unproven" => {
            "It is bound to a root that is not in this text, so nobody can tell whether it is genuine. Paste the text \
             with its root, or revoke by token_id, session_id or account."
        }
        "damaged" => {
            "It is cut off or changed, and opens nothing as it is. If there is a whole one elsewhere, paste that, or revoke \
             by token_id."
        }
        _ => return None,
    })
}
