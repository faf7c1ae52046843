//! What is released where, in the forms of older clients: the tree that `status` and `promote` read, and the history of
//! revisions.

use caveats::Predicate;
use serde_json::{Value, json};

use crate::support::{Answer, Publisher, Snap, TestApp};

with_both_lists! {
    the_tree_shows_every_track_and_architecture,
}

/// A file for these architectures.
fn file(version: &str, architectures: &str) -> Vec<u8> {
    let more = format!("architectures: [{architectures}]\n");
    Snap { name: "thing", version, more: &more, compression: "xz" }.file()
}

async fn the_tree_shows_every_track_and_architecture(app: TestApp) {
    let publisher = Publisher::of(app).await;
    let (app, held, id) = (&publisher.app, &publisher.held, publisher.snap_id.as_str());
    let state = async |query: &str| {
        let answer = app.about(held, id, &format!("state{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    };
    let none = |channel: &str| json!({"channel": channel, "info": "none"});
    let tracking = |channel: &str| json!({"channel": channel, "info": "tracking"});
    let at = |channel: &str, revision: i64, version: &str| json!({"channel": channel, "info": "specific", "revision": revision, "version": version});
    let empty = json!([none("stable"), none("candidate"), none("beta"), none("edge")]);
    // Nothing is released: the architectures are those of the latest revision.
    assert_eq!(state("").await, json!({"channel_map_tree": {"latest": {"16": {"amd64": empty}}}}));

    app.publish(held, "thing", &file("2", "amd64, arm64")).await;
    app.make_tracks(held, "thing", &["2", "3"]).await.success();
    app.release(held, "thing", 1, &["candidate"]).await.success();
    app.release(held, "thing", 2, &["edge", "2/stable"]).await.success();
    let amd64 = json!([none("stable"), at("candidate", 1, "1.0"), tracking("beta"), at("edge", 2, "2")]);
    let arm64 = json!([none("stable"), none("candidate"), none("beta"), at("edge", 2, "2")]);
    let two = json!([at("stable", 2, "2"), tracking("candidate"), tracking("beta"), tracking("edge")]);
    let whole = json!({
        "channel_map_tree": {
            "latest": {"16": {"amd64": amd64, "arm64": arm64}},
            "2": {"16": {"amd64": two, "arm64": two}},
            "3": {"16": {"amd64": empty, "arm64": empty}},
        },
    });
    assert_eq!(state("").await, whole);
    assert_eq!(state("?series=16").await, whole);
    let one = json!({
        "channel_map_tree": {
            "latest": {"16": {"arm64": arm64}}, "2": {"16": {"arm64": two}}, "3": {"16": {"arm64": empty}},
        },
    });
    assert_eq!(state("?series=16&architecture=arm64").await, one);
    // Clients take the empty object for "not found".
    for query in ["?architecture=riscv64", "?series=16&architecture=", "?series=18"] {
        assert_eq!(state(query).await, json!({}), "{query}");
    }

    // What is closed falls back; what is closed for the last architecture is shown empty.
    let closed = app.close(held, id, &["edge", "2/stable"]).await.success();
    let tree = &closed["channel_map_tree"];
    assert_eq!(tree, &state("").await["channel_map_tree"]);
    let left = json!([none("stable"), at("candidate", 1, "1.0"), tracking("beta"), tracking("edge")]);
    assert_eq!(tree["latest"]["16"], json!({"amd64": left}));
    assert_eq!(tree["2"]["16"], json!({"amd64": empty}));
}

#[tokio::test]
async fn the_history_tells_where_each_revision_was_and_is() {
    let publisher = Publisher::start().await;
    let (app, held, id) = (&publisher.app, &publisher.held, publisher.snap_id.as_str());
    let history = async |query: &str| {
        let mut body = app.about(held, id, &format!("history{query}")).await.success();
        for line in body.as_array_mut().unwrap() {
            let when = line.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(when.as_str().unwrap().ends_with('Z'), "{when}");
        }
        body
    };
    app.publish(held, "thing", &file("2", "amd64, arm64")).await;
    app.make_tracks(held, "thing", &["2"]).await.success();
    app.release(held, "thing", 1, &["edge", "beta", "edge/fix"]).await.success();
    app.release(held, "thing", 2, &["edge", "2/stable"]).await.success();
    let line = |revision: i64, arch: &str, version: &str, channels: Value, current: Value| {
        json!({
            "series": ["16"], "revision": revision, "arch": arch, "version": version, "channels": channels,
            "current_channels": current,
        })
    };
    let both = json!(["2/stable", "edge"]);
    let arm64 = line(2, "arm64", "2", both.clone(), both.clone());
    let expected = json!([
        line(2, "amd64", "2", both.clone(), both.clone()),
        arm64,
        line(1, "amd64", "1.0", json!(["beta", "edge", "edge/fix"]), json!(["beta", "edge/fix"])),
    ]);
    assert_eq!(history("").await, expected);
    assert_eq!(history("?series=16").await, expected);
    assert_eq!(history("?series=16&arch=arm64").await, json!([arm64]));
    // snapcraft 2 takes an empty list for "not found".
    for query in ["?arch=riscv64", "?series=18"] {
        assert_eq!(history(query).await, json!([]), "{query}");
    }
}

#[tokio::test]
async fn of_a_snap_of_many_architectures_each_is_released_and_closed_for_all() {
    let publisher = Publisher::start().await;
    let (app, held, id) = (&publisher.app, &publisher.held, publisher.snap_id.as_str());
    app.publish(held, "thing", &file("2", "amd64, arm64, riscv64")).await;
    app.release(held, "thing", 2, &["stable"]).await.success();
    app.release(held, "thing", 1, &["stable"]).await.success();
    let map = app.channel_map(held, "thing").await.success();
    let mut shown: Vec<_> = map["channel-map"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["architecture"].as_str().unwrap(), entry["revision"].as_i64().unwrap()))
        .collect();
    shown.sort_unstable();
    assert_eq!(shown, [("amd64", 1), ("arm64", 2), ("riscv64", 2)]);
    let revisions: Vec<_> =
        map["revisions"].as_array().unwrap().iter().map(|revision| &revision["revision"]).collect();
    assert_eq!(revisions, [2, 1], "every revision that the map names, and no other");
    app.close(held, id, &["stable"]).await.success();
    let map = app.channel_map(held, "thing").await.success();
    assert_eq!((&map["channel-map"], &map["revisions"]), (&json!([]), &json!([])));
    let releases = app.releases(held, "thing").await.success();
    let lines = releases["releases"].as_array().unwrap();
    assert_eq!(lines.len(), 7);
    assert!(lines[..3].iter().all(|line| line["revision"].is_null() && line["channel"] == "latest/stable"));
}

#[tokio::test]
async fn only_who_may_read_about_a_snap_is_told() {
    let publisher = Publisher::start().await;
    let (app, held, id) = (&publisher.app, &publisher.held, publisher.snap_id.as_str());
    let theirs = app.log_in(&app.other).await;
    let pushing = app.log_in_for(&app.simple, &["package_push", "package_release"]).await;
    let elsewhere = held.narrowed(&Predicate::Packages(vec!["a".repeat(32)]));
    for what in ["state", "history"] {
        let about = async |held, id: &str| app.about(held, id, what).await;
        about(&pushing, id).await.refused_saying(403, "macaroon-permission-required", "package_access");
        about(&elsewhere, id).await.refused(403, "macaroon-permission-required");
        about(&theirs, id).await.refused(403, "resource-forbidden");
        for unknown in ["a".repeat(32), "thing".to_owned(), "%00".to_owned()] {
            about(held, &unknown).await.refused(404, "resource-not-found");
            // Who may not ask at all does not learn whether it is there.
            about(&pushing, &unknown).await.refused(403, "macaroon-permission-required");
        }
        let twice = app.about(held, id, &format!("{what}?series=16&series=16")).await;
        twice.refused_saying(400, "bad-request", "each at most once");
        let path = format!("/dev/api/snaps/{id}/{what}");
        app.get(&path, None).await.refused(401, "macaroon-authorization-required");
        let posted: Answer = app.post(&path, Some(&held.header()), &json!({})).await;
        posted.refused(405, "method-not-allowed");
    }
}
