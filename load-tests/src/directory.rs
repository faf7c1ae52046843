//! The directory of one run: gone with a run that passed, kept and named with one that failed.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use model::random;

/// Runs in a new directory, until it is done or somebody presses Ctrl-C.
pub(crate) async fn in_a_new_one(
    name: &str,
    run: impl AsyncFnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let directory = std::env::temp_dir().join(format!("macaroond-{name}-{}", random::alphanumeric(12)));
    fs::create_dir(&directory)?;
    let outcome = tokio::select! {
        outcome = run(&directory) => outcome,
        // Dropped, every process of the run ends.
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match outcome {
        Ok(()) => fs::remove_dir_all(&directory).context("the directory of the run cannot be removed"),
        Err(error) => Err(error.context(format!("logs and data are in {}", directory.display()))),
    }
}
