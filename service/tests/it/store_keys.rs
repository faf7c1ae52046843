//! The store's own keys: made once, replaced while it runs, and what a verifier that trusts the old root key still reaches.

use assertions::{ChainError, PrivateKey};
use service::authority::keys::{
    Identity, StoreKeyError, forget_root, make, root, rotate_root, rotate_signing, show,
};
use storage::records::KeyPurpose;

use crate::support::{Held, List, TestApp, key_of, pair, snap};

/// Small, as the store's keys are made for each of these tests.
/// Made where blocking is allowed: the service shares the thread of its test, and gives up its list while that is busy.
async fn key() -> PrivateKey {
    tokio::task::spawn_blocking(|| PrivateKey::generate(2048).unwrap()).await.unwrap()
}

with_both_lists! {
    a_running_service_signs_with_the_new_key_and_what_the_old_one_signed_is_signed_anew,
    a_verifier_that_trusts_the_old_root_key_reaches_everything,
    of_several_that_make_a_stores_keys_at_once_one_does,
}

async fn a_running_service_signs_with_the_new_key_and_what_the_old_one_signed_is_signed_anew(app: TestApp) {
    let (held, first) = published(&app).await;
    let state = app.state();
    let before = show(&state.records, &state.master).await.unwrap();
    let new = key().await;
    let now = state.clock.now();
    let rotated =
        rotate_signing(&state.records, &state.master, None, &new, None, now, |_, _| {}).await.unwrap();
    assert_eq!(rotated.old, key_of(&before.signing).to_string());
    assert_eq!(rotated.new, new.public().id().to_string());
    assert_eq!(rotated.signed_anew, 3, "an account, a declaration and a revision");
    let second = snap("thing", "2");
    app.publish(&held, "thing", &second).await;
    for file in [&first, &second] {
        let told = app.told_of(file).await;
        assert!(
            ["snap-revision", "snap-declaration"]
                .iter()
                .all(|kind| told.of(kind).sign_key() == new.public().id())
        );
        told.vouch(key_of(&before.root), file).unwrap();
    }
    let old = app.assertion(&format!("account-key/{}", rotated.old)).await.unwrap();
    assert_eq!((old.text("until"), old.revision()), (Some(format!("{now}Z").as_str()), 1));
    // Once more, and everything that was signed is signed anew.
    let newer = key().await;
    let rotated =
        rotate_signing(&state.records, &state.master, None, &newer, None, now, |_, _| {}).await.unwrap();
    assert_eq!((rotated.old, rotated.signed_anew), (new.public().id().to_string(), 4));
    app.told_of(&first).await.vouch(key_of(&before.root), &first).unwrap();
}

async fn a_verifier_that_trusts_the_old_root_key_reaches_everything(app: TestApp) {
    let (held, first) = published(&app).await;
    let state = app.state();
    let before = show(&state.records, &state.master).await.unwrap();
    let new = key().await;
    rotate_root(&state.records, &state.master, None, &new, state.clock.now()).await.unwrap();
    let after = show(&state.records, &state.master).await.unwrap();
    assert_eq!(key_of(&after.root), *new.public().id());
    assert_eq!(after.root.sign_key(), new.public().id(), "its own word");
    let second = snap("thing", "2");
    app.publish(&held, "thing", &second).await;
    for file in [&first, &second] {
        let mut told = app.told_of(file).await;
        let vouched = told.vouch(key_of(&before.root), file).unwrap();
        assert_eq!(vouched.keys.len(), 3, "old root key, new root key, signing key: {vouched:?}");
        told.0.push(after.root.clone());
        told.vouch(key_of(&after.root), file).unwrap();
    }
    // The signing key is replaced under the new root key, too.
    let signing = key().await;
    let now = state.clock.now();
    rotate_signing(&state.records, &state.master, None, &signing, None, now, |_, _| {}).await.unwrap();
    let told = app.told_of(&first).await;
    told.vouch(key_of(&before.root), &first).unwrap();
    assert_eq!(told.of("snap-revision").sign_key(), signing.public().id());
}

async fn of_several_that_make_a_stores_keys_at_once_one_does(app: TestApp) {
    let state = app.state();
    app.execute("DELETE FROM keys WHERE purpose IN ('store-root', 'store-signing')").await;
    app.execute("DELETE FROM assertions").await;
    let pair = &pair().await;
    let making = (0..4).map(|at| async move {
        let identity = Identity::new(&format!("store {at}"));
        make(&state.records, &state.master, &identity, pair, state.clock.now()).await.unwrap()
    });
    let made = futures_util::future::join_all(making).await;
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    let shown = show(&state.records, &state.master).await.unwrap();
    let name = shown.account.text("display-name").unwrap().to_owned();
    let winner = made.iter().position(|made| *made).unwrap();
    assert_eq!(name, format!("store {winner}"));
    assert_eq!(state.records.keys(KeyPurpose::StoreRoot).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_stolen_signing_key_vouches_for_nothing_since_then() {
    let app = TestApp::start(List::Embedded).await;
    let (_, file) = published(&app).await;
    let stolen = app.told_of(&file).await;
    let state = app.state();
    let before = show(&state.records, &state.master).await.unwrap();
    let since = state.clock.now().add_secs(-60);
    let now = state.clock.now();
    rotate_signing(&state.records, &state.master, None, &key().await, since, now, |_, _| {}).await.unwrap();
    let told = app.told_of(&file).await;
    told.vouch(key_of(&before.root), &file).unwrap();
    // What the old key said counts no more for whoever hears that it was stolen.
    let mut heard = stolen;
    heard.0.push(app.assertion(&format!("account-key/{}", key_of(&before.signing))).await.unwrap());
    assert!(matches!(heard.vouch(key_of(&before.root), &file), Err(ChainError::OutsideKey { .. })));
}

#[tokio::test]
async fn a_root_key_that_was_taken_away_is_needed_only_to_replace_a_key() {
    let app = TestApp::start(List::Embedded).await;
    let (held, _) = published(&app).await;
    let state = app.state();
    let away = root(&state.records, &state.master).await.unwrap();
    assert!(forget_root(&state.records).await.unwrap());
    assert!(!forget_root(&state.records).await.unwrap());
    app.publish(&held, "thing", &snap("thing", "2")).await;
    let now = state.clock.now();
    let new = key().await;
    let rotate = |root| rotate_signing(&state.records, &state.master, root, &new, None, now, |_, _| {});
    assert!(matches!(rotate(None).await, Err(StoreKeyError::RootAway)));
    assert!(matches!(rotate(Some(key().await)).await, Err(StoreKeyError::OtherRoot(_))));
    assert!(matches!(
        rotate_root(&state.records, &state.master, Some(key().await), &key().await, now).await,
        Err(StoreKeyError::OtherRoot(_))
    ));
    rotate(Some(away)).await.unwrap();
    assert!(!show(&state.records, &state.master).await.unwrap().root_is_here);
}

#[tokio::test]
async fn a_store_without_keys_makes_them_when_it_first_has_something_to_say() {
    let app = TestApp::start(List::Embedded).await;
    app.execute("DELETE FROM keys WHERE purpose IN ('store-root', 'store-signing')").await;
    app.execute("DELETE FROM assertions").await;
    let state = app.state();
    assert!(matches!(show(&state.records, &state.master).await, Err(StoreKeyError::None)));
    let (_, file) = published(&app).await;
    let shown = show(&state.records, &state.master).await.unwrap();
    assert_eq!(shown.account.text("display-name"), Some("127.0.0.1"), "the host of the public URL");
    app.told_of(&file).await.vouch(key_of(&shown.root), &file).unwrap();
}

/// A publisher's login, and the first revision of a snap.
async fn published(app: &TestApp) -> (Held, Vec<u8>) {
    let held = app.log_in(&app.publisher).await;
    let file = snap("thing", "1");
    app.publish(&held, "thing", &file).await;
    (held, file)
}
