//! What the store says: of a publisher, a key, a snap and a file, as devices and old clients ask for it.

use assertions::{AccountKey, Assertion, ChainError, MEDIA_TYPE, encode_digest};
use reqwest::Method;
use serde_json::{Value, json};
use service::authority::keys as store_keys;

use crate::support::{Answer, Held, List, Signer, TestApp, key_of, part, sha3, snap};

with_both_lists! {
    a_device_follows_the_chain_from_the_root_key_to_the_bytes,
    a_key_is_vouched_for_as_long_as_it_is_good,
}

async fn a_device_follows_the_chain_from_the_root_key_to_the_bytes(app: TestApp) {
    let held = app.log_in(&app.publisher).await;
    let account = account_of(&app, &held).await;
    let snap_id = app.register(&held, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
    let (first, second) = (snap("thing", "1"), snap("thing", "2"));
    app.publish(&held, "thing", &first).await;
    app.publish(&held, "thing", &second).await;
    let root = root(&app).await;
    let told = app.told_of(&second).await;
    let vouched = told.vouch(key_of(&root), &second).unwrap();
    assert_eq!((vouched.snap_name.as_str(), vouched.snap_revision), ("thing", 2));
    assert_eq!((&vouched.snap_id, &vouched.publisher.account_id), (&snap_id, &account));
    assert_eq!(vouched.publisher.display_name, "Ada Lovelace");
    assert_eq!(vouched.publisher.username.as_deref(), Some("ada"));
    assert_eq!(vouched.developer_id, account);
    assert_eq!(vouched.keys.len(), 2, "the root key and the signing key: {vouched:?}");

    // Nobody vouches for what is not these bytes, and nobody who trusts another key is told anything.
    assert!(matches!(told.vouch(key_of(&root), &first), Err(ChainError::NoRevision)));
    let other = Signer::new(&app.clock).await.id().parse().unwrap();
    assert!(matches!(told.vouch(other, &second), Err(ChainError::NoTrustedKey)));
    // The first upload again is the same revision, and nothing is said anew.
    let pushed = app.push(&held, &json!({"name": "thing", "updown_id": app.uploaded(&second).await})).await;
    pushed.success();
    assert_eq!(app.told_of(&second).await.of("snap-revision").revision(), 0);
}

async fn a_key_is_vouched_for_as_long_as_it_is_good(app: TestApp) {
    let (old, new) = (Signer::new(&app.clock).await, Signer::new(&app.clock).await);
    let keys = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    let account = account_of(&app, &keys).await;
    app.register_key(&keys, &old.request(&account, "default")).await.success();
    let first = account_key(&app, &old).await;
    assert_eq!((first.account_id(), first.name(), first.until()), (account.as_str(), Some("default"), None));
    assert_eq!(first.assertion().revision(), 0);

    // A new key takes the name; the old one ends.
    let keys = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    app.register_key(&keys, &new.request(&account, "default")).await.success();
    let (ended, newer) = (account_key(&app, &old).await, account_key(&app, &new).await);
    assert_eq!((ended.name(), ended.assertion().revision()), (None, 1));
    assert!(ended.until().is_some_and(|until| until > app.clock.now()), "{:?}", ended.until());
    assert_eq!((newer.name(), newer.until(), newer.assertion().revision()), (Some("default"), None, 0));

    // A key that was stolen was good until then, and one that was stolen before it was registered never.
    let everything = app.log_in(&app.publisher).await;
    let stolen = app.clock.now();
    let body = json!({"compromised_since": stolen.to_string(), "reason": "stolen"});
    app.revoke_key(&everything, &new.id(), &body).await.success();
    assert_eq!(account_key(&app, &new).await.until(), Some(stolen));
    let body = json!({"compromised_since": "2020-01-01T00:00:00"});
    app.revoke_key(&everything, &old.id(), &body).await.success();
    let revoked = account_key(&app, &old).await;
    assert_eq!((revoked.until(), revoked.assertion().revision()), (Some(revoked.since()), 2));
    // Revoking once more says nothing new.
    app.revoke_key(&everything, &old.id(), &json!({})).await.success();
    assert_eq!(account_key(&app, &old).await.assertion().revision(), 2);
}

#[tokio::test]
async fn an_account_is_described_anew_once_it_has_another_name() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.publisher).await;
    let account = account_of(&app, &held).await;
    let path = format!("account/{account}");
    assert!(app.assertion(&path).await.is_none(), "nothing was published yet");
    app.register(&held, "one").await.success();
    app.register(&held, "two").await.success();
    let described = app.assertion(&path).await.unwrap();
    assert_eq!((described.text("display-name"), described.revision()), (Some("Ada Lovelace"), 0));
    // A name that the SSO allows and a header does not.
    app.execute("UPDATE accounts SET display_name = '  Ada' || CHAR(13, 10, 0) || 'King ', username = ' '")
        .await;
    app.register(&held, "three").await.success();
    let described = app.assertion(&path).await.unwrap();
    assert_eq!((described.text("display-name"), described.revision()), (Some("Ada King"), 1));
    assert_eq!(described.header("username"), None);
    app.execute("UPDATE accounts SET display_name = ''").await;
    app.register(&held, "four").await.success();
    assert_eq!(app.assertion(&path).await.unwrap().text("display-name"), Some(account.as_str()));
}

#[tokio::test]
async fn a_publishers_own_word_is_served_for_the_file_that_was_accepted_with_it() {
    let app = TestApp::start(List::Embedded).await;
    let signer = Signer::new(&app.clock).await;
    let keys = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    let account = account_of(&app, &keys).await;
    app.register_key(&keys, &signer.request(&account, "default")).await.success();
    let held = app.log_in(&app.publisher).await;
    let snap_id = app.register(&held, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
    app.set_policy(&held, "thing", "required").await.success();
    // One comes beside the file, one after it.
    let (beside, after) = (snap("thing", "1"), snap("thing", "2"));
    let (one, two) = (signer.build(&account, &snap_id, &beside), signer.build(&account, &snap_id, &after));
    let parts = [part("binary", &beside), part("assertion", one.as_bytes())];
    let id = app.multipart(&parts).await.success()["upload_id"].clone();
    app.push(&held, &json!({"name": "thing", "updown_id": id})).await.success();
    let path = |file: &[u8]| format!("snap-build/{}", encode_digest(&sha3(file)));
    assert_eq!(app.assertion(&path(&beside)).await.unwrap().as_str(), one);
    app.send_build(&held, &snap_id, &two).await.success();
    assert!(app.assertion(&path(&after)).await.is_none(), "the file was not accepted yet");
    app.publish(&held, "thing", &after).await;
    assert_eq!(app.assertion(&path(&after)).await.unwrap().as_str(), two);
}

#[tokio::test]
async fn each_client_is_answered_in_the_form_it_asks_for() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.publisher).await;
    let snap_id = app.register(&held, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
    for base in ["/v2/assertions", "/api/v1/snaps/assertions"] {
        let path = format!("{base}/snap-declaration/16/{snap_id}");
        let json = ask(&app, &path, Some("application/json")).await.success();
        assert_eq!(json["headers"]["snap-name"], "thing");
        assert_eq!(json.get("body"), None, "{json}");
        for accept in [None, Some(MEDIA_TYPE), Some("*/*")] {
            let answer = ask(&app, &format!("{path}?max-format=6"), accept).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, Some(MEDIA_TYPE)), "{accept:?}");
        }
        let none = ask(&app, &path, Some("text/html")).await;
        none.refused_saying(406, "not-acceptable", "application/x.ubuntu.assertion");
    }
    let root = root(&app).await;
    let path = format!("/v2/assertions/account-key/{}", key_of(&root));
    let json = ask(&app, &path, Some("application/json")).await.success();
    assert_eq!(json["body"], root.body(), "{json}");
}

#[tokio::test]
async fn what_is_not_there_is_told_in_both_dialects() {
    let app = TestApp::start(List::Embedded).await;
    let key = "a".repeat(64);
    for (path, status, says) in [
        (format!("snap-revision/{key}"), 404, "There is no snap-revision"),
        (format!("snap-revision/{key}/global-upload"), 404, "There is no snap-revision"),
        (format!("snap-revision/{key}/elsewhere"), 404, "There is no snap-revision"),
        (format!("snap-build/{key}"), 404, "There is no snap-build"),
        ("snap-build/short".to_owned(), 404, "There is no snap-build"),
        ("account/nobody".to_owned(), 404, "There is no account"),
        (format!("account-key/{key}"), 404, "There is no account-key"),
        (format!("snap-declaration/18/{}", "a".repeat(32)), 404, "There is no snap-declaration"),
        ("account/a%00b".to_owned(), 404, "There is no account"),
        ("account/a%FFb".to_owned(), 404, "There is no account"),
        ("account/".to_owned(), 404, "There is no account"),
        ("model/16/brand/model".to_owned(), 404, "no assertions of the type 'model'"),
        ("snap-declaration/16".to_owned(), 400, "SERIES/SNAP-ID"),
        (format!("account-key/{key}/self-signed"), 400, "PUBLIC-KEY-SHA3-384"),
        (format!("snap-revision/{key}/a/b"), 400, "SNAP-SHA3-384/PROVENANCE"),
    ] {
        let code = if status == 404 { "not-found" } else { "bad-request" };
        let answer = ask(&app, &format!("/v2/assertions/{path}"), Some(MEDIA_TYPE)).await;
        answer.refused_saying(status, code, says);
        assert_eq!(answer.header("content-type"), Some("application/json"), "snapd reads no other");
        assert_eq!(answer.body["error-list"][0]["code"], code);
        let answer = ask(&app, &format!("/api/v1/snaps/assertions/{path}"), Some(MEDIA_TYPE)).await;
        answer.refused_saying(status, code, says);
        assert_eq!(answer.body["status"], status, "{answer:?}");
        assert!(answer.body["title"].is_string() && answer.body["detail"] == answer.message());
    }
    app.post("/v2/assertions/account/x", None, &Value::Null).await.refused(405, "method-not-allowed");
}

#[tokio::test]
async fn what_is_about_a_private_snap_is_told_to_its_publisher_alone() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.publisher).await;
    let body = json!({"snap_name": "secret", "is_private": true, "series": "16"});
    let registered = app.post("/dev/api/register-name/", Some(&held.header()), &body).await.success();
    let snap_id = registered["snap_id"].as_str().unwrap().to_owned();
    let file = snap("secret", "1");
    app.publish(&held, "secret", &file).await;
    let paths =
        [format!("snap-declaration/16/{snap_id}"), format!("snap-revision/{}", encode_digest(&sha3(&file)))];
    let others = app.log_in(&app.other).await;
    let narrow = app.log_in_for(&app.publisher, &["package_push"]).await;
    for path in paths {
        let path = format!("/v2/assertions/{path}");
        app.get(&path, Some(&held.header())).await.success();
        for header in [None, Some(others.header()), Some(narrow.header()), Some("nonsense".to_owned())] {
            app.get(&path, header.as_deref()).await.refused(404, "not-found");
        }
    }
}

async fn ask(app: &TestApp, path: &str, accept: Option<&str>) -> Answer {
    let request = app.request(Method::GET, path);
    Answer::to(match accept {
        Some(accept) => request.header("Accept", accept),
        None => request,
    })
    .await
}

async fn account_of(app: &TestApp, held: &Held) -> String {
    app.account(held).await.success()["id"].as_str().unwrap().to_owned()
}

async fn account_key(app: &TestApp, signer: &Signer) -> AccountKey {
    AccountKey::read(app.assertion(&format!("account-key/{}", signer.id())).await.unwrap()).unwrap()
}

async fn root(app: &TestApp) -> Assertion {
    store_keys::show(&app.state().records, &app.state().master).await.unwrap().root
}
