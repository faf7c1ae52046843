//! Signed uploads: what a publisher's signature admits, and every way in which one does not serve.

use std::time::Duration;

use caveats::Predicate;
use serde_json::{Value, json};
use service::config::Uploads;
use timestamp::Timestamp;

use crate::support::{Answer, Held, List, Signer, Start, TestApp, part, snap, until};

const NEEDS: &str =
    "needs a snap-build assertion for this file by a registered key: run snapcraft sign-build";

with_both_lists! {
    a_signed_upload_is_accepted_however_the_signature_comes,
    nothing_signed_by_a_revoked_key_is_accepted,
}

/// A publisher whose snap wants signed uploads, and who has registered a key.
struct Stage {
    app: TestApp,
    held: Held,
    account: String,
    snap_id: String,
    signer: Signer,
}

impl Stage {
    async fn on(app: TestApp) -> Stage {
        let held = app.log_in(&app.publisher).await;
        let signer = Signer::new(&app.clock).await;
        let account = app.account(&held).await.success()["id"].as_str().unwrap().to_owned();
        let keys = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
        app.register_key(&keys, &signer.request(&account, "default")).await.success();
        let snap_id = app.register(&held, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
        app.set_policy(&held, "thing", "required").await.success();
        Stage { app, held, account, snap_id, signer }
    }

    /// With pushes that wait no longer than a test wants to.
    async fn with_wait(wait: Duration) -> Stage {
        let uploads = Uploads { assertion_wait: wait, ..Uploads::default() };
        Stage::on(TestApp::with(Start { uploads, ..Start::default() }).await).await
    }

    fn build(&self, file: &[u8]) -> String {
        self.signer.build(&self.account, &self.snap_id, file)
    }

    async fn send(&self, assertion: &str) -> Answer {
        self.app.send_build(&self.held, &self.snap_id, assertion).await
    }

    /// Uploads and pushes; answers with what the push was answered with.
    async fn push(&self, held: &Held, file: &[u8]) -> Value {
        let id = self.app.uploaded(file).await;
        self.app.push(held, &json!({"name": "thing", "updown_id": id})).await.success()
    }

    /// Uploads with an assertion beside the file, and pushes.
    async fn push_with(&self, file: &[u8], assertion: &str) -> Value {
        let parts = [part("binary", file), part("assertion", assertion.as_bytes())];
        let id = self.app.multipart(&parts).await.success()["upload_id"].clone();
        self.app.push(&self.held, &json!({"name": "thing", "updown_id": id})).await.success()
    }

    /// The status of a push once it is processed.
    async fn settled(&self, pushed: &Value) -> Value {
        until("the push to be settled", async || {
            let status = self.app.status(pushed).await.success();
            (status["processed"] == true).then_some(status)
        })
        .await
    }

    async fn accepted(&self, pushed: &Value, revision: i64) {
        let status = self.settled(pushed).await;
        assert_eq!(
            (&status["code"], &status["revision"]),
            (&json!("ready_to_release"), &json!(revision)),
            "{status}"
        );
    }

    async fn refused(&self, pushed: &Value, says: &str) {
        let status = self.settled(pushed).await;
        assert_eq!(status["code"], "processing_error", "{status}");
        let message = status["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(NEEDS), "{message}");
        assert!(message.contains(says), "'{says}' was due: {message}");
        assert!(!message.contains(['{', '}']), "{message}");
    }

    async fn revisions(&self) -> i64 {
        self.app.count("revisions").await
    }
}

async fn a_signed_upload_is_accepted_however_the_signature_comes(app: TestApp) {
    let stage = Stage::on(app).await;
    // Before the file.
    let first = snap("thing", "1");
    let sent = stage.send(&stage.build(&first)).await.success();
    assert_eq!(sent["type"], "snap-build", "{sent}");
    stage.accepted(&stage.push(&stage.held, &first).await, 1).await;
    // After the file.
    let second = snap("thing", "2");
    let pushed = stage.push(&stage.held, &second).await;
    let waiting = stage.app.status(&pushed).await.success();
    assert_eq!(
        (&waiting["processed"], &waiting["code"]),
        (&json!(false), &json!("being_processed")),
        "{waiting}"
    );
    stage.send(&stage.build(&second)).await.success();
    stage.accepted(&pushed, 2).await;
    // Beside the file.
    let third = snap("thing", "3");
    stage.accepted(&stage.push_with(&third, &stage.build(&third)).await, 3).await;
    // The same bytes again are what the snap has.
    let again = stage.settled(&stage.push_with(&third, &stage.build(&third)).await).await;
    assert!(
        again["errors"][0]["message"].as_str().unwrap().starts_with("Duplicate snap already uploaded"),
        "{again}"
    );
    assert_eq!(stage.revisions().await, 3);
    assert_eq!(stage.app.blobs().len(), 3);
}

async fn nothing_signed_by_a_revoked_key_is_accepted(app: TestApp) {
    let stage = Stage::on(app).await;
    let (first, before, after) = (snap("thing", "1"), snap("thing", "2"), snap("thing", "3"));
    let since = stage.app.clock.now();
    stage.accepted(&stage.push_with(&first, &stage.build(&first)).await, 1).await;
    stage.send(&stage.build(&before)).await.success();

    let key = stage.signer.id();
    let body = json!({"reason": "a laptop was stolen", "compromised_since": since.to_string()});
    let revoked = stage.app.revoke_key(&stage.held, &key, &body).await.success();
    assert_eq!(
        (&revoked["acknowledged"], &revoked["revoked"][0]["signing_key_id"]),
        (&json!(true), &json!(key))
    );
    assert_eq!(revoked["suspect_revisions"][0]["revision"], 1, "{revoked}");

    // What it signed earlier and nobody used yet, and what it signs now.
    let says = format!("its key {key} was revoked at ");
    stage.refused(&stage.push(&stage.held, &before).await, &says).await;
    stage.refused(&stage.push_with(&after, &stage.build(&after)).await, &says).await;
    stage.send(&stage.build(&after)).await.refused_saying(400, "invalid-field", &says);
    assert_eq!(stage.revisions().await, 1);
    let keys = stage.app.account(&stage.held).await.success();
    assert_eq!((&keys["account_keys"], &keys["account-keys"]), (&json!([]), &json!([])));
    // It is never registered again.
    let keys = stage.app.log_in_for(&stage.app.publisher, &["modify_account_key"]).await;
    let request = stage.signer.request(&stage.account, "default");
    let answer = stage.app.register_key(&keys, &request).await;
    answer.refused_saying(409, "conflict", "This key was revoked at ");
    // Another is, and serves.
    let signer = Signer::new(&stage.app.clock).await;
    stage.app.register_key(&keys, &signer.request(&stage.account, "default")).await.success();
    let stage = Stage { signer, ..stage };
    stage.accepted(&stage.push_with(&after, &stage.build(&after)).await, 2).await;
}

#[tokio::test]
async fn an_unsigned_upload_is_refused_once_the_wait_is_over() {
    let stage = Stage::with_wait(Duration::from_millis(300)).await;
    stage.refused(&stage.push(&stage.held, &snap("thing", "1")).await, "").await;
    // The file goes once the refusal is kept.
    until("the file to be gone", async || stage.app.blobs().is_empty().then_some(())).await;
    let now = Stage::with_wait(Duration::ZERO).await;
    let pushed = now.push(&now.held, &snap("thing", "1")).await;
    let status = now.app.status(&pushed).await.success();
    assert_eq!(status["processed"], true, "without a wait it is refused at once: {status}");
    now.refused(&pushed, "").await;
}

#[tokio::test]
async fn a_signature_that_does_not_serve_is_refused_by_name() {
    let stage = Stage::on(TestApp::start(List::Embedded).await).await;
    let (app, file) = (&stage.app, snap("thing", "1"));
    let (account, snap_id, signer) = (&stage.account, &stage.snap_id, &stage.signer);
    let other_snap =
        app.register(&stage.held, "other").await.success()["snap_id"].as_str().unwrap().to_owned();
    let stranger = Signer::new(&app.clock).await;
    let others = Signer::new(&app.clock).await;
    let grace = app.log_in_for(&app.other, &["modify_account_key"]).await;
    let graces = app.account(&grace).await.success()["id"].as_str().unwrap().to_owned();
    app.register_key(&grace, &others.request(&graces, "default")).await.success();
    let forged = signer.build(account, snap_id, &file).replace("grade: stable", "grade: devel");
    let micros = |seconds: i64| Timestamp::from_micros(signer.now().micros() + seconds * 1_000_000);
    for (assertion, says) in [
        ("nonsense".to_owned(), "it is not an assertion"),
        (signer.request(account, "default"), "it is not a snap-build assertion"),
        (signer.build(account, snap_id, b"other bytes"), "it is for another file, with the digest"),
        (
            signer.build_of(account, snap_id, &file, file.len() + 1),
            &*format!("and this one has {}", file.len()),
        ),
        (signer.build(account, &other_snap, &file), &*format!("it is for the snap id {other_snap}")),
        (others.build(&graces, snap_id, &file), "is not the publisher's, but another account's"),
        (others.build(account, snap_id, &file), "is not the publisher's, but another account's"),
        (signer.build(&graces, snap_id, &file), "it is in the name of the account"),
        (stranger.build(account, snap_id, &file), "is not registered: run snapcraft register-key"),
        (signer.build_at(account, snap_id, &file, file.len(), micros(-3600)), "before its key"),
        (signer.build_at(account, snap_id, &file, file.len(), micros(3600)), "is still to come"),
        (forged, "its signature by the key"),
    ] {
        stage.refused(&stage.push_with(&file, &assertion).await, says).await;
    }
    // What is no good for any file is refused before there is one.
    for (assertion, says) in [
        (signer.build(account, &other_snap, &file), "it is for the snap id"),
        (others.build(&graces, snap_id, &file), "another account's"),
        (stranger.build(account, snap_id, &file), "is not registered"),
        ("nonsense".to_owned(), "it is not an assertion"),
    ] {
        stage.send(&assertion).await.refused_saying(400, "invalid-field", says);
    }
    assert_eq!(stage.revisions().await, 0);
    stage.accepted(&stage.push_with(&file, &stage.build(&file)).await, 1).await;
}

#[tokio::test]
async fn an_expired_key_admits_nothing_also_what_it_signed_in_its_time() {
    let stage = Stage::on(TestApp::start(List::Embedded).await).await;
    let file = snap("thing", "1");
    let signed_in_time = stage.build(&file);
    let next = Signer::new(&stage.app.clock).await;
    let keys = stage.app.log_in_for(&stage.app.publisher, &["modify_account_key"]).await;
    stage.app.register_key(&keys, &next.request(&stage.account, "default")).await.success();
    // The overlap of a rotation is over.
    stage.app.advance(31 * 24 * 3600);
    let held = stage.app.log_in(&stage.app.publisher).await;
    let stage = Stage { held, ..stage };
    let says = format!("its key {} expired at ", stage.signer.id());
    stage.refused(&stage.push_with(&file, &signed_in_time).await, &says).await;
    stage.refused(&stage.push_with(&file, &stage.build(&file)).await, &says).await;
    let stage = Stage { signer: next, ..stage };
    stage.accepted(&stage.push_with(&file, &stage.build(&file)).await, 1).await;
}

#[tokio::test]
async fn a_policy_that_only_observes_accepts_and_tells_what_it_would_have_refused() {
    let stage = Stage::on(TestApp::start(List::Embedded).await).await;
    stage.app.set_policy(&stage.held, "thing", "observe").await.success();
    let (unsigned, signed) = (snap("thing", "1"), snap("thing", "2"));
    let pushed = stage.push(&stage.held, &unsigned).await;
    stage.accepted(&pushed, 1).await;
    let status = stage.settled(&pushed).await;
    let would = status["signed_uploads"]["would_be_refused"].as_str().unwrap();
    assert!(would.contains(NEEDS), "{would}");
    let shown = stage.app.get("/v1/packages/thing/policy", Some(&stage.held.header())).await.success();
    assert_eq!(
        (&shown["observed"][0]["revision"], &shown["observed"][0]["reason"]),
        (&json!(1), &json!(would))
    );
    let pushed = stage.push_with(&signed, &stage.build(&signed)).await;
    stage.accepted(&pushed, 2).await;
    assert_eq!(stage.settled(&pushed).await["signed_uploads"], Value::Null);
}

#[tokio::test]
async fn a_credential_may_demand_a_signature_for_itself_alone() {
    let stage = Stage::with_wait(Duration::from_millis(300)).await;
    stage.app.set_policy(&stage.held, "thing", "off").await.success();
    let (one, two) = (snap("thing", "1"), snap("thing", "2"));
    let narrowed = stage.held.narrowed(&Predicate::BuildKey(vec![stage.signer.id()]));
    stage.refused(&stage.push(&narrowed, &one).await, "It is this credential that asks for it").await;
    stage.accepted(&stage.push(&stage.held, &one).await, 1).await;
    stage.send(&stage.build(&two)).await.success();
    let others = stage.held.narrowed(&Predicate::BuildKey(vec!["a".repeat(64)]));
    stage.refused(&stage.push(&others, &two).await, "does not serve with this credential").await;
    stage.accepted(&stage.push(&narrowed, &two).await, 2).await;
}

#[tokio::test]
async fn a_push_that_waits_is_settled_once_its_process_is_gone() {
    let mut stage = Stage::on(TestApp::start(List::Embedded).await).await;
    let file = snap("thing", "1");
    let pushed = stage.push(&stage.held, &file).await;
    let path = stage.app.path_of(pushed["status_details_url"].as_str().unwrap());
    stage.app.restart().await;
    stage.send(&stage.build(&file)).await.success();
    assert_eq!(stage.app.get(&path, None).await.success()["processed"], false);
    stage.app.advance(60);
    let status = stage.app.get(&path, None).await.success();
    assert_eq!(status["code"], "processing_error", "{status}");
    assert!(status["errors"][0]["message"].as_str().unwrap().contains("interrupted"), "{status}");
    assert_eq!(stage.revisions().await, 0);
    stage.accepted(&stage.push(&stage.held, &file).await, 1).await;
}

#[tokio::test]
async fn what_is_revoked_while_a_push_waits_is_not_accepted_when_its_signature_comes() {
    let stage = Stage::on(TestApp::start(List::Embedded).await).await;
    let file = snap("thing", "1");
    let leaked = stage.held.on_channel("edge");
    let pushed = stage.push(&leaked, &file).await;
    stage.app.revoke(&stage.held, &leaked.leaked()).await.success();
    stage.send(&stage.build(&file)).await.success();
    let status = stage.settled(&pushed).await;
    assert!(status["errors"][0]["message"].as_str().unwrap().contains("was revoked at"), "{status}");
    assert_eq!(stage.revisions().await, 0);
}
