//! What is in the tables and in the blob store: read as of one moment, beside a service that runs or after its death.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use assertions::{Assertion, SnapRevision};
use model::clock::Clock;
use model::snap::Digest384;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::stage::{KEEP_UNCLAIMED, Stage};
use crate::breaker::history::File;

/// Everything that the checker compares.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The last revision's number of each snap.
    pub(crate) snaps: HashMap<String, i64>,
    pub(crate) revisions: Vec<Revision>,
    /// By id.
    pub(crate) uploads: HashMap<String, Upload>,
    /// By id.
    pub(crate) pushes: HashMap<String, Push>,
    /// The snap and the number of each revision that was released.
    pub(crate) released: HashSet<(String, i64)>,
    /// The assertions that were taken on their own: text by digest and key.
    pub(crate) builds: HashMap<(String, String), String>,
    /// The account of each key.
    pub(crate) keys: HashMap<String, String>,
    /// How many logins were spent on a key.
    pub(crate) spent: HashMap<String, usize>,
    /// What the store's own assertions say of a file: snap, size and number, by digest.
    pub(crate) vouched: HashMap<String, (String, u64, i64)>,
    /// By upload.
    pub(crate) blobs: HashMap<String, File>,
    /// Names of files that are half received.
    pub(crate) partial: Vec<String>,
}

/// A row.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    pub(crate) snap: String,
    pub(crate) number: i64,
    pub(crate) upload: String,
    pub(crate) file: File,
    pub(crate) key: Option<String>,
}

/// A row.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) file: File,
    pub(crate) claimed: bool,
    /// When, in microseconds since 1970; 0 if it was not.
    pub(crate) claimed_at: i64,
    pub(crate) assertion: Option<String>,
}

/// A row.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) snap: String,
    pub(crate) outcome: String,
    pub(crate) revision: Option<i64>,
    pub(crate) message: Option<String>,
}

/// Reads, and remembers which files it has hashed already.
#[derive(Debug, Default)]
pub(crate) struct Auditor {
    hashed: HashMap<(String, u64, u64), File>,
}

impl Auditor {
    pub(crate) async fn look(&mut self, stage: &Stage) -> anyhow::Result<Found> {
        let directory = stage.data_dir.join("blobs");
        let unreadable = "the blob store cannot be read";
        let mut before = Found::default();
        self.blobs(&directory, &mut before).context(unreadable)?;
        let mut found = tables(&stage.database).await.context("the tables cannot be read")?;
        self.blobs(&directory, &mut found).context(unreadable)?;
        // Where a service runs, a file may be claimed and removed after the tables were read, in which it still waits.
        found.blobs.extend(before.blobs);
        Ok(found)
    }

    /// From now on every file is hashed again.
    pub(crate) fn forget(&mut self) {
        self.hashed.clear();
    }

    fn blobs(&mut self, directory: &Path, found: &mut Found) -> anyhow::Result<()> {
        for (name, path) in listed(directory)? {
            if !is_whole(&name) {
                found.partial.push(name);
                continue;
            }
            // One may vanish meanwhile, where a service runs.
            let Some(meta) = there(fs::metadata(&path))? else { continue };
            let key = (name.clone(), meta.len(), meta.ino());
            let file = match self.hashed.get(&key) {
                Some(file) => file.clone(),
                None => match there(fs::read(&path))? {
                    Some(bytes) => File::of(&bytes),
                    None => continue,
                },
            };
            self.hashed.insert(key, file.clone());
            found.blobs.insert(name, file);
        }
        Ok(())
    }
}

impl Found {
    /// What a sweep has to remove: files and records that are no revision's, by name. Counted by what they are.
    pub(crate) fn orphans(&self) -> Orphans {
        let used: HashSet<&str> = self.revisions.iter().map(|revision| revision.upload.as_str()).collect();
        let unused = |id: &&String| !used.contains(id.as_str());
        Orphans {
            partial: self.partial.clone(),
            unrecorded: self.blobs.keys().filter(|id| !self.uploads.contains_key(*id)).cloned().collect(),
            unused: self.uploads.keys().filter(unused).cloned().collect(),
            as_of: Clock::system().now().micros(),
        }
    }
}

/// What belongs to no revision.
#[derive(Debug, Default)]
pub(crate) struct Orphans {
    /// Half received.
    pub(crate) partial: Vec<String>,
    /// Files that no record knows.
    pub(crate) unrecorded: Vec<String>,
    /// Records that no revision uses, with or without their file.
    pub(crate) unused: Vec<String>,
    /// When they were found, in microseconds since 1970.
    pub(crate) as_of: i64,
}

impl Orphans {
    /// What of these is still there, and was not claimed since by a client that was faster than the sweep. A revision is
    /// none: a database may keep what a service had just sent when it was killed.
    pub(crate) fn left(&self, found: &Found) -> Vec<String> {
        let used: HashSet<&str> = found.revisions.iter().map(|revision| revision.upload.as_str()).collect();
        let claimed = |id: &&String| {
            found.uploads.get(id.as_str()).is_some_and(|upload| upload.claimed_at >= self.as_of)
        };
        let partial = self.partial.iter().filter(|name| found.partial.contains(name));
        let unused = || self.unused.iter().filter(|id| !claimed(id) && !used.contains(id.as_str()));
        let files = self.unrecorded.iter().chain(unused()).filter(|id| found.blobs.contains_key(*id));
        let records = unused().filter(|id| found.uploads.contains_key(*id));
        let told = |what: &'static str| move |name: &String| format!("{what} {name}");
        partial
            .map(told("half received:"))
            .chain(files.map(told("a file:")))
            .chain(records.map(told("a record:")))
            .collect()
    }
}

/// Makes everything that was received older than it may be without being claimed. No service runs meanwhile.
pub(crate) async fn make_old(stage: &Stage) -> anyhow::Result<()> {
    let by = KEEP_UNCLAIMED * 2;
    let mut connection = connect(&stage.database, "rw").await?;
    sqlx::query("UPDATE uploads SET received_at = received_at - $1, claimed_at = claimed_at - $1")
        .bind(i64::try_from(by.as_micros())?)
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    for (_, path) in listed(&stage.data_dir.join("blobs"))? {
        age(&path, by).with_context(|| format!("{} cannot be made old", path.display()))?;
    }
    Ok(())
}

fn age(path: &Path, by: Duration) -> anyhow::Result<()> {
    let file = fs::File::options().append(true).open(path)?;
    file.set_modified(SystemTime::checked_sub(&file.metadata()?.modified()?, by).context("no such time")?)?;
    Ok(())
}

/// How many revisions of a snap have this file, asked of the database itself.
pub(crate) async fn revisions_of(pool: &sqlx::AnyPool, snap: &str, digest: &str) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM revisions WHERE snap_id = $1 AND sha3_384 = $2")
            .bind(snap)
            .bind(digest)
            .fetch_one(pool)
            .await?;
    Ok(count)
}

/// Connections that only read, and see every commit.
pub(crate) async fn readers(stage: &Stage, count: u32) -> anyhow::Result<sqlx::AnyPool> {
    sqlx::any::install_default_drivers();
    let options = sqlx::any::AnyPoolOptions::new().max_connections(count).min_connections(count);
    Ok(options.connect(&url(&stage.database, "ro")).await?)
}

async fn connect(database: &str, mode: &str) -> anyhow::Result<AnyConnection> {
    sqlx::any::install_default_drivers();
    Ok(AnyConnection::connect(&url(database, mode)).await?)
}

fn url(database: &str, mode: &str) -> String {
    if database.starts_with("sqlite:") { format!("{database}?mode={mode}") } else { database.to_owned() }
}

type UploadRow = (String, String, i64, Option<i64>, Option<String>);
type PushRow = (String, String, String, Option<i64>, Option<String>);

async fn tables(database: &str) -> anyhow::Result<Found> {
    let mut connection = connect(database, "ro").await?;
    // All as of one moment.
    let begin = match connection.backend_name() {
        "SQLite" => "BEGIN",
        _ => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    connection.execute(begin).await?;
    let mut found = Found::default();
    let snaps: Vec<(String, i64)> =
        sqlx::query_as("SELECT id, last_revision FROM snaps").fetch_all(&mut connection).await?;
    found.snaps = snaps.into_iter().collect();
    let rows: Vec<(String, i64, String, String, i64, Option<String>)> =
        sqlx::query_as("SELECT snap_id, revision, upload_id, sha3_384, size, build_key FROM revisions")
            .fetch_all(&mut connection)
            .await?;
    for (snap, number, upload, digest, size, key) in rows {
        let file = File { size: u64::try_from(size)?, digest };
        found.revisions.push(Revision { snap, number, upload, file, key });
    }
    let rows: Vec<UploadRow> =
        sqlx::query_as("SELECT id, sha3_384, size, claimed_at, assertion FROM uploads")
            .fetch_all(&mut connection)
            .await?;
    for (id, digest, size, claimed_at, assertion) in rows {
        let file = File { size: u64::try_from(size)?, digest };
        let (claimed, claimed_at) = (claimed_at.is_some(), claimed_at.unwrap_or_default());
        found.uploads.insert(id, Upload { file, claimed, claimed_at, assertion });
    }
    let rows: Vec<PushRow> = sqlx::query_as("SELECT id, snap_id, outcome, revision, message FROM pushes")
        .fetch_all(&mut connection)
        .await?;
    let pushes = rows.into_iter();
    found.pushes = pushes
        .map(|(id, snap, outcome, revision, message)| (id, Push { snap, outcome, revision, message }))
        .collect();
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT snap_id, revision FROM releases WHERE revision IS NOT NULL")
            .fetch_all(&mut connection)
            .await?;
    found.released = rows.into_iter().collect();
    signatures(&mut connection, &mut found).await?;
    connection.close().await?;
    Ok(found)
}

/// Keys and what was signed.
async fn signatures(connection: &mut AnyConnection, found: &mut Found) -> anyhow::Result<()> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT sha3_384, key_id, assertion FROM builds").fetch_all(&mut *connection).await?;
    found.builds = rows.into_iter().map(|(digest, key, text)| ((digest, key), text)).collect();
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT id, account_id FROM signing_keys").fetch_all(&mut *connection).await?;
    found.keys = rows.into_iter().collect();
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT registered_key FROM sessions WHERE registered_key IS NOT NULL")
            .fetch_all(&mut *connection)
            .await?;
    for (key,) in rows {
        *found.spent.entry(key).or_default() += 1;
    }
    let rows: Vec<(String,)> = sqlx::query_as("SELECT text FROM assertions WHERE type = 'snap-revision'")
        .fetch_all(&mut *connection)
        .await?;
    for (text,) in rows {
        let said = SnapRevision::read(Assertion::decode(text.as_bytes())?)?;
        let about = (said.snap_id().to_owned(), said.size(), i64::try_from(said.snap_revision())?);
        found.vouched.insert(Digest384(*said.digest()).hex(), about);
    }
    Ok(())
}

/// Every file of the blob store, by its name.
fn listed(directory: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let Some(entries) = there(fs::read_dir(directory))? else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    Ok(files)
}

fn is_whole(name: &str) -> bool {
    Path::new(name).extension().is_none()
}

/// What is there; `None` if it is not.
fn there<T>(result: std::io::Result<T>) -> anyhow::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => Ok(Some(other?)),
    }
}
