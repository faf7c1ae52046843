//! The `macaroond` program: arguments in, exit code out.

use clap::Parser as _;

fn main() -> std::process::ExitCode {
    macaroond::run(macaroond::Arguments::parse())
}
