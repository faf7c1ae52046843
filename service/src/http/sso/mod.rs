//! What login.ubuntu.com answers. Authorization headers are ignored here: old clients send their last one along.
pub mod discharge;
pub mod refresh;
