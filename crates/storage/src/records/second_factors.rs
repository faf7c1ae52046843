//! One-time-code secrets, sealed, and which codes are spent.

use timestamp::Timestamp;

use super::{Records, StorageError};
use model::ids::AccountId;

impl Records {
    /// The sealed TOTP secret of an account, if it has a second factor.
    pub async fn second_factor(&self, account: &AccountId) -> Result<Option<Vec<u8>>, StorageError> {
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT sealed FROM second_factors WHERE account_id = $1")
                .bind(account.as_str())
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|(sealed,)| sealed))
    }

    /// Gives an account a second factor, or another one.
    pub async fn set_second_factor(
        &self,
        account: &AccountId,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        sqlx::query(
            "INSERT INTO second_factors (account_id, sealed, last_step, created_at) VALUES ($1, $2, 0, $3)
             ON CONFLICT (account_id) DO UPDATE SET sealed = $2, last_step = 0, created_at = $3",
        )
        .bind(account.as_str())
        .bind(sealed)
        .bind(now.micros())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes an account's second factor away; `false` if it had none.
    pub async fn remove_second_factor(&self, account: &AccountId) -> Result<bool, StorageError> {
        let done = sqlx::query("DELETE FROM second_factors WHERE account_id = $1")
            .bind(account.as_str())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Spends the code of a 30-second step, once among all replicas; `false` if that step or a later one is spent.
    pub async fn spend_step(&self, account: &AccountId, step: i64) -> Result<bool, StorageError> {
        let done =
            sqlx::query("UPDATE second_factors SET last_step = $1 WHERE account_id = $2 AND last_step < $1")
                .bind(step)
                .bind(account.as_str())
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected() == 1)
    }
}
