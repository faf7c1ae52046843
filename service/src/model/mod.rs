//! Values that every layer above may name: ids, time, chance, what can be revoked, and the proof of authorization.
pub mod authorized;
pub mod cause;
pub mod clock;
pub mod ids;
pub mod random;
pub mod revocation;
pub mod signing;
pub mod snap;
pub mod track;
