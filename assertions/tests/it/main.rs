//! The crate's behaviour, seen from outside.

mod chain;
mod signing;
mod support;
