//! Several services on one database and one Redis: what one knows, all know.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::outage::Scene;
use crate::support::{Client, List, TestApp};

#[tokio::test]
async fn what_is_revoked_through_one_replica_is_refused_by_the_other() {
    let scene = Scene::start().await;
    let (app, own) = (&scene.app, &scene.own);
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    elsewhere.whoami(&scene.revoked).await.revoked();
    for number in 0..10 {
        let ci = own.on_channel(&format!("{number}/edge"));
        let (one, other): (&Client, &Client) =
            if number % 2 == 0 { (app, &elsewhere) } else { (&elsewhere, app) };
        other.whoami(&ci).await.success();
        let body = one.revoke(own, &json!({"text": ci.export()})).await.success();
        other.whoami(&ci).await.revoked();
        assert_eq!(body["revoked"][0]["position"], number + 2, "one journal");
    }
    elsewhere.whoami(own).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_disturbs_nobody_else_s_requests() {
    let scene = Scene::start().await;
    let (app, own) = (&scene.app, &scene.own);
    let other = app.log_in(&app.other).await;
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let asking = (0..8).map(|number| {
        let (client, held, done) = (
            if number % 2 == 0 { Client::clone(app) } else { elsewhere.clone() },
            other.clone(),
            done.clone(),
        );
        tokio::spawn(async move {
            let mut statuses = BTreeSet::new();
            while !done.load(Ordering::SeqCst) {
                statuses.insert(client.whoami(&held).await.status);
            }
            statuses
        })
    });
    let asking: Vec<_> = asking.collect();
    let mut revoked = BTreeSet::new();
    for number in 0..30 {
        let ci = own.on_channel(&format!("{number}/edge"));
        revoked.insert(app.revoke(own, &ci.leaked()).await.status);
    }
    done.store(true, Ordering::SeqCst);
    assert_eq!(revoked, BTreeSet::from([200]));
    for task in asking {
        // Redis is well all the time, so there is nothing that one could not tell.
        assert_eq!(task.await.unwrap(), BTreeSet::from([200]));
    }
}

#[tokio::test]
async fn several_replicas_need_a_shared_list() {
    let app = TestApp::start(List::Embedded).await;
    let refusal = app.another_replica().await.err().expect("a refusal").to_string();
    assert!(refusal.contains("another macaroond uses the data directory"), "{refusal}");
    assert!(refusal.contains("set redis.url"), "{refusal}");
}
