//! A credential that is revoked while it is being used: what was begun with it is not kept. And the wider cuts.

use revocation::{NewRevocation, Reach, Revocation, Subject};
use serde_json::json;
use service::authorization::authorized::Authorized;
use service::authorization::{Attempt, Target};
use service::publishing::accept_upload::{self, AcceptError, Admission, Claim, PushSlot};
use service::publishing::builds;
use service::publishing::register_name::{self, RegisterError, Visibility};
use service::publishing::release::{self, ReleaseError};
use service::publishing::tracks::{self, NewTrack, Replace, TrackError};
use service::publishing::workspace::CommitError;

use crate::support::{Held, List, Signer, TestApp, snap};

with_both_lists! {
    a_credential_that_is_revoked_during_an_operation_keeps_nothing,
    a_cut_of_a_package_ends_what_touches_it_and_nothing_else,
}

async fn a_credential_that_is_revoked_during_an_operation_keeps_nothing(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    app.publish(&own, "thing", &snap("thing", "1")).await;
    let ci = own.on_channel("edge");
    let id = app.uploaded(&snap("thing", "2")).await;
    let file = app.state().records.upload(&id.parse().unwrap()).await.unwrap();
    let on_thing = Attempt { target: Target::Named("thing"), ..Attempt::default() };
    let (pushing, releasing) =
        (authorized(&app, &ci, &on_thing).await, authorized(&app, &ci, &on_thing).await);
    let registering = authorized(&app, &ci, &Attempt::default()).await;

    app.revoke(&own, &ci.leaked()).await.success();

    let publishing = &app.state().workspace;
    let edge = ["edge".parse().unwrap()];
    let claim = Claim { file: file.as_ref(), size: None, channels: &[] };
    let prepared = accept_upload::prepare(publishing, &pushing, claim).await.unwrap();
    let (admission, place) = (Admission::Unsigned, PushSlot::New);
    let pushed = accept_upload::accept(publishing, &pushing, &prepared, &admission, &edge, place).await;
    assert!(matches!(pushed, Err(AcceptError::Commit(CommitError::Revoked(_)))), "{pushed:?}");
    let pushed = accept_upload::refuse_delta(publishing, &pushing, claim).await;
    assert!(matches!(pushed, Err(AcceptError::Commit(CommitError::Revoked(_)))), "{pushed:?}");
    let released = release::release(publishing, &releasing, 1, &edge).await;
    assert!(matches!(released, Err(ReleaseError::Commit(CommitError::Revoked(_)))), "{released:?}");
    let closed = release::close(publishing, &releasing, &edge).await;
    assert!(matches!(closed, Err(ReleaseError::Commit(CommitError::Revoked(_)))), "{closed:?}");
    let wanted = [NewTrack { name: "2.0".parse().unwrap(), version_pattern: None }];
    let made = tracks::make(publishing, &releasing, &wanted).await;
    assert!(matches!(made, Err(TrackError::Commit(CommitError::Revoked(_)))), "{made:?}");
    let chosen = tracks::set_default(publishing, &releasing, Some("latest"), Replace::Always).await;
    assert!(matches!(chosen, Err(TrackError::Commit(CommitError::Revoked(_)))), "{chosen:?}");
    let name = "another".parse().unwrap();
    let registered = register_name::register(publishing, &registering, name, Visibility::Public).await;
    assert!(matches!(registered, Err(RegisterError::Commit(CommitError::Revoked(_)))), "{registered:?}");

    let listed = app.releases(&own, "thing").await.success();
    assert_eq!(listed["revisions"].as_array().unwrap().len(), 1);
    assert_eq!(listed["releases"], json!([]));
    let snap = app.channel_map(&own, "thing").await.success()["snap"].clone();
    assert_eq!((snap["tracks"].as_array().unwrap().len(), &snap["default-track"]), (1, &json!(null)));
    assert_eq!(app.register(&own, "another").await.status, 201);
    let body = json!({"name": "thing", "updown_id": id});
    assert_eq!(app.push(&own, &body).await.status, 202, "the file is still there to be claimed");
}

/// The proof that a request begun now would hold.
async fn authorized(app: &TestApp, held: &Held, attempt: &Attempt<'_>) -> Authorized {
    let bundle = caveats::Bundle::from_header(&held.header()).unwrap();
    app.state().authorizer.authorize(bundle, attempt).await.unwrap()
}

#[tokio::test]
async fn what_stands_in_the_journal_alone_already_keeps_anything_from_being_kept() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    app.publish(&own, "thing", &snap("thing", "1")).await;
    let id = app.uploaded(&snap("thing", "2")).await;
    // As if another replica had recorded it and not yet told the list.
    let family = Subject::Family(own.token_id().parse().unwrap());
    app.state().records.record_revocations(&[revocation(&app, family, Reach::All)]).await.unwrap();
    app.push(&own, &json!({"name": "thing", "updown_id": id})).await.revoked();
    app.release(&own, "thing", 1, &["edge"]).await.revoked();
    app.register(&own, "another").await.revoked();
    assert_eq!(
        (app.count("revisions").await, app.count("releases").await, app.count("snaps").await),
        (1, 0, 1)
    );
}

fn revocation(app: &TestApp, subject: Subject, reach: Reach) -> NewRevocation {
    let cut = Revocation { reach, at: app.clock.now(), reason: "a test".to_owned() };
    NewRevocation { subject, cut, actor: "nobody".to_owned(), leaked: false, forget_at: None }
}

async fn a_cut_of_a_package_ends_what_touches_it_and_nothing_else(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let snap_id = app.register(&own, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
    app.register(&own, "another").await.success();
    app.advance(1);
    let revoke = async |subject: Subject, reach: Reach| {
        app.state().revocations.revoke(vec![revocation(&app, subject, reach)]).await.unwrap();
    };
    revoke(Subject::Package(snap_id.parse().unwrap()), Reach::LoggedInBefore(app.clock.now())).await;
    app.channel_map(&own, "thing").await.revoked();
    app.channel_map(&own, "another").await.success();
    app.whoami(&own).await.success();
    let again = app.log_in(&app.publisher).await;
    app.channel_map(&again, "thing").await.success();

    app.advance(1);
    revoke(Subject::Everything, Reach::LoggedInBefore(app.clock.now())).await;
    app.whoami(&own).await.revoked();
    app.whoami(&again).await.revoked();
    let after = app.log_in(&app.publisher).await;
    app.whoami(&after).await.success();

    let key = std::str::from_utf8(after.root.identifier()).unwrap().split('.').nth(1).unwrap().to_owned();
    revoke(Subject::RootKey(key.parse().unwrap()), Reach::All).await;
    app.whoami(&after).await.revoked();
    app.whoami(&app.log_in(&app.publisher).await).await.revoked();
}

#[tokio::test]
async fn a_policy_that_is_tightened_and_a_key_that_is_revoked_meanwhile_keep_anything_from_being_kept() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let signer = Signer::new(&app.clock).await;
    let account = app.account(&own).await.success()["id"].as_str().unwrap().to_owned();
    let keys = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    app.register_key(&keys, &signer.request(&account, "default")).await.success();
    let snap_id = app.register(&own, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
    let bytes = snap("thing", "1");
    let id = app.uploaded(&bytes).await;
    let file = app.state().records.upload(&id.parse().unwrap()).await.unwrap();
    let on_thing = Attempt { target: Target::Named("thing"), ..Attempt::default() };
    let proof = authorized(&app, &own, &on_thing).await;
    let publishing = &app.state().workspace;
    let claim = Claim { file: file.as_ref(), size: None, channels: &[] };
    let prepared = accept_upload::prepare(publishing, &proof, claim).await.unwrap();
    let accept = async |admission: Admission| {
        accept_upload::accept(publishing, &proof, &prepared, &admission, &[], PushSlot::New).await
    };

    app.set_policy(&own, "thing", "observe").await.success();
    let unsigned = accept(Admission::Unsigned).await;
    assert!(matches!(unsigned, Err(AcceptError::Changed)), "{unsigned:?}");
    app.set_policy(&own, "thing", "required").await.success();
    let observed = accept(Admission::Observed("nobody signed".to_owned())).await;
    assert!(matches!(observed, Err(AcceptError::Changed)), "{observed:?}");

    let build = signer.build(&account, &snap_id, &bytes);
    let judged =
        builds::candidates(publishing, &prepared.snap, prepared.identity(), Some(&build)).await.unwrap();
    let by_key = judged[0].clone().unwrap();
    app.revoke_key(&own, &signer.id(), &json!({})).await.success();
    let revoked = accept(Admission::Signed(by_key)).await;
    assert!(matches!(revoked, Err(AcceptError::Commit(CommitError::KeyRevoked(_)))), "{revoked:?}");
    assert_eq!((app.count("revisions").await, app.count("pushes").await), (0, 0));
}
