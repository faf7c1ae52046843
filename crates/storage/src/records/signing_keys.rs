//! Publishers' keys, and the logins that were spent on registering them.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, id};
use model::account::Author;
use model::ids::{AccountId, SigningKeyId};
use model::signing::{Revoked, SigningKey};

type Row = (String, String, String, String, i64, Option<i64>, i64, Option<i64>, Option<i64>);

impl Records {
    /// The key of this id.
    pub async fn signing_key(&self, key: &SigningKeyId) -> Result<Option<SigningKey>, StorageError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, account_id, name, public_key, since, until, registered_at, revoked_at, compromised_since
             FROM signing_keys WHERE id = $1",
        )
        .bind(key.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(signing_key).transpose()
    }

    /// Everybody's keys, each with its account's e-mail address, in the order in which they were registered.
    pub async fn all_signing_keys(&self) -> Result<Vec<(SigningKey, String)>, StorageError> {
        let accounts: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, email FROM accounts WHERE id IN (SELECT account_id FROM signing_keys)",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut all = Vec::new();
        for (account, email) in accounts {
            let keys = self.signing_keys_of(&id(&account, "account id")?).await?;
            all.extend(keys.into_iter().map(|key| (key, email.clone())));
        }
        all.sort_by_key(|(key, _)| key.registered_at);
        Ok(all)
    }

    /// An account's keys, in the order in which they were registered.
    pub async fn signing_keys_of(&self, account: &AccountId) -> Result<Vec<SigningKey>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, account_id, name, public_key, since, until, registered_at, revoked_at, compromised_since
             FROM signing_keys WHERE account_id = $1 ORDER BY registered_at, id",
        )
        .bind(account.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(signing_key).collect()
    }
}

/// The key of this id, as the transaction sees it; nobody else changes it before the transaction ends.
pub async fn lock(tx: &mut Tx, key: &SigningKeyId) -> Result<Option<SigningKey>, StorageError> {
    let row: Option<Row> = sqlx::query_as(
        "UPDATE signing_keys SET name = name WHERE id = $1
         RETURNING id, account_id, name, public_key, since, until, registered_at, revoked_at, compromised_since",
    )
    .bind(key.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    row.map(signing_key).transpose()
}

/// Locks an account's keys: none is added or ended before the transaction ends.
pub async fn lock_all(tx: &mut Tx, account: &AccountId) -> Result<(), StorageError> {
    sqlx::query("UPDATE accounts SET roles = roles WHERE id = $1")
        .bind(account.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// An account's keys as the transaction sees them, in the order in which they were registered.
pub async fn all(tx: &mut Tx, account: &AccountId) -> Result<Vec<SigningKey>, StorageError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, account_id, name, public_key, since, until, registered_at, revoked_at, compromised_since
         FROM signing_keys WHERE account_id = $1 ORDER BY registered_at, id",
    )
    .bind(account.as_str())
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(signing_key).collect()
}

/// Registers a key; `false` if it is there already, whoever's it is.
pub async fn insert(tx: &mut Tx, key: &SigningKey) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO signing_keys (id, account_id, name, public_key, since, until, registered_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
    )
    .bind(key.id.as_str())
    .bind(key.account.as_str())
    .bind(key.name.as_str())
    .bind(key.public_key.as_str())
    .bind(key.since.micros())
    .bind(key.until.map(Timestamp::micros))
    .bind(key.registered_at.micros())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets a key end at a moment.
pub async fn end(tx: &mut Tx, key: &SigningKeyId, until: Timestamp) -> Result<(), StorageError> {
    sqlx::query("UPDATE signing_keys SET until = $2 WHERE id = $1")
        .bind(key.as_str())
        .bind(until.micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes what a revocation said of a key. Of several the earliest moments stay.
pub async fn note_revoked(tx: &mut Tx, key: &SigningKeyId, revoked: Revoked) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE signing_keys SET
             revoked_at = CASE WHEN revoked_at < $2 THEN revoked_at ELSE $2 END,
             compromised_since = CASE WHEN compromised_since < $3 OR $3 IS NULL THEN compromised_since ELSE $3 END
         WHERE id = $1",
    )
    .bind(key.as_str())
    .bind(revoked.at.micros())
    .bind(revoked.compromised_since.map(Timestamp::micros))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Spends a login on registering a key; `false` if it was spent before.
pub async fn spend_login(tx: &mut Tx, author: &Author, key: &SigningKeyId) -> Result<bool, StorageError> {
    let done =
        sqlx::query("UPDATE sessions SET registered_key = $2 WHERE id = $1 AND registered_key IS NULL")
            .bind(author.session.as_str())
            .bind(key.as_str())
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

fn signing_key(row: Row) -> Result<SigningKey, StorageError> {
    let (key, account, name, public_key, since, until, registered_at, revoked_at, compromised_since) = row;
    Ok(SigningKey {
        id: id(&key, "key id")?,
        account: id(&account, "account id")?,
        name,
        public_key,
        since: Timestamp::from_micros(since),
        until: until.map(Timestamp::from_micros),
        registered_at: Timestamp::from_micros(registered_at),
        revoked: revoked_at.map(|at| Revoked {
            at: Timestamp::from_micros(at),
            compromised_since: compromised_since.map(Timestamp::from_micros),
        }),
    })
}
