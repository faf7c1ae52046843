//! Publishing: a name, a file, a revision, a release, and how each is shown.

use serde_json::{Value, json};

use crate::support::{List, Snap, TestApp, digest, snap};

with_both_lists! {
    a_snap_is_registered_uploaded_released_and_shown,
}

async fn a_snap_is_registered_uploaded_released_and_shown(app: TestApp) {
    let held = app.log_in(&app.publisher).await;
    let registered = app.register(&held, "thing").await;
    assert_eq!(registered.status, 201);
    let snap_id = registered.success()["snap_id"].as_str().unwrap().to_owned();
    assert_eq!(snap_id.len(), 32);

    app.push(&held, &json!({"name": "thing", "dry_run": true})).await.success();
    let file = snap("thing", "1.0");
    let uploaded = app.upload(&file).await;
    assert_eq!(uploaded.status, 200);
    let uploaded = uploaded.success();
    assert_eq!(uploaded["successful"], true);
    let body = json!({
        "name": "thing", "series": "16", "updown_id": uploaded["upload_id"],
        "binary_filesize": file.len(), "source_uploaded": false,
    });
    let pushed = app.push(&held, &body).await;
    assert_eq!(pushed.status, 202);
    let pushed = pushed.success();
    assert_eq!(pushed["success"], true);
    let url = pushed["status_details_url"].as_str().unwrap();
    let path = url.strip_prefix(&app.url("")).expect("an absolute URL of the dashboard").to_owned();

    // snapcraft 2 to 6 ask without a header, later ones with it; both ask the same URL.
    for header in [None, Some(held.header())] {
        let status = app.get(&path, header.as_deref()).await;
        assert_eq!(status.status, 200);
        let expected =
            json!({"processed": true, "code": "ready_to_release", "can_release": true, "revision": 1});
        assert_eq!(status.body, expected);
    }

    app.make_tracks(&held, "thing", &["2.0"]).await.success();
    let released = app.release(&held, "thing", 1, &["edge", "2.0/beta/fix"]).await;
    assert_eq!(released.status, 200);
    let released = released.success();
    assert_eq!(released["success"], true);
    assert_eq!(released["opened_channels"], json!(["edge", "2.0/beta/fix"]));
    assert_eq!(
        released["channel_map_tree"]["latest"]["16"]["amd64"],
        json!([
            {"channel": "stable", "info": "none"},
            {"channel": "candidate", "info": "none"},
            {"channel": "beta", "info": "none"},
            {"channel": "edge", "info": "specific", "revision": 1, "version": "1.0"},
        ])
    );

    let listed = app.releases(&held, "thing").await.success();
    let revision = &listed["revisions"][0];
    assert_eq!(revision["sha3-384"], digest(&file));
    assert_eq!(revision["size"], file.len());
    assert_eq!(revision["version"], "1.0");
    assert_eq!(listed["releases"].as_array().unwrap().len(), 2);
    let map = app.channel_map(&held, "thing").await.success();
    assert_eq!(map["snap"]["name"], "thing");
    assert_eq!(map["channel-map"].as_array().unwrap().len(), 2);
    let account = app.account(&held).await.success();
    assert_eq!(account["snaps"]["16"]["thing"]["snap-id"], snap_id);
}

#[tokio::test]
async fn the_channel_map_has_the_shape_that_clients_validate() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.publish(&held, "thing", &snap("thing", "1.0")).await;
    app.publish(&held, "thing", &snap("thing", "2.0+git~1")).await;
    app.make_tracks(&held, "thing", &["2.0"]).await.success();
    app.release(&held, "thing", 1, &["stable"]).await.success();
    app.release(&held, "thing", 2, &["edge", "edge/fix-1", "2.0/candidate"]).await.success();
    app.release(&held, "thing", 2, &["stable"]).await.success();
    let mut map = app.channel_map(&held, "thing").await.success();
    let mut whens = Vec::new();
    for entry in map["channel-map"].as_array_mut().unwrap() {
        whens.push(entry.as_object_mut().unwrap().remove("when").unwrap());
        if entry["channel"] == "latest/edge/fix-1" {
            // What of it is a moment, and when it is, branches.rs looks at.
            whens.push(std::mem::take(&mut entry["expiration-date"]));
        }
    }
    for track in map["snap"]["tracks"].as_array_mut().unwrap() {
        whens.push(track.as_object_mut().unwrap().remove("creation-date").unwrap());
    }
    assert!(whens.iter().all(is_rfc3339), "{whens:?}");
    let progressive = json!({"paused": null, "percentage": null, "current-percentage": null});
    let entry = |channel: &str| {
        json!({
            "architecture": "amd64", "channel": channel, "expiration-date": null, "revision": 2,
            "progressive": progressive,
        })
    };
    let channel = |track: &str, risk: &str, branch: Option<&str>, fallback: Option<&str>| {
        let name = [Some(track), Some(risk), branch].into_iter().flatten().collect::<Vec<_>>().join("/");
        json!({"name": name, "track": track, "risk": risk, "branch": branch, "fallback": fallback})
    };
    let track = |name: &str| json!({"name": name, "status": "active", "version-pattern": null});
    sort(&mut map["channel-map"], "channel");
    let expected = json!({
        "channel-map": [
            entry("2.0/candidate"), entry("latest/edge"), entry("latest/edge/fix-1"), entry("latest/stable"),
        ],
        "revisions": [{"revision": 2, "version": "2.0+git~1", "architectures": ["amd64"]}],
        "snap": {
            "name": "thing",
            "channels": [
                channel("2.0", "stable", None, None),
                channel("2.0", "candidate", None, Some("2.0/stable")),
                channel("2.0", "beta", None, Some("2.0/candidate")),
                channel("2.0", "edge", None, Some("2.0/beta")),
                channel("latest", "stable", None, None),
                channel("latest", "candidate", None, Some("latest/stable")),
                channel("latest", "beta", None, Some("latest/candidate")),
                channel("latest", "edge", None, Some("latest/beta")),
                channel("latest", "edge", Some("fix-1"), Some("latest/edge")),
            ],
            "tracks": [track("2.0"), track("latest")],
            "default-track": null,
        },
    });
    assert_eq!(map, expected);
}

#[tokio::test]
async fn the_releases_have_the_shape_that_clients_validate() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let more = "architectures: [amd64, arm64]\nconfinement: classic\ngrade: devel\n";
    let file = Snap { name: "thing", version: "1.0", more, compression: "gzip" }.file();
    app.publish(&held, "thing", &file).await;
    let second = Snap { more: "", compression: "zstd", name: "thing", version: "2" }.file();
    app.publish(&held, "thing", &second).await;
    app.make_tracks(&held, "thing", &["2.0"]).await.success();
    app.release(&held, "thing", 1, &["2.0/beta/fix"]).await.success();
    let mut body = app.releases(&held, "thing").await.success();
    let mut whens = Vec::new();
    for (list, member) in [("releases", "when"), ("revisions", "created_at")] {
        for entry in body[list].as_array_mut().unwrap() {
            whens.push(entry.as_object_mut().unwrap().remove(member).unwrap());
        }
    }
    for release in body["releases"].as_array_mut().unwrap() {
        whens.push(std::mem::take(&mut release["expiration-date"]));
    }
    assert!(whens.iter().all(is_rfc3339), "{whens:?}");
    sort(&mut body["releases"], "architecture");
    let release = |architecture: &str| {
        json!({
            "architecture": architecture, "branch": "fix", "channel": "2.0/beta/fix", "expiration-date": null,
            "revision": 1, "risk": "beta", "track": "2.0",
        })
    };
    let expected = json!({
        "releases": [release("amd64"), release("arm64")],
        "revisions": [
            {
                "architectures": ["all"], "base": "core24", "build_url": null, "confinement": "strict",
                "grade": "stable", "revision": 2, "sha3-384": digest(&second), "size": second.len(),
                "status": "Unpublished", "version": "2",
            },
            {
                "architectures": ["amd64", "arm64"], "base": "core24", "build_url": null,
                "confinement": "classic", "grade": "devel", "revision": 1, "sha3-384": digest(&file),
                "size": file.len(), "status": "Published", "version": "1.0",
            },
        ],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_snap_of_every_compression_is_read() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    for (number, compression) in (1..).zip(["xz", "gzip", "lzo", "zstd", "lz4"]) {
        let file = Snap { name: "thing", version: compression, more: "", compression }.file();
        assert_eq!(app.publish(&held, "thing", &file).await, number, "{compression}");
    }
}

#[tokio::test]
async fn a_push_releases_to_the_channels_it_names() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let file = snap("thing", "1.0");
    let id = app.uploaded(&file).await;
    let body = json!({"name": "thing", "updown_id": id, "channels": ["edge", "beta"]});
    app.push(&held, &body).await.success();
    let releases = app.releases(&held, "thing").await.success();
    let mut channels: Vec<&str> = releases["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["channel"].as_str().unwrap())
        .collect();
    channels.sort_unstable();
    assert_eq!(channels, ["latest/beta", "latest/edge"]);
}

#[tokio::test]
async fn a_release_of_what_is_not_there_is_refused() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.publish(&held, "thing", &snap("thing", "1.0")).await;
    for (revision, channels, field, words) in [
        (json!("2"), json!(["edge"]), "revision", "There is no revision 2"),
        (json!(0), json!(["edge"]), "revision", "not the number of a revision"),
        (json!("-1"), json!(["edge"]), "revision", "not the number of a revision"),
        (json!("one"), json!(["edge"]), "revision", "not the number of a revision"),
        (json!(1.5), json!(["edge"]), "revision", "not the number of a revision"),
        (json!(null), json!(["edge"]), "revision", "not the number of a revision"),
        (json!("99999999999999999999"), json!(["edge"]), "revision", "not the number of a revision"),
        (json!("1"), json!([]), "channels", "names no channel"),
        (json!("1"), json!(["a/b/c"]), "channels", "Not a valid channel"),
        (json!("1"), json!(["edge", ""]), "channels", "Not a valid channel"),
        (json!("1"), json!(["2.*/edge"]), "channels", "Not a valid channel"),
    ] {
        let body = json!({"name": "thing", "revision": revision, "channels": channels});
        let answer = app.post("/dev/api/snap-release/", Some(&held.header()), &body).await;
        answer.refused_saying(400, "invalid-field", words);
        assert_eq!(answer.body["error_list"][0]["extra"]["field"], field, "{answer:?}");
        assert!(answer.body["errors"].is_string(), "snapcraft 2 to 6 prints it: {answer:?}");
    }
    let progressive = async |progressive: Value| {
        let body = json!({"name": "thing", "revision": 1, "channels": ["edge"], "progressive": progressive});
        app.post("/dev/api/snap-release/", Some(&held.header()), &body).await
    };
    for part in [
        json!({"percentage": 50, "paused": false}),
        json!({"percentage": 0}),
        json!({"percentage": 101}),
        json!({"percentage": -1}),
        json!({"percentage": 100, "paused": true}),
    ] {
        let answer = progressive(part).await;
        answer.refused_saying(400, "invalid-field", "Progressive");
        assert_eq!(answer.body["error_list"][0]["extra"]["field"], "progressive", "{answer:?}");
    }
    assert_eq!(app.releases(&held, "thing").await.success()["releases"], json!([]));
    // So snapcraft 4 to 6 spells a release to everybody.
    progressive(json!({"percentage": 100, "paused": false})).await.success();
}

fn is_rfc3339(value: &Value) -> bool {
    let text = value.as_str().unwrap();
    text.ends_with('Z') && text.parse::<timestamp::Timestamp>().is_ok()
}

fn sort(list: &mut Value, by: &str) {
    list.as_array_mut().unwrap().sort_by_key(|entry| entry[by].as_str().unwrap().to_owned());
}
