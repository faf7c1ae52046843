//! Where a command writes a credential: standard output, or a file that only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::terminal::print;
use model::random;

/// Where to write.
#[derive(Debug, Default, Args)]
pub(crate) struct Output {
    /// Write the credential to this new file, which only you can read, instead of to standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file, if there is one.
    #[arg(long, requires = "output")]
    force: bool,
}

impl Output {
    /// Refuses what [`write`](Self::write) would refuse, before any work is done.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let Some(path) = self.file() else { return Ok(()) };
        match path.symlink_metadata() {
            Ok(there) if !there.is_file() => bail!("{} is not an ordinary file", path.display()),
            Ok(_) if !self.force => bail!("{} exists already; --force replaces it", path.display()),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound && directory(path).is_dir() => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
        }
    }

    /// Writes: a line to standard output, or exactly the text to the file.
    pub(crate) fn write(&self, text: &str) -> anyhow::Result<()> {
        let Some(path) = self.file() else { return print(text.trim_end_matches('\n')) };
        self.check()?;
        let written = if self.force { replace(path, text) } else { create(path, text) };
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// The file, if it goes to one; `-` is standard output here as everywhere.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file that must not exist; there is none after a failure.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        drop(fs::remove_file(path));
    }
    written
}

/// Puts a new file in the old one's place, which at every moment is whole, and whose permissions do not live on.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let new = directory(path).join(format!(".macaroond-{}", random::alphanumeric(12)));
    create(&new, text)?;
    let moved = fs::rename(&new, path);
    if moved.is_err() {
        drop(fs::remove_file(&new));
    }
    moved
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn output(path: &Path, force: bool) -> Output {
        Output { output: Some(path.to_owned()), force }
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_for_its_owner_alone_and_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("credential");
        output(&path, false).write("first").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("first", 0o600));
        let error = output(&path, false).write("second").unwrap_err().to_string();
        assert!(error.ends_with("credential exists already; --force replaces it"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    }

    #[test]
    fn force_replaces_an_ordinary_file_and_its_permissions() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("credential");
        fs::write(&path, "for everyone").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        output(&path, true).write("mine").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("mine", 0o600));
        assert_eq!(directory.path().read_dir().unwrap().count(), 1);
        assert!(
            output(directory.path(), true).write("x").unwrap_err().to_string().ends_with("ordinary file")
        );
        let nowhere = directory.path().join("no/such/place");
        assert!(output(&nowhere, true).check().unwrap_err().to_string().starts_with("cannot write"));
    }
}
