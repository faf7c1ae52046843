//! What became of each push, for the clients that poll for it.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, id};
use model::ids::PushId;
use model::snap::{Outcome, Push};

type Row = (String, String, Option<i64>, Option<String>, Option<i64>);

impl Records {
    /// The outcome of a push.
    pub async fn push(&self, push: &PushId) -> Result<Option<Push>, StorageError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT snap_id, outcome, revision, message, waits_until FROM pushes WHERE id = $1",
        )
        .bind(push.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some((snap, outcome, revision, message, until)) = row else { return Ok(None) };
        let until = until.map(Timestamp::from_micros);
        let (outcome, observed) = match (outcome.as_str(), revision, message, until) {
            ("accepted", Some(revision), observed, _) => (Outcome::Accepted(revision), observed),
            ("duplicate", Some(revision), _, _) => (Outcome::Duplicate(revision), None),
            ("delta-unsupported", None, _, _) => (Outcome::DeltaUnsupported, None),
            ("refused", None, Some(message), _) => (Outcome::Refused(message), None),
            ("waiting", None, _, Some(until)) => (Outcome::Waiting { until }, None),
            _ => return Err(StorageError::Corrupt("push outcome")),
        };
        Ok(Some(Push { id: push.clone(), snap: id(&snap, "snap id")?, outcome, observed }))
    }
}

/// Writes the outcome of a new push.
pub async fn insert(tx: &mut Tx, push: &Push, at: Timestamp) -> Result<(), StorageError> {
    let (outcome, revision, message, until) = columns(push);
    sqlx::query(
        "INSERT INTO pushes (id, snap_id, outcome, revision, message, waits_until, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(push.id.as_str())
    .bind(push.snap.as_str())
    .bind(outcome)
    .bind(revision)
    .bind(message)
    .bind(until)
    .bind(at.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes the outcome of a push that has waited; `false` if it does not wait any more.
pub async fn settle(tx: &mut Tx, push: &Push) -> Result<bool, StorageError> {
    let (outcome, revision, message, until) = columns(push);
    let done = sqlx::query(
        "UPDATE pushes SET outcome = $2, revision = $3, message = $4, waits_until = $5
         WHERE id = $1 AND outcome = 'waiting'",
    )
    .bind(push.id.as_str())
    .bind(outcome)
    .bind(revision)
    .bind(message)
    .bind(until)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn columns(push: &Push) -> (&'static str, Option<i64>, Option<&str>, Option<i64>) {
    match &push.outcome {
        Outcome::Accepted(revision) => ("accepted", Some(*revision), push.observed.as_deref(), None),
        Outcome::Duplicate(revision) => ("duplicate", Some(*revision), None, None),
        Outcome::DeltaUnsupported => ("delta-unsupported", None, None, None),
        Outcome::Refused(message) => ("refused", None, Some(message), None),
        Outcome::Waiting { until } => ("waiting", None, None, Some(until.micros())),
    }
}
