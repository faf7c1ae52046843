//! Credentials: issued, discharged, refreshed, verified. Who may do what with one, `authorization` decides.

pub mod issue;
pub mod key_ring;
pub mod login;
pub mod refresh;
pub mod second_factor;
pub mod ticket;
pub mod verify;
