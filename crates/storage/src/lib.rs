#![doc = include_str!("../README.md")]

pub mod blobs;
pub mod records;
pub mod revocations;
pub mod sealing;
pub mod throttle;
