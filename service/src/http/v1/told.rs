//! Revocations as JSON, without anything secret.

use serde_json::{Map, Value, json};

use revocation::{Action, Entry, Reach, Revocation, Subject};
use storage::records::Told;

/// An entry that a request has made, or met.
pub(super) fn entry(entry: &Entry) -> Value {
    let mut body = named(&entry.subject);
    body.insert("position".to_owned(), entry.seq.into());
    body.insert("at".to_owned(), entry.at().to_string().into());
    body.insert("reason".to_owned(), entry.reason().into());
    match &entry.deed {
        Action::Revoke(Revocation { reach: Reach::All, .. }) => {}
        Action::Revoke(cut) => {
            body.insert("reach".to_owned(), reach(cut.reach));
        }
        Action::Lift(lift) => {
            body.insert("lifts".to_owned(), lift.lifts.into());
            body.insert("left".to_owned(), lift.left.as_ref().map_or(Value::Null, left));
        }
    }
    Value::Object(body)
}

/// An entry of the journal, for people to read.
pub(super) fn history(told: &Told) -> Value {
    let mut body = named(&told.subject);
    body.insert("position".to_owned(), told.seq.into());
    body.insert("at".to_owned(), told.cut.at.to_string().into());
    body.insert("reason".to_owned(), told.cut.reason.as_str().into());
    body.insert("actor".to_owned(), told.actor.as_str().into());
    if let Some(lifts) = told.lifts {
        body.insert("lifts".to_owned(), lifts.into());
    } else {
        body.insert("reach".to_owned(), reach(told.cut.reach));
        body.insert("leaked".to_owned(), told.leaked.into());
        body.insert("lifted_by".to_owned(), told.lifted_by.into());
    }
    Value::Object(body)
}

/// The kind of a subject, and its ids.
pub(super) fn named(subject: &Subject) -> Map<String, Value> {
    let ids = match subject {
        Subject::Credential(token, _) | Subject::Family(token) => vec![("token_id", token.as_str())],
        Subject::Session(account, session) => {
            vec![("session_id", session.as_str()), ("account_id", account.as_str())]
        }
        Subject::Account(account) => vec![("account_id", account.as_str())],
        Subject::Package(package) => vec![("snap_id", package.as_str())],
        Subject::SigningKey(key) => vec![("signing_key_id", key.as_str())],
        Subject::RootKey(key) => vec![("root_key_id", key.as_str())],
        Subject::Everything => Vec::new(),
    };
    let ids = ids.into_iter().map(|(name, id)| (name.to_owned(), id.into()));
    std::iter::once(("kind".to_owned(), subject.kind().into())).chain(ids).collect()
}

/// The cut that a lift leaves.
pub(super) fn left(cut: &Revocation) -> Value {
    json!({"reach": reach(cut.reach), "at": cut.at.to_string(), "reason": cut.reason})
}

/// Which logins a cut kills.
pub(super) fn reach(reach: Reach) -> Value {
    match reach {
        Reach::All => "all".into(),
        Reach::LoggedInBefore(moment) => json!({"logged_in_before": moment.to_string()}),
    }
}
