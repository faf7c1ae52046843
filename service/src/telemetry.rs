//! Logs: one line an event, to standard error; JSON when asked for. What to log is chosen by `--log`.

use std::io::IsTerminal as _;
use std::iter;

use tracing_subscriber::EnvFilter;

/// Starts logging. `filter` is as in `info,macaroond=debug`; a second call does nothing.
pub fn start(filter: &str, json: bool) {
    // Anybody can make the HTTP parser report garbage as an error, so it is not heard unless asked for by name.
    let quiet = format!("actix_http::h1::dispatcher=off,{}", of_all_crates(filter));
    let filter = EnvFilter::try_new(quiet).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let _already_started = if json { builder.json().try_init() } else { builder.try_init() };
}

/// What is asked for of `macaroond` is asked for of every crate it is made of.
fn of_all_crates(filter: &str) -> String {
    let directives = filter.split(',').flat_map(|directive| {
        let rest = directive
            .trim()
            .strip_prefix("macaroond")
            .filter(|rest| rest.is_empty() || rest.starts_with(['=', ':', '[']));
        let service = rest.map(|rest| format!("service{rest}"));
        let storage = rest.and_then(|rest| match rest.strip_prefix("::storage") {
            Some(rest) => Some(format!("storage{rest}")),
            None => (!rest.starts_with("::")).then(|| format!("storage{rest}")),
        });
        iter::once(directive.to_owned()).chain(service).chain(storage)
    });
    directives.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_for_the_program_reaches_every_crate_of_it() {
        for (asked, filter) in [
            ("info", "info"),
            ("warn,macaroond=debug", "warn,macaroond=debug,service=debug,storage=debug"),
            ("macaroond::http=off", "macaroond::http=off,service::http=off"),
            (
                "macaroond::storage::revocations=trace",
                "macaroond::storage::revocations=trace,service::storage::revocations=trace,storage::revocations=trace",
            ),
            ("macaroond_other=info", "macaroond_other=info"),
        ] {
            assert_eq!(of_all_crates(asked), filter);
        }
    }
}
