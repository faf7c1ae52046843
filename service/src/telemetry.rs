//! Logs: one line an event, to standard error; JSON when asked for. What to log is chosen by `--log`.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging. `filter` is as in `info,macaroond=debug`; a second call does nothing.
pub fn start(filter: &str, json: bool) {
    // Anybody can make the HTTP parser report garbage as an error, so it is not heard unless asked for by name.
    let quiet = format!("actix_http::h1::dispatcher=off,{filter}");
    let filter = EnvFilter::try_new(quiet).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let _already_started = if json { builder.json().try_init() } else { builder.try_init() };
}
