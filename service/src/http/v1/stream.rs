//! `GET /v1/revocations/stream`: the journal as server-sent events, for verifiers that keep a list of their own.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use caveats::Permission;
use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::told;
use crate::authorization::Attempt;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::revoking::feed::{Checkpoint, FeedItem, Subscriber};
use model::cause::chain;
use revocation::{Action, Entry, Subject, hex};

const LAST_EVENT_ID: &str = "last-event-id";
const ATTEMPT: Attempt<'static> = Attempt { permissions: &[Permission::CredentialList], ..Attempt::NOTHING };
/// How old the decision may be that the watcher may watch.
const DECIDE_EVERY: Duration = Duration::from_secs(5);
/// After so long a watcher must come again, so that watchers spread over replicas that were added.
const LIFETIME: Duration = Duration::from_hours(1);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    after: Option<String>,
}

/// Streams. Ends when the credential has ended, when the journal or the revocation list can't be asked, when the process
/// is about to stop, and after an hour: the watcher comes again, and hears why not if it may not.
pub async fn stream(
    state: web::Data<State>,
    credentials: Credentials,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let after = after(&request)?;
    state.authorize(&credentials, &ATTEMPT).await?;
    let (subscriber, now) = (state.feed.after(after).await?, Instant::now());
    let told = Telling { state, credentials, subscriber, began: now, decided: now };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // nginx would hold events back.
        .insert_header(("X-Accel-Buffering", "no"))
        .force_close()
        .streaming(told.events()))
}

/// The entry to go on behind. A client that lost its connection sends the header by itself.
fn after(request: &HttpRequest) -> Result<i64, Problem> {
    let parameters = web::Query::<Parameters>::from_query(request.query_string()).map_err(|_| {
        Problem::new(Code::BadRequest, "The query may hold 'after', once, and nothing else: '?after=12'.")
    })?;
    let header = request.headers().get(LAST_EVENT_ID).map(|value| value.to_str().unwrap_or_default());
    let Some(text) = header.or(parameters.after.as_deref()) else { return Ok(0) };
    let number = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.and_then(|text| text.parse().ok()).ok_or_else(|| {
        let message =
            "'Last-Event-ID' and 'after' name the last entry that you have seen, by its number: 0, 1, 2, …";
        Problem::new(Code::BadRequest, message)
    })
}

/// One open stream. Nothing is read for it while its client does not take what it was sent.
struct Telling {
    state: web::Data<State>,
    credentials: Credentials,
    subscriber: Subscriber,
    began: Instant,
    decided: Instant,
}

impl Telling {
    fn events(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut telling| async move {
            let text = telling.next().await?;
            Some((Ok(Bytes::from(text)), telling))
        })
    }

    /// The next events; `None` ends the stream.
    async fn next(&mut self) -> Option<String> {
        let news = match self.subscriber.next().await {
            Ok(news) => news?,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "a watcher of revocations is let go");
                return None;
            }
        };
        // Asked behind the wait, so that what is sent now was allowed now.
        if self.began.elapsed() >= LIFETIME || !self.allowed().await {
            return None;
        }
        Some(match news {
            FeedItem::Checkpoint(Checkpoint { position, as_of }) => {
                event("level", None, &json!({"position": position, "as_of": as_of.to_string()}))
            }
            FeedItem::Entries(entries) => entries.iter().map(tell).collect(),
        })
    }

    /// Whether the credential that opened the stream is still good for it.
    async fn allowed(&mut self) -> bool {
        if self.decided.elapsed() < DECIDE_EVERY {
            return true;
        }
        let attempt = Attempt { source: self.credentials.source, ..ATTEMPT };
        let decision = self.state.authorizer.authorize(self.credentials.bundle.clone(), &attempt).await;
        self.decided = Instant::now();
        decision.is_ok()
    }
}

fn tell(entry: &Entry) -> String {
    let mut data = named(&entry.subject);
    data.insert("position".to_owned(), entry.seq.into());
    data.insert("at".to_owned(), entry.at().to_string().into());
    data.insert("reason".to_owned(), entry.reason().into());
    let name = match &entry.deed {
        Action::Revoke(cut) => {
            data.insert("reach".to_owned(), told::reach(cut.reach));
            data.insert("forget_at".to_owned(), entry.forget_at.map(|at| at.to_string()).into());
            "cut"
        }
        Action::Lift(lift) => {
            data.insert("lifts".to_owned(), lift.lifts.into());
            data.insert("left".to_owned(), lift.left.as_ref().map_or(Value::Null, told::left));
            "lift"
        }
    };
    event(name, Some(entry.seq), &Value::Object(data))
}

/// An event. JSON has no line ends of its own, so one line holds it.
fn event(name: &str, id: Option<i64>, data: &Value) -> String {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    format!("{id}event: {name}\ndata: {data}\n\n")
}

/// Kind and ids: all that it takes to find the subject's credentials.
fn named(subject: &Subject) -> Map<String, Value> {
    let mut named = told::named(subject);
    if let Subject::Credential(_, fingerprint) = subject {
        named.insert("fingerprint".to_owned(), hex(fingerprint).into());
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ids::{AccountId, SessionId, SigningKeyId, TokenId};
    use revocation::Lift;
    use revocation::{Reach, Revocation};
    use timestamp::Timestamp;

    fn entry(subject: Subject, deed: Action) -> Entry {
        Entry { seq: 7, subject, deed, actor: "who decided".to_owned(), forget_at: Some(AT) }
    }

    fn cut(reach: Reach) -> Revocation {
        Revocation { reach, at: AT, reason: "leaked\n\nevent: level\u{2028}".to_owned() }
    }

    const AT: Timestamp = Timestamp::MIN;

    #[test]
    fn a_cut_is_one_event_whatever_its_reason() {
        let (token, moment) = (TokenId::generate(), Timestamp::from_secs(5));
        let subject = Subject::Credential(token.clone(), [7; 16]);
        let text = tell(&entry(subject, Action::Revoke(cut(Reach::LoggedInBefore(moment)))));
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!((lines.len(), lines[0], lines[1], lines[3], lines[4]), (5, "id: 7", "event: cut", "", ""));
        let data: Value = serde_json::from_str(lines[2].strip_prefix("data: ").unwrap()).unwrap();
        let expected = json!({
            "kind": "credential", "token_id": token.to_string(), "fingerprint": "07".repeat(16), "position": 7,
            "at": AT.to_string(), "reason": cut(Reach::All).reason, "forget_at": AT.to_string(),
            "reach": {"logged_in_before": "1970-01-01T00:00:05.000000"},
        });
        assert_eq!(data, expected, "and nothing of who decided it");
    }

    #[test]
    fn a_lift_says_what_is_left() {
        let lifted = |left| Action::Lift(Lift { lifts: 3, at: AT, reason: String::new(), left });
        let text = tell(&entry(Subject::Everything, lifted(None)));
        assert!(text.starts_with("id: 7\nevent: lift\n") && text.contains("\"left\":null"), "{text}");
        let text = tell(&entry(Subject::Account(AccountId::generate()), lifted(Some(cut(Reach::All)))));
        assert!(text.contains("\"lifts\":3") && text.contains("\"reach\":\"all\""), "{text}");
    }

    #[test]
    fn a_session_is_named_with_its_account() {
        let session = named(&Subject::Session(AccountId::generate(), SessionId::generate()));
        assert!(session.contains_key("account_id") && session.contains_key("session_id"), "{session:?}");
        let key = named(&Subject::SigningKey(SigningKeyId::generate()));
        assert_eq!((&key["kind"], key.contains_key("signing_key_id")), (&json!("signing-key"), true));
    }
}
