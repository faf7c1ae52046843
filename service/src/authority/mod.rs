//! The store as the authority of assertions: its keys, and what it signs with them.

pub mod keys;
pub mod sign;
