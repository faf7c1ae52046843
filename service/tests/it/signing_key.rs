//! Publishers' keys: registering one, letting another take its place, and who may revoke which.

use serde_json::{Value, json};

use crate::support::{List, Signer, TestApp};

with_both_lists! {
    a_key_is_registered_with_a_login_that_serves_once,
    a_new_key_of_the_same_name_lets_the_old_one_end,
}

async fn a_key_is_registered_with_a_login_that_serves_once(app: TestApp) {
    let (one, two) = (Signer::new(&app.clock).await, Signer::new(&app.clock).await);
    let held = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    let account = app.account(&held).await.success()["account_id"].as_str().unwrap().to_owned();
    let request = one.request(&account, "ci");
    let registered = app.register_key(&held, &request).await.success();
    let key = &registered["account_key"];
    assert_eq!((&key["name"], &key["account-id"]), (&json!("ci"), &json!(account)), "{registered}");
    assert_eq!(key["public-key-sha3-384"], one.id());
    let shown = app.account(&held).await.success();
    assert_eq!(shown["account_keys"], shown["account-keys"]);
    assert_eq!(shown["account_keys"][0]["public-key-sha3-384"], one.id());
    assert_eq!(shown["account_keys"][0]["until"], Value::Null);

    // Whoever lost the answer asks again; the login is spent all the same.
    app.register_key(&held, &request).await.success();
    let spent = app.register_key(&held, &two.request(&account, "other")).await;
    spent.refused_saying(403, "macaroon-permission-required", "serves for one");
    let held = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    app.register_key(&held, &two.request(&account, "other")).await.success();
    assert_eq!(app.account(&held).await.success()["account-keys"].as_array().unwrap().len(), 2);
}

async fn a_new_key_of_the_same_name_lets_the_old_one_end(app: TestApp) {
    let (old, new) = (Signer::new(&app.clock).await, Signer::new(&app.clock).await);
    let held = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    let account = app.account(&held).await.success()["account_id"].as_str().unwrap().to_owned();
    app.register_key(&held, &old.request(&account, "default")).await.success();
    let held = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    app.register_key(&held, &new.request(&account, "default")).await.success();
    let keys = app.account(&held).await.success()["account-keys"].clone();
    assert_eq!(
        (&keys[0]["public-key-sha3-384"], &keys[1]["public-key-sha3-384"]),
        (&json!(old.id()), &json!(new.id()))
    );
    assert!(keys[0]["until"].is_string() && keys[1]["until"].is_null(), "{keys}");
}

#[tokio::test]
async fn a_login_that_may_register_a_key_takes_a_code_and_ends_within_the_hour() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["modify_account_key"]).await;
    let answer = app.attempt(&root, &app.simple, None).await;
    answer.refused_saying(403, "twofactor-failure", "no second factor");
    let held = app.log_in_for(&app.publisher, &["modify_account_key", "package_access"]).await;
    let account = app.account(&held).await.success()["account_id"].as_str().unwrap().to_owned();
    let signer = Signer::new(&app.clock).await;
    app.advance(3601);
    app.register_key(&held, &signer.request(&account, "ci")).await.dead("expired");
    app.refresh(&held.discharge).await.refused(401, "invalid-credentials");
}

#[tokio::test]
async fn a_request_that_is_not_in_order_is_refused_by_name_and_spends_nothing() {
    let app = TestApp::start(List::Embedded).await;
    let signer = Signer::new(&app.clock).await;
    let held = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    let account = app.account(&held).await.success()["account_id"].as_str().unwrap().to_owned();
    let good = signer.request(&account, "default");
    let soon = timestamp::Timestamp::from_micros(signer.now().micros() + 1_000_000);
    let ended = signer.request_until(&account, "default", Some(soon));
    app.advance(2);
    for (request, says) in [
        ("", "cannot be read"),
        ("nonsense", "cannot be read"),
        (&good.replace("name: default", "name: other"), "signature"),
        (&signer.build(&account, &"a".repeat(32), b"x"), "account-key-request"),
        (&signer.request(&"b".repeat(32), "default"), "you are logged in with another"),
        (&ended, "The key expired at"),
    ] {
        let answer = app.register_key(&held, request).await;
        answer.refused_saying(400, "invalid-field", says);
        assert!(
            answer.message().starts_with("The account-key-request assertion is not valid."),
            "{answer:?}"
        );
    }
    let everything = app.log_in(&app.publisher).await;
    app.register_key(&everything, &good).await.refused(403, "macaroon-permission-required");
    app.register_key(&held, &good).await.success();

    let held = app.log_in_for(&app.other, &["modify_account_key"]).await;
    let graces = app.account(&held).await.success()["account_id"].as_str().unwrap().to_owned();
    let taken = app.register_key(&held, &signer.request(&graces, "default")).await;
    taken.refused_saying(409, "conflict", "Another account has registered this key");
}

#[tokio::test]
async fn only_its_owner_and_a_security_team_revoke_a_key_and_read_about_it() {
    let app = TestApp::start(List::Embedded).await;
    let signer = Signer::new(&app.clock).await;
    let held = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    let account = app.account(&held).await.success()["account_id"].as_str().unwrap().to_owned();
    app.register_key(&held, &signer.request(&account, "default")).await.success();
    let (own, others) = (app.log_in(&app.publisher).await, app.log_in(&app.other).await);
    let engineer = app.log_in(&app.security).await;
    let manager = app.log_in_for(&app.security, &["key_manage"]).await;

    app.revoke_key(&others, &signer.id(), &json!({})).await.refused(403, "macaroon-permission-required");
    app.revoke_key(&others, &"z".repeat(64), &json!({})).await.refused(403, "macaroon-permission-required");
    // A credential that was made for some job does not reach its owner's keys.
    app.revoke_key(&own.on_channel("edge"), &signer.id(), &json!({}))
        .await
        .refused(403, "macaroon-permission-required");
    app.revoke_key(&own, "short", &json!({})).await.refused_saying(400, "invalid-field", "64 letters");
    let later = json!({"compromised_since": "2999-01-01T00:00:00"});
    app.revoke_key(&own, &signer.id(), &later).await.refused_saying(400, "invalid-field", "still to come");
    app.revoke_key(&own, &signer.id(), &json!({"since": 1})).await.refused(400, "bad-request");

    let path = format!("/v1/keys?account={account}");
    app.get(&path, Some(&engineer.header())).await.refused(403, "macaroon-permission-required");
    let seen = app.get(&path, Some(&manager.header())).await.success();
    assert_eq!(seen["keys"][0]["revoked_at"], Value::Null, "{seen}");
    for holder in [&manager, &engineer, &own] {
        let told =
            app.revoke_key(holder, &signer.id(), &json!({"reason": "a laptop was stolen"})).await.success();
        assert_eq!(told["revoked"][0]["position"], 1, "again is acknowledged again: {told}");
    }
    let seen = app.get("/v1/keys", Some(&own.header())).await.success();
    assert!(seen["keys"][0]["revoked_at"].is_string(), "{seen}");
}
