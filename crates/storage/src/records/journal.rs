//! The journal of revocations: the truth that every revocation list is made from.
//!
//! A revocation takes its number and its row in one transaction, and numbers are handed out under a row lock, so
//! that they become visible in their order and without gaps: whoever has read up to `n` has missed nothing.

use timestamp::Timestamp;

use super::connection::Lease;
use super::subject::{decode, encode};
use super::{Records, StorageError, Tx};
use revocation::{Action, Entry, Lift, NewRevocation, Reach, Revocation, RevocationQuery};

/// A page of the journal.
#[derive(Debug)]
pub struct Page {
    /// The number before its first entry.
    pub after: i64,
    /// Its entries, in their order, but those that may be forgotten already.
    pub entries: Vec<Entry>,
    /// The number of its last entry, forgotten or not: every one up to here was looked at.
    pub through: i64,
}

/// Why a cut is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum LiftError {
    /// No entry of this number, or not a cut.
    #[error("no such cut")]
    NoSuchCut,
    /// It was made for something that leaked, or kills what may never live again.
    #[error("this cut may never be lifted")]
    ForGood,
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for LiftError {
    fn from(error: sqlx::Error) -> LiftError {
        LiftError::Storage(error.into())
    }
}

impl Records {
    /// Commits revocations, and answers with the place of each in the journal. One that kills all of a subject, which is
    /// dead already, gets the place of the one that killed it: to ask again changes nothing.
    pub async fn record_revocations(
        &self,
        revocations: &[NewRevocation],
    ) -> Result<Vec<Entry>, StorageError> {
        let mut tx = self.begin().await?;
        let mut last = lock(&mut tx).await?;
        let mut entries = Vec::with_capacity(revocations.len());
        for revocation in revocations {
            let subject = encode(&revocation.subject);
            let reach = match revocation.cut.reach {
                Reach::All => match standing_dead(&mut tx, &subject).await? {
                    Some(entry) => {
                        entries.push(entry);
                        continue;
                    }
                    None => None,
                },
                Reach::LoggedInBefore(moment) => Some(moment.micros()),
            };
            last += 1;
            sqlx::query(
                "INSERT INTO revocations (seq, subject, reach, reason, actor, created_at, forget_at, leaked)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(last)
            .bind(subject)
            .bind(reach)
            .bind(revocation.cut.reason.as_str())
            .bind(revocation.actor.as_str())
            .bind(revocation.cut.at.micros())
            .bind(revocation.forget_at.map(Timestamp::micros))
            .bind(i64::from(revocation.leaked))
            .execute(&mut *tx)
            .await?;
            let NewRevocation { subject, cut, actor, forget_at, .. } = revocation.clone();
            entries.push(Entry { seq: last, subject, deed: Action::Revoke(cut), actor, forget_at });
        }
        unlock(&mut tx, last).await?;
        tx.commit().await?;
        Ok(entries)
    }

    /// Commits that a cut is taken back, and answers with that entry; also when it was taken back before.
    pub async fn record_lift(
        &self,
        lifts: i64,
        actor: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<Entry, LiftError> {
        let mut tx = self.begin().await?;
        let seq = lock(&mut tx).await? + 1;
        let found: Option<(String, i64, Option<i64>, Option<i64>)> =
            sqlx::query_as("SELECT subject, leaked, lifts, lifted_by FROM revocations WHERE seq = $1")
                .bind(lifts)
                .fetch_optional(&mut *tx)
                .await?;
        let Some((subject, leaked, None, lifted_by)) = found else { return Err(LiftError::NoSuchCut) };
        if let Some(before) = lifted_by {
            let row: Option<Row> = sqlx::query_as(BY_SEQ).bind(before).fetch_optional(&mut *tx).await?;
            let row = row.ok_or(StorageError::Corrupt("lift"))?;
            return Ok(entry(&mut tx, row).await?);
        }
        if leaked != 0 || !decode(&subject)?.is_liftable() {
            return Err(LiftError::ForGood);
        }
        sqlx::query("UPDATE revocations SET lifted_by = $1 WHERE seq = $2")
            .bind(seq)
            .bind(lifts)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO revocations (seq, subject, reason, actor, created_at, lifts)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(seq)
        .bind(subject.as_str())
        .bind(reason)
        .bind(actor)
        .bind(now.micros())
        .bind(lifts)
        .execute(&mut *tx)
        .await?;
        let left = left(&mut tx, &subject, seq).await?;
        unlock(&mut tx, seq).await?;
        tx.commit().await?;
        let deed = Action::Lift(Lift { lifts, at: now, reason: reason.to_owned(), left });
        Ok(Entry { seq, subject: decode(&subject)?, deed, actor: actor.to_owned(), forget_at: None })
    }

    /// How far the journal has come: the number of its last entry, 0 when empty.
    pub async fn journal_position(&self) -> Result<i64, StorageError> {
        let (position,): (i64,) =
            sqlx::query_as("SELECT value FROM counters WHERE name = 'journal'").fetch_one(&self.pool).await?;
        Ok(position)
    }

    /// The page of up to `limit` entries after `seq`.
    pub async fn journal_after(&self, seq: i64, limit: i64, now: Timestamp) -> Result<Page, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, subject, reach, reason, actor, created_at, forget_at, lifts FROM revocations
             WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let mut page = Page { after: seq, entries: Vec::with_capacity(rows.len()), through: seq };
        let mut connection = None;
        for row in rows {
            page.through = row.0;
            if row.6.is_some_and(|forget_at| forget_at < now.micros()) {
                continue;
            }
            if row.7.is_some() && connection.is_none() {
                connection = Some(self.pool.lease().await?);
            }
            page.entries.push(match &mut connection {
                Some(connection) => entry(connection, row).await?,
                None => plain(row)?,
            });
        }
        Ok(page)
    }
}

const BY_SEQ: &str =
    "SELECT seq, subject, reach, reason, actor, created_at, forget_at, lifts FROM revocations
    WHERE seq = $1";

/// Takes the journal's lock, which is held to the end of the transaction, and answers with its last number.
async fn lock(tx: &mut Tx) -> Result<i64, StorageError> {
    advisory(tx, "SELECT CAST(pg_advisory_xact_lock(1835093091) AS TEXT)").await?;
    let (last,): (i64,) =
        sqlx::query_as("UPDATE counters SET value = value WHERE name = 'journal' RETURNING value")
            .fetch_one(&mut **tx)
            .await?;
    Ok(last)
}

/// On PostgreSQL, a lock for which those who want it stand in line: sharers that come one after the other can't keep a
/// revocation waiting, as they could with a lock on the counter's row. SQLite has one writer anyway. The number is
/// this lock's alone.
async fn advisory(tx: &mut Tx, statement: &'static str) -> Result<(), StorageError> {
    if tx.backend_name() == "PostgreSQL" {
        sqlx::query(statement).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Sets the journal's last number, before the commit.
async fn unlock(tx: &mut Tx, last: i64) -> Result<(), StorageError> {
    sqlx::query("UPDATE counters SET value = $1 WHERE name = 'journal'")
        .bind(last)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The cut that has killed all of a subject, if one has.
async fn standing_dead(tx: &mut Tx, subject: &str) -> Result<Option<Entry>, StorageError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT seq, subject, reach, reason, actor, created_at, forget_at, lifts FROM revocations
         WHERE subject = $1 AND reach IS NULL AND lifts IS NULL AND lifted_by IS NULL ORDER BY seq LIMIT 1",
    )
    .bind(subject)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(plain).transpose()
}

impl Records {
    /// What the journal says of a credential. Asks it as often as there are subjects; ordinary requests ask the list.
    pub async fn revocation_in_force(
        &self,
        question: &RevocationQuery,
    ) -> Result<Option<Revocation>, StorageError> {
        let mut tx = self.begin().await?;
        revocation_in_force(&mut tx, question).await
    }
}

type Row = (i64, String, Option<i64>, String, String, i64, Option<i64>, Option<i64>);

/// A row that is a cut.
fn plain((seq, subject, reach, reason, actor, at, forget_at, _): Row) -> Result<Entry, StorageError> {
    let (subject, forget_at) = (decode(&subject)?, forget_at.map(Timestamp::from_micros));
    Ok(Entry { seq, subject, deed: Action::Revoke(cut(reach, at, reason)), actor, forget_at })
}

/// A row that is a cut or a lift.
async fn entry(connection: &mut Lease, row: Row) -> Result<Entry, StorageError> {
    let Some(lifts) = row.7 else { return plain(row) };
    let (seq, subject, _, reason, actor, at, _, _) = row;
    let left = left(connection, &subject, seq).await?;
    let deed = Action::Lift(Lift { lifts, at: Timestamp::from_micros(at), reason, left });
    Ok(Entry { seq, subject: decode(&subject)?, deed, actor, forget_at: None })
}

/// The strictest cut of a subject that stood before an entry, as of that entry.
async fn left(
    connection: &mut Lease,
    subject: &str,
    before: i64,
) -> Result<Option<Revocation>, StorageError> {
    let rows: Vec<(Option<i64>, i64, String)> = sqlx::query_as(
        "SELECT reach, created_at, reason FROM revocations
         WHERE subject = $1 AND seq < $2 AND lifts IS NULL AND (lifted_by IS NULL OR lifted_by > $2) ORDER BY seq",
    )
    .bind(subject)
    .bind(before)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(reach, at, reason)| cut(reach, at, reason)).reduce(Revocation::stricter))
}

pub(super) fn cut(reach: Option<i64>, at: i64, reason: String) -> Revocation {
    let reach = reach.map_or(Reach::All, |micros| Reach::LoggedInBefore(Timestamp::from_micros(micros)));
    Revocation { reach, at: Timestamp::from_micros(at), reason }
}

/// What the journal says of a credential, read inside a transaction that is about to commit something.
///
/// The transaction holds back later revocations (SQLite: the write lock; PostgreSQL: a share of the journal's lock), so
/// that one is either seen here or acknowledged only after the commit.
pub async fn revocation_in_force(
    tx: &mut Tx,
    question: &RevocationQuery,
) -> Result<Option<Revocation>, StorageError> {
    advisory(tx, "SELECT CAST(pg_advisory_xact_lock_shared(1835093091) AS TEXT)").await?;
    let mut found: Option<Revocation> = None;
    for subject in &question.subjects {
        let rows: Vec<(Option<i64>, i64, String)> = sqlx::query_as(
            "SELECT reach, created_at, reason FROM revocations
                 WHERE subject = $1 AND lifts IS NULL AND lifted_by IS NULL",
        )
        .bind(encode(subject))
        .fetch_all(&mut **tx)
        .await?;
        for (reach, at, reason) in rows {
            let cut = cut(reach, at, reason);
            if cut.reach.covers(question.login) {
                found = Some(match found {
                    Some(other) => other.stricter(cut),
                    None => cut,
                });
            }
        }
    }
    Ok(found)
}
