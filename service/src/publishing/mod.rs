//! Publishing: files received, signed, accepted and released; names, keys, tracks and policies of packages.

pub mod accept_upload;
pub mod builds;
pub mod find_assertion;
pub mod packages;
pub mod policy;
pub mod push;
pub mod receive_upload;
pub mod register_name;
pub mod release;
pub mod signing_keys;
pub mod sweep;
pub mod tracks;
pub mod upload_quota;
pub mod workspace;
