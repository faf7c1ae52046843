//! A line for standard output, or for standard error.

use std::io::Write as _;

/// Writes a line to standard output.
pub(crate) fn print(line: impl std::fmt::Display) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Writes a line to standard error: progress, and what went wrong. Where nobody can read it, nobody misses it.
pub(crate) fn eprint(line: impl std::fmt::Display) {
    let _unwritable = writeln!(std::io::stderr(), "{line}");
}
