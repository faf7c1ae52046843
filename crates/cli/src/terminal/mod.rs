//! What a person types and reads: lines, prompts, times, permissions, files that hold secrets.

pub(crate) mod output;
pub(crate) mod permission;
mod print;
pub(crate) mod prompt;
pub(crate) mod time;

pub(crate) use print::{eprint, print};
