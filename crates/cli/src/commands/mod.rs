//! The commands, a file or a folder each.

pub(crate) mod attenuate;
pub(crate) mod completions;
pub(crate) mod config;
pub mod demo;
pub(crate) mod dev;
pub(crate) mod inspect;
pub(crate) mod keys;
pub(crate) mod mint;
pub(crate) mod revoke;
pub(crate) mod scan;
pub(crate) mod second_factor;
pub(crate) mod serve;
pub(crate) mod verify;
