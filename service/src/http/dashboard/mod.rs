//! What dashboard.snapcraft.io answers.
pub mod account;
pub mod acl;
pub mod channel_map;
mod channels;
pub mod close;
mod overview;
pub mod push;
pub mod register_name;
pub mod release;
pub mod releases;
mod scope;
pub mod status;
pub mod verify;
pub mod whoami;
