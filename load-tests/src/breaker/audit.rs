//! What is left after a run: the journal, the revisions, and the bytes in the blob store.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use sqlx::AnyPool;

use super::check::Aftermath;
use super::history::File;

/// Reads everything that the checker compares with the history.
pub(crate) async fn aftermath(database: &str, data_dir: &Path) -> anyhow::Result<Aftermath> {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(database).await.context("the database cannot be opened after the run")?;
    let journal: Vec<(i64, String)> =
        sqlx::query_as("SELECT seq, reason FROM revocations").fetch_all(&pool).await?;
    let mut aftermath = Aftermath { journal: journal.into_iter().collect(), ..Aftermath::default() };
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT upload_id, sha3_384, size FROM revisions").fetch_all(&pool).await?;
    pool.close().await;
    for (upload, digest, size) in rows {
        if let Some(file) = kept(&data_dir.join("blobs").join(&upload))? {
            aftermath.blobs.insert(upload.clone(), file);
        }
        aftermath.revisions.insert(upload, File { size: u64::try_from(size)?, digest });
    }
    Ok(aftermath)
}

/// What identifies a file's bytes, if it is there.
fn kept(path: &Path) -> anyhow::Result<Option<File>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(File::of(&bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
