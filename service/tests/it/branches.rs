//! Branches: they end by themselves, thirty days after the last release to them, in whatever form a client asks.

use serde_json::{Value, json};
use timestamp::Timestamp;

use crate::support::{Publisher, TestApp, snap};

const DAY: u64 = 24 * 60 * 60;

with_both_lists! {
    a_branch_ends_thirty_days_after_its_last_release,
}

async fn a_branch_ends_thirty_days_after_its_last_release(app: TestApp) {
    let publisher = Publisher::of(app).await;
    let (app, held) = (&publisher.app, &publisher.held);
    app.publish(held, "thing", &snap("thing", "2.0")).await;
    app.release(held, "thing", 1, &["edge"]).await.success();
    app.release(held, "thing", 2, &["edge/fix"]).await.success();
    app.advance(29 * DAY);
    // Discharges live a day; this is another login of the same person.
    let held = &app.log_in(&app.simple).await;
    let end = ends(&publisher.app.channel_map(held, "thing").await.success());
    let before = app.clock.now();
    assert!(before < end && end <= before.add_secs(86_400).unwrap(), "{end}");

    let released = app.release(held, "thing", 2, &["edge/fix"]).await.success();
    let after = app.clock.now();
    let thirty = |moment: Timestamp| moment.add_secs(30 * 86_400).unwrap();
    let map = app.channel_map(held, "thing").await.success();
    let end = ends(&map);
    assert!((thirty(before)..=thirty(after)).contains(&end), "a release begins the time anew: {end}");
    // The old form has the same moment, without a zone.
    let entry = released["channel_map_tree"]["latest"]["16"]["amd64"][4].clone();
    let expected = json!({
        "channel": "edge/fix", "info": "branch", "revision": 2, "version": "2.0", "expires_at": end.to_string(),
    });
    assert_eq!(entry, expected);
    let state = app.about(held, &publisher.snap_id, "state").await.success();
    assert_eq!(state["channel_map_tree"], released["channel_map_tree"]);
    let listed = app.releases(held, "thing").await.success();
    assert_eq!(listed["releases"][0]["expiration-date"], map["channel-map"][0]["expiration-date"]);

    app.advance(30 * DAY);
    let held = &app.log_in(&app.simple).await;
    let map = app.channel_map(held, "thing").await.success();
    assert_eq!(channels(&map), ["latest/edge"], "the branch falls back to its channel");
    assert!(map["snap"]["channels"].as_array().unwrap().iter().all(|channel| channel["branch"].is_null()));
    let state = app.about(held, &publisher.snap_id, "state").await.success();
    let entries = state["channel_map_tree"]["latest"]["16"]["amd64"].as_array().unwrap().clone();
    assert_eq!(entries.len(), 4, "{entries:?}");
    // snapcraft takes the first line of a channel for what it shows.
    let listed = app.releases(held, "thing").await.success();
    let first = &listed["releases"][0];
    assert_eq!((&first["channel"], &first["revision"]), (&json!("latest/edge/fix"), &json!(null)));
    assert_eq!((&first["when"], &first["expiration-date"]), (&json!(format!("{end}Z")), &json!(null)));
    assert_eq!(listed["releases"].as_array().unwrap().len(), 4);
    let history = app.about(held, &publisher.snap_id, "history").await.success();
    assert_eq!(
        (&history[0]["channels"], &history[0]["current_channels"]),
        (&json!(["edge/fix"]), &json!([]))
    );
}

#[tokio::test]
async fn a_branch_that_has_ended_can_be_closed_and_released_to_again() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    app.release(&publisher.held, "thing", 1, &["edge/fix", "beta/fix"]).await.success();
    app.advance(30 * DAY);
    let held = &app.log_in(&app.simple).await;
    let closed = app.close(held, &publisher.snap_id, &["edge/fix"]).await.success();
    assert_eq!(closed["closed_channels"], json!(["edge/fix"]));
    app.release(held, "thing", 1, &["beta/fix"]).await.success();
    let map = app.channel_map(held, "thing").await.success();
    assert_eq!(channels(&map), ["latest/beta/fix"]);
    let lines = app.releases(held, "thing").await.success();
    let lines: Vec<(&str, Option<i64>)> = lines["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["channel"].as_str().unwrap(), line["revision"].as_i64()))
        .collect();
    let (edge, beta) = ("latest/edge/fix", "latest/beta/fix");
    assert_eq!(lines.first(), Some(&(beta, Some(1))));
    assert_eq!(lines.len(), 5);
    assert!(lines[1..3].contains(&(edge, None)) && lines[1..3].contains(&(beta, None)), "{lines:?}");
}

#[tokio::test]
async fn each_architecture_of_a_branch_ends_by_itself() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    let arm = crate::support::Snap {
        name: "thing",
        version: "1.0",
        more: "architectures: [arm64]\n",
        compression: "xz",
    };
    app.publish(&publisher.held, "thing", &arm.file()).await;
    app.release(&publisher.held, "thing", 2, &["edge/fix"]).await.success();
    app.advance(20 * DAY);
    let held = &app.log_in(&app.simple).await;
    app.release(held, "thing", 1, &["edge/fix"]).await.success();
    app.advance(10 * DAY);
    let held = &app.log_in(&app.simple).await;
    let map = app.channel_map(held, "thing").await.success();
    let left: Vec<_> =
        map["channel-map"].as_array().unwrap().iter().map(|entry| &entry["architecture"]).collect();
    assert_eq!(left, ["amd64"]);
}

fn ends(map: &Value) -> Timestamp {
    let branch = map["channel-map"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["channel"] == "latest/edge/fix")
        .unwrap();
    branch["expiration-date"].as_str().unwrap().parse().unwrap()
}

fn channels(map: &Value) -> Vec<&str> {
    map["channel-map"].as_array().unwrap().iter().map(|entry| entry["channel"].as_str().unwrap()).collect()
}
