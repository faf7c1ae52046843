//! Logins: which token family each discharged, for what, and the SSO's refresh token it keeps, sealed.

use timestamp::Timestamp;

use super::{Records, StorageError, id};
use model::ids::{AccountId, SessionId, TokenId};
use model::session::{LoginProof, Session};

type Row = (String, String, String, String, String, Vec<u8>, i64, i64, i64, i64);

impl Records {
    /// Records a login.
    pub async fn add_session(&self, session: &Session) -> Result<(), StorageError> {
        sqlx::query(
            "INSERT INTO sessions (id, token_id, account_id, scope, description, sealed_refresh, logged_in_at,
             refreshed_at, expires_at, with_code) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(session.id.as_str())
        .bind(session.token.as_str())
        .bind(session.account.as_str())
        .bind(session.scope.as_str())
        .bind(session.description.as_str())
        .bind(session.sealed_refresh.as_slice())
        .bind(session.logged_in_at.micros())
        .bind(session.refreshed_at.micros())
        .bind(session.expires_at.micros())
        .bind(i64::from(session.proof == LoginProof::PasswordAndCode))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The login of this id.
    pub async fn session(&self, session: &SessionId) -> Result<Option<Session>, StorageError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, token_id, account_id, scope, description, sealed_refresh, logged_in_at, refreshed_at,
             expires_at, with_code FROM sessions WHERE id = $1",
        )
        .bind(session.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(login).transpose()
    }

    /// The accounts that have logged in with a token family.
    pub async fn token_owners(&self, token: &TokenId) -> Result<Vec<AccountId>, StorageError> {
        let rows: Vec<(String,)> =
            sqlx::query_as("SELECT DISTINCT account_id FROM sessions WHERE token_id = $1")
                .bind(token.as_str())
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(|(account,)| id(&account, "account id")).collect()
    }

    /// What a token family was issued for, as the logins with it keep it; `None` if there are none.
    pub async fn token_scope(&self, token: &TokenId) -> Result<Option<String>, StorageError> {
        let row: Option<(String,)> = sqlx::query_as("SELECT scope FROM sessions WHERE token_id = $1 LIMIT 1")
            .bind(token.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(scope,)| scope))
    }

    /// When the last login of an account, or of all, ends or has ended; `None` if there was none.
    pub async fn last_session_end(
        &self,
        account: Option<&AccountId>,
    ) -> Result<Option<Timestamp>, StorageError> {
        let (end,): (Option<i64>,) = match account {
            Some(account) => {
                sqlx::query_as("SELECT MAX(expires_at) FROM sessions WHERE account_id = $1")
                    .bind(account.as_str())
                    .fetch_one(&self.pool)
                    .await?
            }
            None => sqlx::query_as("SELECT MAX(expires_at) FROM sessions").fetch_one(&self.pool).await?,
        };
        Ok(end.map(Timestamp::from_micros))
    }

    /// Records a refresh, with the SSO's newest refresh token.
    pub async fn refreshed(
        &self,
        session: &SessionId,
        sealed_refresh: &[u8],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        sqlx::query("UPDATE sessions SET sealed_refresh = $1, refreshed_at = $2 WHERE id = $3")
            .bind(sealed_refresh)
            .bind(now.micros())
            .bind(session.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn login(row: Row) -> Result<Session, StorageError> {
    let (session, token, account, scope, description, sealed_refresh, logged_in, refreshed, expires, code) =
        row;
    Ok(Session {
        id: id(&session, "session id")?,
        token: id(&token, "token id")?,
        account: id(&account, "account id")?,
        scope,
        description,
        sealed_refresh,
        logged_in_at: Timestamp::from_micros(logged_in),
        refreshed_at: Timestamp::from_micros(refreshed),
        expires_at: Timestamp::from_micros(expires),
        proof: if code == 0 { LoginProof::Password } else { LoginProof::PasswordAndCode },
    })
}
