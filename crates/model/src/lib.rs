#![doc = include_str!("../README.md")]

pub mod account;
pub mod cause;
pub mod clock;
pub mod ids;
pub mod random;
pub mod root_id;
pub mod session;
pub mod signing;
pub mod snap;
pub mod track;
