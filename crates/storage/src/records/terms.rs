//! Which Redis the revocation list is in, and who may say so: the one row that every service reads again and again.
//!
//! A *term* is a stretch of time in which the list is in one process of Redis, its *home*. Whoever finds the list
//! elsewhere, or gone, claims the next term; of several who try at once, one succeeds. The number fences: what a
//! service writes or reads under a term that is over does not count.

use super::{Records, StorageError};
use model::random;

/// The term that counts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// 0 before the first; each is greater than all before it.
    pub number: i64,
    /// The process of Redis it is in.
    pub home: String,
    /// Whether the list there is complete.
    pub built: bool,
    /// Whether every service has let go of the terms before, so that revocations may be acknowledged at once.
    pub settled: bool,
    /// How often its builder has been heard of.
    pub beats: i64,
    /// How far the journal had come in the same moment.
    pub journal: i64,
}

impl Records {
    /// The term that counts, and how far the journal has come.
    pub async fn list_term(&self) -> Result<Term, StorageError> {
        let (number, home, built, settled, beats, journal): (i64, String, i64, i64, i64, i64) = sqlx::query_as(
            "SELECT term, home, built, settled, beats, (SELECT value FROM counters WHERE name = 'journal')
             FROM list_terms WHERE id = 1",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Term { number, home, built: built != 0, settled: settled != 0, beats, journal })
    }

    /// Begins the term after `number`, in this home, for whoever called; `None` if somebody else began one.
    pub async fn claim_list_term(&self, number: i64, home: &str) -> Result<Option<i64>, StorageError> {
        let next: Option<(i64,)> = sqlx::query_as(
            "UPDATE list_terms SET term = term + 1, home = $1, built = 0, settled = 0, beats = 0
             WHERE id = 1 AND term = $2 RETURNING term",
        )
        .bind(home)
        .bind(number)
        .fetch_optional(&self.pool)
        .await?;
        Ok(next.map(|(term,)| term))
    }

    /// Says that the builder of a term is at work; `false` if the term is over.
    pub async fn beat_list_term(&self, number: i64) -> Result<bool, StorageError> {
        self.update_term("UPDATE list_terms SET beats = beats + 1 WHERE id = 1 AND term = $1", number).await
    }

    /// Says that the list of a term is complete; `false` if the term is over.
    pub async fn built_list_term(&self, number: i64) -> Result<bool, StorageError> {
        self.update_term("UPDATE list_terms SET built = 1 WHERE id = 1 AND term = $1", number).await
    }

    /// Says that no service believes in an earlier term any more; `false` if this one is over, too.
    pub async fn settled_list_term(&self, number: i64) -> Result<bool, StorageError> {
        self.update_term("UPDATE list_terms SET settled = 1 WHERE id = 1 AND term = $1", number).await
    }

    /// A random number of this installation, by which its list is told from every other's.
    pub async fn installation(&self) -> Result<i64, StorageError> {
        let installation = i64::from_be_bytes(random::bytes::<8>()) & i64::MAX;
        sqlx::query(
            "INSERT INTO counters (name, value) VALUES ('installation', $1) ON CONFLICT (name) DO NOTHING",
        )
        .bind(installation)
        .execute(&self.pool)
        .await?;
        let (installation,): (i64,) =
            sqlx::query_as("SELECT value FROM counters WHERE name = 'installation'")
                .fetch_one(&self.pool)
                .await?;
        Ok(installation)
    }

    async fn update_term(&self, statement: &'static str, number: i64) -> Result<bool, StorageError> {
        let done = sqlx::query(statement).bind(number).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }
}
