//! The business: what is done once a request is understood and, where it needs to be, authorized.
pub mod accept_upload;
pub mod issue;
pub mod key_ring;
pub mod login;
pub mod packages;
pub mod publishing;
pub mod receive_upload;
pub mod refresh;
pub mod register_name;
pub mod release;
pub mod revoke;
pub mod second_factor;
pub mod sweep;
pub mod ticket;
pub mod verify;
pub mod watch;
