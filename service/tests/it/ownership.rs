//! Whose a package is, and what an account may still do.

use caveats::Predicate;
use serde_json::json;

use crate::support::{Held, Publisher, STORE, snap};

#[tokio::test]
async fn a_wrong_package_is_refused_and_named() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    let other = app.register(&publisher.held, "another").await.success()["snap_id"].clone();
    let held = publisher.held.narrowed(&Predicate::Packages(vec![publisher.snap_id.clone()]));
    let pushed = json!({"name": "another", "dry_run": true});
    for answer in [
        app.channel_map(&held, "another").await,
        app.releases(&held, "another").await,
        app.release(&held, "another", 1, &["edge"]).await,
        app.push(&held, &pushed).await,
    ] {
        answer.refused_saying(403, "macaroon-permission-required", other.as_str().unwrap());
        assert_eq!(answer.body["error_list"][0]["extra"]["permission"], "package_id", "{answer:?}");
    }
    let answer = app.register(&held, "third").await;
    answer.refused_saying(403, "macaroon-permission-required", "can't create a package");
    // The older spelling of the caveat means the same.
    let old = publisher.held.with_caveat(&format!("{}|snap_id|[\"{}\"]", STORE, other.as_str().unwrap()));
    app.channel_map(&old, "another").await.success();
    app.channel_map(&old, "thing").await.refused(403, "macaroon-permission-required");
}

#[tokio::test]
async fn somebody_else_s_snap_is_refused_and_an_unknown_one_is_not_found() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    let theirs = app.log_in(&app.other).await;
    let each = async |held: &Held, name: &str| {
        vec![
            app.channel_map(held, name).await,
            app.releases(held, name).await,
            app.release(held, name, 1, &["edge"]).await,
            app.push(held, &json!({"name": name, "dry_run": true})).await,
            app.push(held, &json!({"name": name, "updown_id": "x"})).await,
        ]
    };
    for answer in each(&theirs, "thing").await {
        answer.refused_saying(403, "resource-forbidden", "not the publisher of the snap 'thing'");
    }
    for answer in each(&theirs, "nothing-here").await {
        answer.refused_saying(404, "resource-not-found", "'nothing-here' does not exist");
    }
    app.close(&theirs, &publisher.snap_id, &["edge"]).await.refused_saying(
        403,
        "resource-forbidden",
        "not the publisher of the snap 'thing'",
    );
    for unknown in ["a".repeat(32), "nothing-here".to_owned()] {
        app.close(&theirs, &unknown, &["edge"]).await.refused(404, "resource-not-found");
    }
    let id = app.uploaded(&snap("thing", "2")).await;
    let body = json!({"name": "thing", "updown_id": id});
    app.push(&theirs, &body).await.refused(403, "resource-forbidden");
    assert_eq!(app.push(&publisher.held, &body).await.status, 202, "the refused push has claimed nothing");
    let account = app.account(&theirs).await.success();
    assert_eq!(account["snaps"]["16"], json!({}));
}

#[tokio::test]
async fn an_account_that_has_lost_its_role_loses_what_it_could_do_at_once() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    app.sso.set_groups(app.simple.email, Vec::new()).unwrap();
    // The service learns of it at the next login or refresh.
    let root = app.root(&["package_access"]).await;
    app.attempt(&root, &app.simple, None).await.refused(403, "resource-forbidden");
    let answer = app.channel_map(&publisher.held, "thing").await;
    answer.refused(403, "resource-forbidden");
    assert_eq!(answer.body["error_list"][0]["extra"]["permissions"], json!(["package_access"]));
}
