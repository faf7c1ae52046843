#![doc = include_str!("../README.md")]

mod entry;
mod list;
mod query;
mod reach;
mod subject;

pub use entry::{Action, Entry, Lift, NewRevocation};
pub use list::RevocationList;
pub use query::RevocationQuery;
pub use reach::{Reach, Revocation};
pub use subject::{Fingerprint, Subject, hex};
