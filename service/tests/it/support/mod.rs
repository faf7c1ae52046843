//! What every journey stands on: a service of its own with people, an SSO, a clock to turn, and perhaps
//! a Redis and a PostgreSQL.
mod answer;
mod app;
mod chain;
mod client;
mod credential;
mod events;
pub(crate) mod panics;
mod people;
mod port;
mod postgres;
mod publisher;
pub(crate) mod raw;
mod redis;
mod replica;
mod signer;
mod snap;
mod start;
mod store_keys;
mod waiting;

pub(crate) use answer::Answer;
pub(crate) use app::{TestApp, discharge, login_body};
pub(crate) use chain::{key_of, sha3};
pub(crate) use client::{Client, content_type, part};
pub(crate) use credential::{Held, STORE, said};
pub(crate) use people::Person;
pub(crate) use postgres::{Disk, PASSWORD, Postgres};
pub(crate) use publisher::Publisher;
pub(crate) use redis::Redis;
pub(crate) use signer::Signer;
pub(crate) use snap::{Snap, digest, hex, image, snap};
pub(crate) use start::{Database, List, Start};
pub(crate) use store_keys::pair;
pub(crate) use waiting::until;

/// Makes two tests of each journey, a function that takes a [`TestApp`]: one of a service alone, with the revocation list
/// in the process and the records in a file, one of a replica, with Redis and PostgreSQL.
macro_rules! with_both_lists {
    ($($journey:ident,)+) => {
        $(mod $journey {
            use crate::support::{List, TestApp};

            #[tokio::test]
            async fn alone() {
                super::$journey(TestApp::start(List::Embedded).await).await;
            }

            #[tokio::test]
            async fn as_a_replica() {
                super::$journey(TestApp::start(List::Redis).await).await;
            }
        })+
    };
}
