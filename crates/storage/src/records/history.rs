//! The journal of revocations as people read it: every entry, also one that a list has forgotten, and what became of it.

use super::journal::cut;
use super::subject::decode;
use super::{Records, StorageError};
use revocation::{Revocation, Subject};

/// An entry of the journal, told.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its place in the journal.
    pub seq: i64,
    /// What it is about.
    pub subject: Subject,
    /// The cut; of a lift, when and why, and its reach means nothing.
    pub cut: Revocation,
    /// Who decided it.
    pub actor: String,
    /// Whether it was made because something leaked.
    pub leaked: bool,
    /// The entry that this one takes back, if it does.
    pub lifts: Option<i64>,
    /// The entry that took this one back.
    pub lifted_by: Option<i64>,
}

type Row = (i64, String, Option<i64>, String, String, i64, i64, Option<i64>, Option<i64>);

impl Records {
    /// Up to `limit` entries after this one, in their order.
    pub async fn revocations_after(&self, seq: i64, limit: i64) -> Result<Vec<Told>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, subject, reach, reason, actor, created_at, leaked, lifts, lifted_by FROM revocations
             WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(seq, subject, reach, reason, actor, at, leaked, lifts, lifted_by)| {
                let (subject, cut) = (decode(&subject)?, cut(reach, at, reason));
                Ok(Told { seq, subject, cut, actor, leaked: leaked != 0, lifts, lifted_by })
            })
            .collect()
    }
}
