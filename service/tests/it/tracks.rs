//! Tracks: made before anything is released to them, with or without a pattern for versions, one of them the default.

use caveats::Predicate;
use serde_json::{Value, json};

use crate::support::{Answer, Held, Publisher, TestApp, snap};

with_both_lists! {
    a_track_is_made_and_released_to_and_shown,
}

async fn make(app: &TestApp, held: &Held, wanted: &Value) -> Answer {
    app.post("/v1/snap/thing/tracks", Some(&held.header()), wanted).await
}

async fn a_track_is_made_and_released_to_and_shown(app: TestApp) {
    let publisher = Publisher::of(app).await;
    let (app, held) = (&publisher.app, &publisher.held);
    let wanted = json!([{"name": "2.0", "version-pattern": "2\\.0.*"}, {"name": "1"}]);
    let made = make(app, held, &wanted).await;
    assert_eq!((made.status, &made.body), (201, &json!({"num-tracks-created": 2})));
    // What is there already, and the same, is not made again.
    let again = json!([{"name": "1", "version-pattern": null}, {"name": "latest"}, {"name": "lts"}]);
    assert_eq!(make(app, held, &again).await.success()["num-tracks-created"], 1);

    app.release(held, "thing", 1, &["1/edge", "lts"]).await.success();
    let map = app.channel_map(held, "thing").await.success();
    let tracks = map["snap"]["tracks"].as_array().unwrap();
    let shown: Vec<_> = tracks
        .iter()
        .map(|track| (track["name"].as_str().unwrap(), track["version-pattern"].as_str()))
        .collect();
    assert_eq!(shown, [("1", None), ("2.0", Some("2\\.0.*")), ("latest", None), ("lts", None)]);
    for track in tracks {
        assert_eq!(track["status"], "active", "{track}");
        assert!(track["creation-date"].as_str().unwrap().ends_with('Z'), "{track}");
    }
    // Every channel of every track is told, also of an empty one: clients look the names up.
    let channels = map["snap"]["channels"].as_array().unwrap();
    assert_eq!(channels.len(), 16);
    let released: Vec<_> = map["channel-map"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["channel"].as_str().unwrap())
        .collect();
    assert_eq!(released, ["lts/stable", "1/edge"]);
}

#[tokio::test]
async fn a_release_to_a_track_that_was_not_made_is_refused_as_every_client_reads_it() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    for channels in [&["2.0/edge"][..], &["edge", "2.0"], &["edge", "2.0/edge/fix"]] {
        for answer in [
            app.release(held, "thing", 1, channels).await,
            app.close(held, &publisher.snap_id, channels).await,
        ] {
            // Never a 404, which snapcraft 2 to 6 prints as "try snapcraft register".
            answer.refused_saying(400, "invalid-field", "no track '2.0' of this snap");
            assert!(answer.message().contains("POST /v1/snap/NAME/tracks"), "{answer:?}");
            assert_eq!(answer.body["errors"], answer.message());
        }
    }
    assert_eq!(app.releases(held, "thing").await.success()["releases"], json!([]), "not even a part");
    app.make_tracks(held, "thing", &["2.0"]).await.success();
    app.release(held, "thing", 1, &["edge", "2.0"]).await.success();
}

#[tokio::test]
async fn a_push_that_names_a_wrong_track_leaves_the_file_to_be_pushed_again() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    make(app, held, &json!([{"name": "3", "version-pattern": "3.*"}])).await.success();
    let id = app.uploaded(&snap("thing", "2.0")).await;
    let push = async |channel: &str| {
        app.push(held, &json!({"name": "thing", "updown_id": id, "channels": ["edge", channel]})).await
    };
    let answer = push("2/edge").await;
    answer.refused_saying(400, "invalid-field", "no track '2' of this snap");
    assert_eq!(answer.body["error_list"][0]["extra"]["field"], "channels", "{answer:?}");
    push("3/edge").await.refused_saying(400, "invalid-field", "does not take the version '2.0'");
    app.make_tracks(held, "thing", &["2"]).await.success();
    assert_eq!(push("2/edge").await.status, 202);
    let releases = app.releases(held, "thing").await.success();
    assert_eq!(releases["releases"].as_array().unwrap().len(), 2, "{releases}");
}

#[tokio::test]
async fn a_track_of_another_snap_is_none_of_this_one() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    app.publish(held, "another", &snap("another", "1")).await;
    app.make_tracks(held, "another", &["2.0"]).await.success();
    app.release(held, "another", 1, &["2.0/edge"]).await.success();
    app.release(held, "thing", 1, &["2.0/edge"]).await.refused_saying(400, "invalid-field", "no track '2.0'");
}

#[tokio::test]
async fn a_version_that_does_not_match_the_pattern_of_a_track_is_not_released_to_it() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    let wanted = json!([{"name": "2", "version-pattern": "2\\.\\d{1,3}"}]);
    make(app, held, &wanted).await.success();
    for version in ["2.7", "2.7-rc1", "12.7"] {
        app.publish(held, "thing", &snap("thing", version)).await;
    }
    app.release(held, "thing", 2, &["2/edge"]).await.success();
    for revision in [1, 3, 4] {
        let answer = app.release(held, "thing", revision, &["edge", "2/stable/fix"]).await;
        answer.refused_saying(400, "invalid-field", "The track '2' does not take the version '");
        assert_eq!(answer.body["error_list"][0]["extra"]["version-pattern"], "2\\.\\d{1,3}", "{answer:?}");
    }
    app.close(held, &publisher.snap_id, &["2/edge"]).await.success();
    assert_eq!(app.channel_map(held, "thing").await.success()["channel-map"], json!([]));
}

#[tokio::test]
async fn what_can_be_no_track_is_refused_and_nothing_is_made() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    make(app, held, &json!([{"name": "1", "version-pattern": "1.*"}])).await.success();
    let long = "a".repeat(29);
    for (wanted, code, words) in [
        (json!([{"name": "2.0"}, {"name": ""}]), "invalid-field", "between 1 and 28 characters"),
        (json!([{"name": "2.0"}, {"name": long}]), "invalid-field", "between 1 and 28 characters"),
        (json!([{"name": "2.0"}, {"name": "2..0"}]), "invalid-field", "single '.', '-' and '_'"),
        (json!([{"name": "2.0"}, {"name": "a/b"}]), "invalid-field", "only have ASCII letters"),
        (json!([{"name": "2.0"}, {"name": "a{b}"}]), "invalid-field", "only have ASCII letters"),
        (json!([{"name": "2.0"}, {"name": "edge"}]), "invalid-field", "not be the name of a risk"),
        (json!([{"name": "2.0", "version-pattern": "("}]), "invalid-field", "not a regular expression"),
        (json!([{"name": "2.0", "version-pattern": "(a)\\1"}]), "invalid-field", "not a regular expression"),
        (json!([{"name": "2.0", "version-pattern": ""}]), "invalid-field", "not a regular expression"),
        (json!([{"name": "2.0", "automatic-phasing-percentage": "50"}]), "invalid-field", "not phased here"),
        (json!([{"name": "2.0"}, {}]), "missing-field", "'name' is missing"),
        (json!([{"name": "2.0"}, "3.0"]), "bad-request", "not a JSON object"),
        (json!([{"name": "2.0"}, ["3.0"]]), "bad-request", "not a JSON object"),
        (json!([{"name": 2.0}]), "bad-request", "a string was expected"),
        (json!([]), "bad-request", "is empty"),
        (json!({"name": "2.0"}), "bad-request", "not a JSON list"),
    ] {
        make(app, held, &wanted).await.refused_saying(400, code, words);
    }
    for wanted in [
        json!([{"name": "2.0"}, {"name": "1"}]),
        json!([{"name": "2.0"}, {"name": "latest", "version-pattern": "2"}]),
    ] {
        make(app, held, &wanted).await.refused_saying(409, "conflict", "has another version pattern");
    }
    let names: Vec<String> = (0..99).map(|number| format!("a{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    app.make_tracks(held, "thing", &names).await.success();
    let more: Vec<String> = (0..100).map(|number| format!("b{number}")).collect();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    app.make_tracks(held, "thing", &more).await.success();
    app.make_tracks(held, "thing", &["c"]).await.refused_saying(409, "conflict", "may have 200 tracks");
    assert_eq!(app.count("tracks").await, 200);
}

#[tokio::test]
async fn making_a_track_needs_package_manage_and_the_publisher() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    for permissions in [
        &["package_update"][..],
        &["package_release", "package_push", "package_upload", "package_access", "package_register"],
    ] {
        let narrow = app.log_in_for(&app.simple, permissions).await;
        let answer = app.make_tracks(&narrow, "thing", &["2.0"]).await;
        answer.refused_saying(403, "macaroon-permission-required", "package_manage");
    }
    let other = held.narrowed(&Predicate::Packages(vec!["a".repeat(32)]));
    app.make_tracks(&other, "thing", &["2.0"]).await.refused(403, "macaroon-permission-required");
    let theirs = app.log_in(&app.other).await;
    app.make_tracks(&theirs, "thing", &["2.0"]).await.refused(403, "resource-forbidden");
    app.make_tracks(&theirs, "nothing-here", &["2.0"]).await.refused(404, "resource-not-found");
    let anonymous = app.post("/v1/snap/thing/tracks", None, &json!([{"name": "2.0"}])).await;
    anonymous.refused(401, "macaroon-authorization-required");
    assert_eq!(app.count("tracks").await, 0);
}

#[tokio::test]
async fn the_default_track_is_chosen_among_the_tracks() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    let shown = async || {
        let map = app.channel_map(held, "thing").await.success();
        let tracks = map["snap"]["tracks"].as_array().unwrap();
        let statuses: Vec<String> = tracks
            .iter()
            .map(|track| format!("{}: {}", track["name"], track["status"]).replace('"', ""))
            .collect();
        (map["snap"]["default-track"].clone(), statuses)
    };
    app.make_tracks(held, "thing", &["2.0"]).await.success();
    assert_eq!(shown().await, (json!(null), vec!["2.0: active".to_owned(), "latest: active".to_owned()]));
    publisher.set_default_track(held, "2.0").await.success();
    assert_eq!(shown().await, (json!("2.0"), vec!["2.0: default".to_owned(), "latest: active".to_owned()]));
    // snapcraft's "set-default-track" asks for package_update; package_manage includes it.
    for permission in ["package_update", "package_manage"] {
        let narrow = app.log_in_for(&app.simple, &[permission]).await;
        publisher.set_default_track(&narrow, "latest").await.success();
    }
    assert_eq!(shown().await.0, "latest");

    let path = format!("/dev/api/snaps/{}/metadata", publisher.snap_id);
    // POST is the one that refuses a conflict, PUT the one that forces.
    let set =
        async |track: Value| app.post(&path, Some(&held.header()), &json!({"default_track": track})).await;
    set(json!("latest")).await.success();
    for other in [json!("2.0"), json!(null)] {
        let answer = set(other.clone()).await;
        answer.refused_saying(409, "conflict", "The default track is 'latest'");
        let extra = json!({"name": "default_track", "current": "latest", "value": other});
        assert_eq!(answer.body["error_list"][0]["extra"], extra);
    }
    app.put(&path, Some(&held.header()), &json!({"default_track": null})).await.success();
    assert_eq!(shown().await.0, json!(null));
    set(json!("2.0")).await.success();

    let answer = publisher.set_default_track(held, "3.0").await;
    answer.refused_saying(400, "invalid-field", "no track '3.0' of this snap to be its default one");
    let answer = app.put(&path, Some(&held.header()), &json!({"default_track": ["2.0"]})).await;
    answer.refused_saying(400, "invalid-field", "not the name of a track");
    let narrow = app.log_in_for(&app.simple, &["package_release", "package_access"]).await;
    let answer = publisher.set_default_track(&narrow, "latest").await;
    answer.refused_saying(403, "macaroon-permission-required", "package_update");
    let theirs = app.log_in(&app.other).await;
    publisher.set_default_track(&theirs, "latest").await.refused(403, "resource-forbidden");
    assert_eq!(shown().await.0, "2.0");
}

#[tokio::test]
async fn of_two_that_make_tracks_at_once_each_track_is_made_once() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    for name in [["1"], ["2"], ["3"], ["4"], ["5"]] {
        let (one, other) =
            tokio::join!(app.make_tracks(held, "thing", &name), app.make_tracks(held, "thing", &name));
        let made = |answer: Answer| answer.success()["num-tracks-created"].as_i64().unwrap();
        assert_eq!(made(one) + made(other), 1, "{name:?}");
    }
}
