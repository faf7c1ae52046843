//! The store's keys: made once on this machine, and given to every service of the tests, which need not wait for keys of
//! their own.

use std::path::Path;

use service::authority::keys::files::read_or_make;
use service::authority::keys::{Identity, Pair, make};

use super::replica::Replica;

/// A root key and a signing key.
pub(crate) async fn pair() -> Pair {
    read_or_make(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("store-keys")).await.unwrap()
}

/// Gives a new service its keys, as `keys store make` does.
pub(super) async fn give(replica: &Replica) {
    let state = &replica.state;
    let identity = Identity::new("Test Store");
    let made = make(&state.records, &state.master, &identity, &pair().await, state.clock.now()).await;
    assert!(made.unwrap(), "the service had no keys");
}
