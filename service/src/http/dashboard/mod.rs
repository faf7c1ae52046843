//! What dashboard.snapcraft.io answers.
pub mod account;
pub mod account_key;
pub mod acl;
mod admission;
pub mod agreement;
pub mod builds;
pub mod channel_map;
mod channels;
pub mod close;
pub mod history;
pub mod metadata;
mod overview;
pub mod push;
pub mod register_name;
pub mod release;
pub mod releases;
mod scope;
pub mod snap_state;
pub mod status;
pub mod tracks;
pub mod unkept;
pub mod verify;
mod waiting;
pub mod whoami;

pub use admission::AdmitError;
