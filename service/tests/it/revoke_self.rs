//! A credential that ends itself.

use caveats::Predicate;
use serde_json::{Value, json};

use crate::support::{Answer, Held, List, TestApp};

with_both_lists! {
    it_is_dead_with_its_descendants_and_nothing_else_is,
}

async fn burn(app: &TestApp, held: &Held, body: &Value) -> Answer {
    app.post("/v1/revocations/self", Some(&held.header()), body).await
}

async fn it_is_dead_with_its_descendants_and_nothing_else_is(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let ci = own.on_channel("edge");
    let child = ci.on_channel("edge/fix");
    let body = burn(&app, &ci, &json!({"reason": "the job is done"})).await.success();
    assert_eq!(body["revoked"][0]["kind"], "credential");
    assert_eq!(body["revoked"][0]["token_id"], own.token_id());
    for dead in [&ci, &child] {
        assert!(app.whoami(dead).await.revoked().message().contains("the job is done"));
    }
    app.whoami(&own).await.success();
    // Again, and by a child that is dead with it.
    let again = burn(&app, &ci, &json!({})).await.success();
    assert_eq!(again["revoked"], body["revoked"]);
    burn(&app, &child, &json!({})).await.success();
    assert_eq!(app.count("revocations").await, 2);
}

#[tokio::test]
async fn whatever_stands_in_its_way_elsewhere_does_not_here() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let soon = app.clock.now().add_secs(60).unwrap();
    let listing = app.log_in_for(&app.security, &["credential_list"]).await;
    app.advance(25 * 3600);
    app.whoami(&own).await.refused(401, "macaroon-needs-refresh");
    for held in [
        own.on_channel("edge"),
        own.narrowed(&Predicate::Expires(soon)),
        own.narrowed(&Predicate::SourceIp(vec!["192.0.2.1".to_owned()])),
        own.with_caveat("myapps.developer.ubuntu.com|colour|blue"),
        listing,
    ] {
        burn(&app, &held, &json!({})).await.success();
    }
    // Without a body as well.
    let request = app.request(reqwest::Method::POST, "/v1/revocations/self");
    Answer::to(request.header("Authorization", own.header())).await.success();
    app.whoami(&own).await.revoked();
}

#[tokio::test]
async fn what_is_not_a_whole_credential_of_this_service_is_refused() {
    let app = TestApp::start(List::Embedded).await;
    let theirs = TestApp::start(List::Embedded).await;
    let (own, foreign) = (app.log_in(&app.publisher).await, theirs.log_in(&theirs.publisher).await);
    let path = "/v1/revocations/self";
    app.post(path, None, &json!({})).await.refused(401, "macaroon-authorization-required");
    burn(&app, &foreign, &json!({})).await.dead("not valid here");
    let root_alone = format!("Macaroon root={}", own.root.to_v1());
    app.post(path, Some(&root_alone), &json!({})).await.dead("not valid here");
    let unbound = format!("Macaroon root={}, discharge={}", own.root.to_v1(), own.discharge.to_v1());
    app.post(path, Some(&unbound), &json!({})).await.dead("not valid here");
    burn(&app, &own, &json!({"colour": "blue"})).await.refused(400, "bad-request");
    burn(&app, &own, &json!({"reason": 7})).await.refused(400, "bad-request");
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn it_is_not_acknowledged_while_the_list_is_out_of_reach() {
    let app = TestApp::start(List::Redis).await;
    let own = app.log_in(&app.publisher).await;
    app.redis().freeze();
    let answer = burn(&app, &own, &json!({})).await;
    assert!(answer.undecided().message().contains("NOT YET ACKNOWLEDGED"), "{answer:?}");
}
