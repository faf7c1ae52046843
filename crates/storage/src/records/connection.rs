//! Connections to the database, lent for a statement or a transaction: none is waited for without end, and none that a
//! statement has not ended on is used again.
//!
//! Every statement goes through [`Pool`] or [`Tx`]. A server that hangs answers nothing and closes nothing, so a bound on
//! this side is the only one there is. A connection that was given up on, by that bound or by a caller that is gone, may
//! still be in the middle of something: it is closed.

use std::fmt;
use std::io;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use sqlx::any::{AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Describe, Either, Error, Execute, Executor, SqlStr};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// The connections of one process. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pool {
    connections: AnyPool,
    /// How long a statement may take.
    patience: Duration,
}

impl Pool {
    /// Lends these connections, for statements that take `patience` at most.
    pub(super) fn new(connections: AnyPool, patience: Duration) -> Pool {
        Pool { connections, patience }
    }

    /// Begins a transaction with this statement.
    pub(super) async fn begin(&self, statement: &'static str) -> Result<Tx, Error> {
        let mut lease = self.lease().await?;
        lease.execute(statement).await?;
        Ok(Tx { lease, ended: false })
    }

    /// Ends every connection, after the statements under way.
    pub(super) async fn close(&self) {
        self.connections.close().await;
    }

    /// Lends a connection for several statements.
    pub(super) async fn lease(&self) -> Result<Lease, Error> {
        let connection = self.connections.acquire().await?;
        Ok(Lease { connection: Some(connection), patience: self.patience, state: State::Settled })
    }
}

/// A write transaction: on SQLite it holds the write lock from its first moment. Dropped, it has written nothing.
#[derive(Debug)]
pub struct Tx {
    lease: Lease,
    ended: bool,
}

impl Tx {
    /// Keeps what was written. After an error nobody knows whether it was kept, and the connection is closed.
    ///
    /// PostgreSQL answers a commit after a failed statement with a rollback and no error, so one is not even tried.
    pub async fn commit(mut self) -> Result<(), Error> {
        if self.lease.state != State::Settled {
            return Err(given_up("a statement of the transaction failed, so it is not committed"));
        }
        let committed = self.lease.execute("COMMIT").await;
        match &committed {
            Ok(_) => self.ended = true,
            Err(_) => self.lease.state = State::Unsettled,
        }
        committed.map(drop)
    }

    /// The name of the database's kind, as sqlx has it: `SQLite`, `PostgreSQL`.
    pub(super) fn backend_name(&self) -> &str {
        self.lease.connection.as_ref().map_or("", |connection| connection.backend_name())
    }
}

impl std::ops::Deref for Tx {
    type Target = Lease;
    fn deref(&self) -> &Lease {
        &self.lease
    }
}

impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Lease {
        &mut self.lease
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut connection) = self.lease.take_sound() else { return };
        if self.ended {
            return give_back(connection);
        }
        let patience = self.lease.patience;
        in_background(async move {
            match timeout(patience, connection.execute("ROLLBACK")).await {
                Ok(Ok(_)) => give_back(connection),
                _ => drop(connection.detach()),
            }
        });
    }
}

/// A connection in use by one statement after another.
pub struct Lease {
    connection: Option<PoolConnection<Any>>,
    patience: Duration,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Every statement has ended, and well.
    Settled,
    /// Every statement has ended; the database refused one.
    Refused,
    /// A statement has not ended, or nobody knows.
    Unsettled,
}

impl Lease {
    /// Does what a statement does, in time.
    async fn run<'c, T, F>(
        &'c mut self,
        work: impl FnOnce(&'c mut AnyConnection) -> F + Send,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'c,
    {
        let before = std::mem::replace(&mut self.state, State::Unsettled);
        let Some(connection) = self.connection.as_mut().filter(|_| before != State::Unsettled) else {
            return Err(given_up("the connection was given up by an earlier statement"));
        };
        let done = timeout(self.patience, work(connection)).await;
        let done = done.unwrap_or_else(|_| Err(given_up("the database did not answer in time")));
        self.state = match &done {
            Ok(_) => before,
            Err(Error::Database(_)) => State::Refused,
            Err(_) => State::Unsettled,
        };
        done
    }

    /// The connection, if it may be used again; otherwise it is closed.
    fn take_sound(&mut self) -> Option<PoolConnection<Any>> {
        let connection = self.connection.take()?;
        if self.state == State::Unsettled {
            drop(connection.detach());
            return None;
        }
        Some(connection)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.take_sound() {
            give_back(connection);
        }
    }
}

/// Returns a connection to the pool, which asks it for a sign of life first.
fn give_back(mut connection: PoolConnection<Any>) {
    let returning = connection.return_to_pool();
    // Let go of half way, the connection is closed and its place in the pool is free.
    in_background(async move { drop(timeout(RETURN_WITHIN, returning).await) });
}

fn in_background(work: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(work);
    }
}

fn given_up(why: &'static str) -> Error {
    Error::Io(io::Error::new(io::ErrorKind::TimedOut, why))
}

const RETURN_WITHIN: Duration = Duration::from_secs(2);

type Step = Either<AnyQueryResult, AnyRow>;

impl<'c> Executor<'c> for &'c mut Lease {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        // Whole: what a statement here answers with is bounded, and so is the time it takes.
        let steps = self.run(move |connection| connection.fetch_many(query).try_collect::<Vec<Step>>());
        stream::once(steps).map_ok(|steps| stream::iter(steps.into_iter().map(Ok))).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        self.run(move |connection| connection.fetch_optional(query)).boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        self.run(move |connection| connection.prepare_with(sql, parameters)).boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Any>, Error>>
    where
        'c: 'e,
    {
        self.run(move |connection| connection.describe(sql)).boxed()
    }
}

impl<'p> Executor<'p> for &'p Pool {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let steps = async move { self.lease().await?.fetch_many(query).try_collect::<Vec<Step>>().await };
        stream::once(steps).map_ok(|steps| stream::iter(steps.into_iter().map(Ok))).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        async move { self.lease().await?.fetch_optional(query).await }.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'p: 'e,
    {
        async move { self.lease().await?.prepare_with(sql, parameters).await }.boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Any>, Error>>
    where
        'p: 'e,
    {
        async move { self.lease().await?.describe(sql).await }.boxed()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool([redacted])")
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("state", &self.state).finish_non_exhaustive()
    }
}
