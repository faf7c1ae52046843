//! `macaroond completions SHELL`.

use clap::{Args, CommandFactory as _};

use super::Arguments;

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// For which shell.
    shell: clap_complete::Shell,
}

impl Completions {
    #[expect(clippy::unnecessary_wraps, reason = "every command answers alike")]
    pub(super) fn run(self) -> anyhow::Result<()> {
        clap_complete::generate(self.shell, &mut Arguments::command(), "macaroond", &mut std::io::stdout());
        Ok(())
    }
}
