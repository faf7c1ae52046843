//! What is kept: records in SQL, the revocation list, blobs, secrets at rest.
pub mod blobs;
pub mod records;
pub mod revocations;
pub mod sealing;
pub mod throttle;
