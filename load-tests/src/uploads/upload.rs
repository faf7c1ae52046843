//! One signed upload, as a client goes through it: bytes, push, assertion, status. What is not answered is asked again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::board::{Board, Phase};
use super::client::{Answer, message};
use super::ledger::{Pushed, Told};
use super::publisher::{Desk, Product, Publisher};
use super::stage::ASSERTION_WAIT;
use crate::breaker::chance::Chance;
use crate::breaker::history::At;

/// How the publisher's word comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Style {
    /// Posted before the file.
    Before,
    /// In the same request as the file.
    Beside,
    /// Posted while the push waits.
    After,
    /// Never.
    Never,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// Its status said so.
    Told(Told),
    /// A request was refused: status and sentence.
    Denied(u16, String),
    /// Something ended under it, and it must begin anew.
    Lost,
}

/// A request that needed a credential or a signature.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) what: What,
    pub(crate) began: At,
    pub(crate) ended: At,
    /// `None`: no answer.
    pub(crate) status: Option<u16>,
}

/// What a request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// To make a revision of a file.
    Push,
    /// To take an assertion.
    Build,
}

/// An upload to be made.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) board: &'a Board,
    /// The client's number.
    pub(crate) who: usize,
    pub(crate) publisher: &'a Publisher,
    /// The credential.
    pub(crate) header: &'a str,
    pub(crate) product: &'a Product,
    pub(crate) style: Style,
    /// How long the client rests between two pieces, and a few times as long between two steps.
    pub(crate) rest: Duration,
    /// Whether a push that nobody seems to be at any more is given up.
    pub(crate) gives_up: bool,
    pub(crate) chance: Mutex<Chance>,
    pub(crate) asked: Mutex<Vec<Asked>>,
}

const AGAIN: Duration = Duration::from_millis(15);
const POLL_EVERY: Duration = Duration::from_millis(8);

impl Upload<'_> {
    /// Makes it, from the beginning to the status that is the last.
    pub(crate) async fn make(&self) -> End {
        if self.style == Style::Before
            && let Err(end) = self.assert().await
        {
            return end;
        }
        let id = match self.send().await {
            Ok(id) => id,
            Err(end) => return end,
        };
        self.board.enter(self.who, Phase::Received);
        tokio::time::sleep(self.rest * 3).await;
        let path = match self.push(&id).await {
            Ok(path) => path,
            Err(end) => return end,
        };
        if self.style == Style::After {
            self.board.enter(self.who, Phase::Waiting);
            tokio::time::sleep(self.rest * 10).await;
            if let Err(end) = self.assert().await {
                // The push goes on without; its own end is of interest too.
                return match self.poll(&path).await {
                    End::Told(told @ Told::Ready(_)) => End::Told(told),
                    _ => end,
                };
            }
        }
        self.poll(&path).await
    }

    async fn send(&self) -> Result<String, End> {
        self.board.enter(self.who, Phase::Receiving);
        let product = self.product;
        let along = (self.style == Style::Beside).then_some(product.assertion.as_str());
        loop {
            let answer = self.desk.client.receive(self.service(), &product.bytes, along, self.rest).await;
            self.note("bytes sent", &answer);
            match answer {
                Some((200, body)) => {
                    let id = body.get("upload_id").and_then(Value::as_str).unwrap_or_default().to_owned();
                    let digest = product.digest.clone();
                    self.desk.ledger.books().promised.received.insert(id.clone(), digest);
                    return Ok(id);
                }
                other => self.again(other).await?,
            }
        }
    }

    async fn push(&self, id: &str) -> Result<String, End> {
        self.board.enter(self.who, Phase::Pushing);
        loop {
            let (service, began) = (self.service(), self.desk.ledger.now());
            let answer = self.desk.client.push(service, self.header, &self.publisher.name, id).await;
            self.asked(What::Push, began, &answer);
            self.note("pushed", &answer);
            match answer {
                Some((202, body)) => return self.accepted(&body).ok_or(End::Lost),
                // What came of a push without an answer, nobody tells: the client sends the file again.
                Some((_, body)) if is_about_the_file(&body) => return Err(End::Lost),
                other => self.again(other).await?,
            }
        }
    }

    /// A push was taken: where its status is.
    fn accepted(&self, body: &Value) -> Option<String> {
        let url = body.get("status_details_url").and_then(Value::as_str).unwrap_or_default();
        let path = url.find("/dev/api/").and_then(|at| url.get(at..));
        let id = path.and_then(|path| path.rsplit('/').nth(1));
        let (Some(path), Some(id)) = (path, id) else {
            self.desk.ledger.odd(self.who, format!("a push was answered with no URL of its status: {body}"));
            return None;
        };
        let (snap, digest) = (self.publisher.snap.clone(), self.product.digest.clone());
        let pushed = Pushed { who: self.who, snap, digest, told: None };
        self.desk.ledger.books().promised.pushes.insert(id.to_owned(), pushed);
        Some(path.to_owned())
    }

    async fn assert(&self) -> Result<(), End> {
        self.board.enter(self.who, Phase::Asserting);
        let path = format!("/dev/api/snaps/{}/builds", self.publisher.snap);
        let body = json!({"assertion": self.product.assertion});
        loop {
            let (service, began) = (self.service(), self.desk.ledger.now());
            let answer = self.desk.client.post(service, &path, self.header, &body).await;
            self.asked(What::Build, began, &answer);
            self.note("assertion posted", &answer);
            match answer {
                Some((200, _)) => {
                    self.desk.ledger.books().promised.builds.push(self.product.digest.clone());
                    return Ok(());
                }
                other => self.again(other).await?,
            }
        }
    }

    async fn poll(&self, path: &str) -> End {
        self.board.enter(self.who, Phase::Polling);
        let from = self.desk.ledger.now();
        loop {
            let answer = self.desk.client.get(self.service(), path, None).await;
            match told(&answer) {
                Ok(Some(told)) => {
                    self.note(&format!("status says {told:?}"), &answer);
                    remember(self.desk, path, &told);
                    return End::Told(told);
                }
                Ok(None) if self.gives_up && self.desk.ledger.now() > from + ASSERTION_WAIT + LATE => {
                    self.note("given up, as it is still being processed", &answer);
                    return End::Lost;
                }
                Ok(None) => tokio::time::sleep(POLL_EVERY).await,
                Err(()) => {
                    if let Err(end) = self.again(answer).await {
                        return end;
                    }
                }
            }
        }
    }

    /// Rests before the same request once more, if that may help.
    async fn again(&self, answer: Answer) -> Result<(), End> {
        match answer {
            None | Some((503, _)) => {
                tokio::time::sleep(AGAIN).await;
                Ok(())
            }
            Some((status, body)) => {
                if !matches!(status, 400..=499) {
                    self.desk.ledger.odd(self.who, format!("answered with {status}: {}", message(&body)));
                }
                Err(End::Denied(status, message(&body)))
            }
        }
    }

    fn asked(&self, what: What, began: At, answer: &Answer) {
        let (ended, status) = (self.desk.ledger.now(), answer.as_ref().map(|(status, _)| *status));
        let asked = Asked { what, began, ended, status };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }

    fn note(&self, what: &str, answer: &Answer) {
        let file = self.product.digest.get(..8).unwrap_or_default();
        let answered = match answer {
            None => "no answer".to_owned(),
            Some((status, body)) if *status >= 400 => format!("{status} {}", message(body)),
            Some((status, _)) => status.to_string(),
        };
        self.desk.ledger.note(Some(self.who), format!("{file} {:?}: {what}: {answered}", self.style));
    }

    fn service(&self) -> usize {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        chance.below(self.desk.client.services())
    }
}

/// Keeps what a status said in the end; one that says something else another time is noted.
pub(crate) fn remember(desk: &Desk, path: &str, told: &Told) {
    let id = path.rsplit('/').nth(1).unwrap_or_default();
    let changed = {
        let mut books = desk.ledger.books();
        books.promised.pushes.get_mut(id).and_then(|pushed| {
            let before = pushed.told.replace(told.clone()).filter(|before| before != told)?;
            Some((pushed.who, before))
        })
    };
    if let Some((who, before)) = changed {
        desk.ledger.odd(who, format!("a status that said {before:?} says {told:?}"));
    }
}

/// What a status says: `None` while it is being processed, `Err` if the answer is none.
pub(crate) fn told(answer: &Answer) -> Result<Option<Told>, ()> {
    let Some((200, body)) = answer else { return Err(()) };
    let (code, revision) =
        (body.get("code").and_then(Value::as_str), body.get("revision").and_then(Value::as_i64));
    match (body.get("processed").and_then(Value::as_bool), code, revision) {
        (Some(false), _, _) => Ok(None),
        (Some(true), Some("ready_to_release"), Some(revision)) => Ok(Some(Told::Ready(revision))),
        (Some(true), Some("processing_error"), Some(revision)) => Ok(Some(Told::Duplicate(revision))),
        (Some(true), Some(_), None) => {
            let message = body.pointer("/errors/0/message").and_then(Value::as_str);
            Ok(Some(Told::Refused(message.unwrap_or_default().to_owned())))
        }
        _ => Err(()),
    }
}

/// Whether a refusal says that the upload was claimed, or is not there: this push or an earlier one may have done it, or
/// it was swept.
fn is_about_the_file(body: &Value) -> bool {
    message(body).contains("updown_id")
}

/// By how much a push may be late to say that it has waited in vain.
const LATE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_clients_read_it() {
        let answer = |body| Some((200, body));
        assert_eq!(told(&answer(json!({"processed": false, "code": "being_processed"}))), Ok(None));
        let ready = json!({"processed": true, "code": "ready_to_release", "revision": 7});
        assert_eq!(told(&answer(ready.clone())), Ok(Some(Told::Ready(7))));
        assert_eq!(told(&Some((503, ready))), Err(()));
        assert_eq!(told(&None), Err(()));
        let duplicate = json!({"processed": true, "code": "processing_error", "revision": 3, "errors": []});
        assert_eq!(told(&answer(duplicate)), Ok(Some(Told::Duplicate(3))));
        let refused = json!({"processed": true, "code": "processing_error", "errors": [{"message": "no"}]});
        assert_eq!(told(&answer(refused)), Ok(Some(Told::Refused("no".to_owned()))));
        assert_eq!(told(&answer(json!({"processed": true}))), Err(()));
    }
}
