//! The journal of revocations: the truth that every revocation list is made from.
//!
//! A revocation takes its number and its row in one transaction, and numbers are handed out under a row lock, so
//! that they become visible in their order and without gaps: whoever has read up to `n` has missed nothing.

use caveats::Timestamp;

use super::{Records, StorageError, Tx, id};
use crate::model::random;
use crate::model::revocation::{Cut, Entry, Question, Reach, Revocation, Subject, hex};

impl Records {
    /// Commits revocations, in their order, and answers with their places in the journal.
    pub async fn record_revocations(&self, revocations: &[Revocation]) -> Result<Vec<Entry>, StorageError> {
        let mut tx = self.begin().await?;
        let count = i64::try_from(revocations.len()).unwrap_or(i64::MAX);
        let (last,): (i64,) =
            sqlx::query_as("UPDATE counters SET value = value + $1 WHERE name = 'journal' RETURNING value")
                .bind(count)
                .fetch_one(&mut *tx)
                .await?;
        let mut entries = Vec::with_capacity(revocations.len());
        for (seq, revocation) in (last - count + 1..).zip(revocations) {
            let reach = match revocation.cut.reach {
                Reach::All => None,
                Reach::LoggedInBefore(moment) => Some(moment.micros()),
            };
            sqlx::query(
                "INSERT INTO revocations (seq, subject, reach, reason, actor, created_at, forget_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(seq)
            .bind(encode(&revocation.subject))
            .bind(reach)
            .bind(revocation.cut.reason.as_str())
            .bind(revocation.actor.as_str())
            .bind(revocation.cut.at.micros())
            .bind(revocation.forget_at.map(Timestamp::micros))
            .execute(&mut *tx)
            .await?;
            entries.push(Entry { seq, revocation: revocation.clone() });
        }
        tx.commit().await?;
        Ok(entries)
    }

    /// How far the journal has come: the number of its last entry, 0 when empty.
    pub async fn journal_position(&self) -> Result<i64, StorageError> {
        let (position,): (i64,) =
            sqlx::query_as("SELECT value FROM counters WHERE name = 'journal'").fetch_one(&self.pool).await?;
        Ok(position)
    }

    /// Up to `limit` entries after `seq` in their order.
    pub async fn journal_after(&self, seq: i64, limit: i64) -> Result<Vec<Entry>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, subject, reach, reason, actor, created_at, forget_at FROM revocations
             WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(entry).collect()
    }
}

impl Records {
    /// The generation of the revocation list that belongs to this journal: a random installation number and a count.
    pub async fn list_generation(&self) -> Result<String, StorageError> {
        let installation = i64::from_be_bytes(random::bytes::<8>()) & i64::MAX;
        sqlx::query(
            "INSERT INTO counters (name, value) VALUES ('installation', $1) ON CONFLICT (name) DO NOTHING",
        )
        .bind(installation)
        .execute(&self.pool)
        .await?;
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT name, value FROM counters WHERE name IN ('installation', 'generation')")
                .fetch_all(&self.pool)
                .await?;
        let value = |name: &str| rows.iter().find(|(known, _)| known == name).map_or(0, |(_, value)| *value);
        Ok(format!("{}.{}", value("installation"), value("generation")))
    }

    /// Begins the next generation, which no list in any Redis has yet.
    pub async fn next_list_generation(&self) -> Result<String, StorageError> {
        sqlx::query("UPDATE counters SET value = value + 1 WHERE name = 'generation'")
            .execute(&self.pool)
            .await?;
        self.list_generation().await
    }
}

impl Records {
    /// What the journal says of a credential. Asks it as often as there are subjects; ordinary requests ask the list.
    pub async fn standing(&self, question: &Question) -> Result<Option<Cut>, StorageError> {
        let mut tx = self.begin().await?;
        standing(&mut tx, question).await
    }
}

type Row = (i64, String, Option<i64>, String, String, i64, Option<i64>);

fn entry((seq, subject, reach, reason, actor, created_at, forget_at): Row) -> Result<Entry, StorageError> {
    Ok(Entry {
        seq,
        revocation: Revocation {
            subject: decode(&subject)?,
            cut: cut(reach, created_at, reason),
            actor,
            forget_at: forget_at.map(Timestamp::from_micros),
        },
    })
}

fn cut(reach: Option<i64>, at: i64, reason: String) -> Cut {
    let reach = reach.map_or(Reach::All, |micros| Reach::LoggedInBefore(Timestamp::from_micros(micros)));
    Cut { reach, at: Timestamp::from_micros(at), reason }
}

/// What the journal says of a credential, read inside a transaction that is about to commit something.
///
/// The transaction holds back later revocations (SQLite: the write lock; PostgreSQL: a share lock on the journal's
/// counter), so that one is either seen here or acknowledged only after the commit.
pub async fn standing(tx: &mut Tx, question: &Question) -> Result<Option<Cut>, StorageError> {
    let lock = if tx.backend_name() == "PostgreSQL" { " FOR SHARE" } else { "" };
    let statement = format!("SELECT value FROM counters WHERE name = 'journal'{lock}");
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut **tx).await?;
    let mut found: Option<Cut> = None;
    for subject in &question.subjects {
        let rows: Vec<(Option<i64>, i64, String)> =
            sqlx::query_as("SELECT reach, created_at, reason FROM revocations WHERE subject = $1")
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

/// A subject as the journal spells it.
fn encode(subject: &Subject) -> String {
    match subject {
        Subject::Credential(token, fingerprint) => {
            format!("credential {token} {}", hex(fingerprint))
        }
        Subject::Family(token) => format!("family {token}"),
        Subject::Session(account, session) => format!("session {account} {session}"),
        Subject::Account(account) => format!("account {account}"),
        Subject::Package(package) => format!("package {package}"),
        Subject::RootKey(key) => format!("root-key {key}"),
        Subject::Everything => "everything".to_owned(),
    }
}

fn decode(text: &str) -> Result<Subject, StorageError> {
    const WHAT: &str = "revocation subject";
    let words: Vec<&str> = text.split(' ').collect();
    Ok(match words.as_slice() {
        ["credential", token, hex] => Subject::Credential(id(token, WHAT)?, fingerprint(hex)?),
        ["family", token] => Subject::Family(id(token, WHAT)?),
        ["session", account, session] => Subject::Session(id(account, WHAT)?, id(session, WHAT)?),
        ["account", account] => Subject::Account(id(account, WHAT)?),
        ["package", package] => Subject::Package(id(package, WHAT)?),
        ["root-key", key] => Subject::RootKey(id(key, WHAT)?),
        ["everything"] => Subject::Everything,
        _ => return Err(StorageError::Corrupt(WHAT)),
    })
}

fn fingerprint(hex: &str) -> Result<[u8; 16], StorageError> {
    let value = u128::from_str_radix(hex, 16).map_err(|_| StorageError::Corrupt("fingerprint"))?;
    if hex.len() == 32 { Ok(value.to_be_bytes()) } else { Err(StorageError::Corrupt("fingerprint")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{AccountId, KeyId, SessionId, SnapId, TokenId};

    #[test]
    fn every_subject_reads_back_as_it_was_written() {
        let account = AccountId::generate();
        for subject in [
            Subject::Credential(TokenId::generate(), [7; 16]),
            Subject::Family(TokenId::generate()),
            Subject::Session(account.clone(), SessionId::generate()),
            Subject::Account(account),
            Subject::Package(SnapId::generate()),
            Subject::RootKey(KeyId::generate()),
            Subject::Everything,
        ] {
            assert_eq!(decode(&encode(&subject)).unwrap(), subject);
        }
        assert!(decode("account ../..").is_err());
    }
}
