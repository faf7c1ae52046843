//! Accounts: who someone is to the organisation's SSO, and what they may do here.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, from_json, id, to_json};
use model::account::{Account, Identity};
use model::ids::AccountId;

type Row = (String, String, String, String, String, i64);

const COLUMNS: &str = "id, email, username, display_name, roles, created_at";

fn account(row: Row) -> Result<Account, StorageError> {
    let (account, email, username, display_name, roles, created_at) = row;
    Ok(Account {
        id: id(&account, "account id")?,
        email,
        username,
        display_name,
        roles: from_json(&roles, "role list")?,
        created_at: Timestamp::from_micros(created_at),
    })
}

impl Records {
    /// The account of this identity, made at its first login and brought up to date at every later one.
    pub async fn remember_account(&self, who: &Identity, now: Timestamp) -> Result<Account, StorageError> {
        let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "INSERT INTO accounts (id, issuer, subject, email, username, display_name, roles, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
             ON CONFLICT (issuer, subject) DO UPDATE SET email = $4, username = $5, display_name = $6,
             roles = $7, updated_at = $8 RETURNING {COLUMNS}"
        )))
        .bind(AccountId::generate().as_str())
        .bind(who.issuer.as_str())
        .bind(who.subject.as_str())
        .bind(who.email.as_str())
        .bind(who.username.as_str())
        .bind(who.display_name.as_str())
        .bind(to_json(&who.roles, "role list")?)
        .bind(now.micros())
        .fetch_one(&self.pool)
        .await?;
        account(row)
    }

    /// The account of this id.
    pub async fn account(&self, account_id: &AccountId) -> Result<Option<Account>, StorageError> {
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM accounts WHERE id = $1")))
                .bind(account_id.as_str())
                .fetch_optional(&self.pool)
                .await?;
        row.map(account).transpose()
    }

    /// The accounts that logged in with this e-mail address last; more than one only with several SSOs.
    pub async fn accounts_by_email(&self, email: &str) -> Result<Vec<Account>, StorageError> {
        let rows: Vec<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM accounts WHERE email = $1")))
                .bind(email)
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(account).collect()
    }
}

/// The account of this id, as the transaction sees it.
pub async fn get(tx: &mut Tx, account_id: &AccountId) -> Result<Option<Account>, StorageError> {
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM accounts WHERE id = $1")))
            .bind(account_id.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    row.map(account).transpose()
}
