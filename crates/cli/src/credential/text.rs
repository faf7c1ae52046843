//! Any text that may hold credentials: read within a bound, wiped at the end, and searched offline.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, bail};
use caveats::scan::{self, Finding};
use zeroize::Zeroizing;

use crate::credential::read::parse;

/// The most bytes that a service takes.
const MAX_TEXT: u64 = 64 * 1024 * 1024;

/// A text, whole.
pub(crate) struct Text(Zeroizing<Vec<u8>>);

impl Text {
    /// What is in a file, or on standard input for `-` or none.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Text> {
        let path = path.unwrap_or(Path::new("-"));
        let mut bytes = Zeroizing::new(Vec::new());
        open(path)?.take(MAX_TEXT + 1).read_to_end(&mut bytes).with_context(|| unreadable(path))?;
        if bytes.len() as u64 > MAX_TEXT {
            bail!("the text is longer than 64 MiB: cut it into pieces that overlap by 1 MiB");
        }
        if bytes.trim_ascii().is_empty() {
            bail!("there is no credential: the input is empty");
        }
        Ok(Text(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Its length, for people.
    pub(crate) fn size(&self) -> String {
        bytesize::ByteSize(self.0.len() as u64).to_string()
    }

    /// The number of the line in which a byte stands.
    pub(crate) fn line(&self, offset: u64) -> usize {
        let before = usize::try_from(offset).ok().and_then(|offset| self.0.get(..offset)).unwrap_or(&self.0);
        before.split(|byte| *byte == b'\n').count()
    }
}

/// All credentials of a text. One that a scan finds nothing in may still be one as such: in lines that are shorter than a
/// scan looks at.
pub(crate) fn find(text: &Text) -> Vec<Finding> {
    let found = scan::find(text.bytes());
    match text.as_str().map(parse) {
        Some(Ok(credential)) if found.is_empty() => scan::find(credential.write().as_bytes()),
        _ => found,
    }
}

/// A file, or standard input for `-`.
pub(crate) fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = File::open(path).with_context(|| unreadable(path))?;
    Ok(Box::new(file))
}

fn unreadable(path: &Path) -> String {
    if path == Path::new("-") {
        "cannot read standard input".to_owned()
    } else {
        format!("cannot read {}", path.display())
    }
}
