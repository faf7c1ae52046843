//! `macaroond completions SHELL`.

use clap::builder::Resettable;
use clap::{Args, Command};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// For which shell.
    shell: clap_complete::Shell,
}

impl Completions {
    #[expect(clippy::unnecessary_wraps, reason = "every command answers alike")]
    pub(crate) fn run(self, command: Command) -> anyhow::Result<()> {
        let mut command = without_hidden(command);
        clap_complete::generate(self.shell, &mut command, "macaroond", &mut std::io::stdout());
        Ok(())
    }
}

/// Takes the names from hidden arguments, which clap's generators would offer all the same.
fn without_hidden(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command =
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, without_hidden));
    command.mut_args(
        |argument| {
            if argument.is_hide_set() { argument.long(Resettable::Reset) } else { argument }
        },
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn completions_offer_what_there_is_and_nothing_hidden() {
        let mut text = Vec::new();
        let mut command = without_hidden(Arguments::command());
        clap_complete::generate(clap_complete::Shell::Bash, &mut command, "macaroond", &mut text);
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("--permission") && text.contains("--upload-file"));
        assert!(!text.contains("--password") && !text.contains("--code"));
    }
}
