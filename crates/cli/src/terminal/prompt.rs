//! What only the person knows: asked for on the terminal without echo, or found in the environment; never an argument.

use std::io::IsTerminal as _;

use anyhow::{Context as _, bail, ensure};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, FromArgMatches};
use dialoguer::{Input, Password};
use secrecy::SecretString;

/// Password and code, where the environment has them.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    password: Option<SecretString>,
    code: Option<SecretString>,
}

const PASSWORD: Secret = Secret { argument: "password", variable: "MACAROOND_PASSWORD", name: "password" };
const CODE: Secret = Secret { argument: "code", variable: "MACAROOND_CODE", name: "one-time code" };

/// One of them.
#[derive(Clone, Copy)]
struct Secret {
    argument: &'static str,
    variable: &'static str,
    name: &'static str,
}

impl Secrets {
    /// The password; asked for if the environment has none.
    pub(crate) fn password(&self) -> anyhow::Result<SecretString> {
        self.password.clone().map_or_else(|| ask_secret("Password", PASSWORD), Ok)
    }

    /// The one-time code; asked for if the environment has none.
    pub(crate) fn code(&self) -> anyhow::Result<SecretString> {
        self.code.clone().map_or_else(|| ask_secret("One-time code", CODE), Ok)
    }
}

/// Asks for the e-mail address.
pub(crate) fn email() -> anyhow::Result<String> {
    if !std::io::stderr().is_terminal() || !std::io::stdin().is_terminal() {
        bail!("there is no terminal to ask for your e-mail address on: give it with --email");
    }
    let email: String = Input::new().with_prompt("E-mail address").allow_empty(true).interact_text()?;
    ensure!(!email.trim().is_empty(), "no e-mail address was given");
    Ok(email.trim().to_owned())
}

fn ask_secret(prompt: &str, Secret { name, variable, .. }: Secret) -> anyhow::Result<SecretString> {
    if !std::io::stderr().is_terminal() {
        bail!("there is no terminal to ask for the {name} on: set {variable} in the environment");
    }
    // An empty answer is an end: the terminal may be gone, and would be asked for ever.
    let answer = Password::new().with_prompt(prompt).allow_empty_password(true).report(false).interact();
    let answer = answer.with_context(|| format!("the {name} cannot be read from the terminal"))?;
    ensure!(!answer.is_empty(), "no {name} was given");
    Ok(SecretString::from(answer))
}

/// By hand, as clap reads an environment variable only beside an argument: this argument is hidden, and refuses to be used.
impl clap::Args for Secrets {
    fn augment_args(command: Command) -> Command {
        let hidden = |Secret { argument, variable, .. }: Secret| {
            Arg::new(argument).long(argument).env(variable).hide(true).hide_env_values(true)
        };
        command.arg(hidden(PASSWORD)).arg(hidden(CODE))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Secrets {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Secrets, clap::Error> {
        Ok(Secrets { password: secret(matches, PASSWORD)?, code: secret(matches, CODE)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn secret(matches: &ArgMatches, secret: Secret) -> Result<Option<SecretString>, clap::Error> {
    let Secret { argument, variable, name } = secret;
    if matches.value_source(argument) == Some(ValueSource::CommandLine) {
        let message = format!(
            "the {name} is never given as an argument, where every process of the machine can read it; leave --{argument} \
             out to be asked, or set {variable} in the environment"
        );
        return Err(clap::Error::raw(ErrorKind::UnknownArgument, message));
    }
    let given = matches.get_one::<String>(argument).filter(|text| !text.is_empty());
    Ok(given.map(|text| SecretString::from(text.as_str())))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::arguments::Arguments;

    #[test]
    fn secrets_are_refused_as_arguments_without_repeating_them() {
        for argument in ["--password", "--code"] {
            let arguments = ["macaroond", "mint", "--server", "http://x", argument, "hunter2"];
            let error = Arguments::try_parse_from(arguments).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            let text = error.to_string();
            assert!(text.contains("is never given as an argument") && !text.contains("hunter2"), "{text}");
        }
    }
}
