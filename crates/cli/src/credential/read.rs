//! Reading a credential: a file or standard input, every form in which clients keep one, and the header it makes.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use caveats::exported::{self, Exported};
use caveats::limits::MAX_EXPORTED_BYTES;
use secrecy::{ExposeSecret as _, SecretString};

use crate::terminal::eprint;

/// The Authorization header of a credential in any form in which clients keep one.
pub(crate) fn authorization(text: &str) -> anyhow::Result<SecretString> {
    header(parse(text)?)
}

/// The Authorization header of a credential.
pub(crate) fn header(credential: Exported) -> anyhow::Result<SecretString> {
    let bundle = credential.into_bundle().context("this credential cannot be used")?;
    Ok(SecretString::from(bundle.to_header()))
}

/// Reads a credential in any form in which clients keep one.
pub(crate) fn parse(text: &str) -> anyhow::Result<Exported> {
    if text.trim().is_empty() {
        bail!("there is no credential: the input is empty");
    }
    exported::read(text).context(
        "this is no credential that can be read (it may be what export-login wrote, a client's own file, or a whole \
         Authorization header)",
    )
}

/// What is in a file, or on standard input for `-`; a credential's size at most.
pub(crate) fn read(path: &Path) -> anyhow::Result<SecretString> {
    if path == Path::new("-") {
        return read_standard_input();
    }
    let bounded = File::open(path).map(|file| file.take(MAX_READ)).and_then(std::io::read_to_string);
    Ok(SecretString::from(bounded.with_context(|| format!("cannot read {}", path.display()))?))
}

fn read_standard_input() -> anyhow::Result<SecretString> {
    let input = std::io::stdin();
    let typed = input.is_terminal();
    if typed {
        eprint("Paste the credential, then press Enter and Ctrl-D:");
    }
    let text = std::io::read_to_string(input.take(MAX_READ)).context("cannot read standard input")?;
    let text = SecretString::from(text);
    if typed && text.expose_secret().lines().any(|line| line.len() >= TERMINAL_LINE) {
        bail!(
            "a terminal cuts lines off at {TERMINAL_LINE} characters: save the credential to a file instead"
        );
    }
    Ok(text)
}

/// One byte more than is accepted, so that what is longer is seen to be.
const MAX_READ: u64 = MAX_EXPORTED_BYTES as u64 + 1;
/// What Linux passes on of one line that is typed or pasted.
const TERMINAL_LINE: usize = 4095;
