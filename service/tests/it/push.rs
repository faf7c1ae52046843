//! Pushing: a file becomes a revision once, if it is the snap that it is pushed as.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{List, TestApp, image, snap};

#[tokio::test]
async fn the_same_file_again_is_a_duplicate_and_no_revision() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let file = snap("thing", "1.0");
    assert_eq!(app.publish(&held, "thing", &file).await, 1);
    let id = app.uploaded(&file).await;
    let pushed = app.push(&held, &json!({"name": "thing", "updown_id": id})).await;
    assert_eq!(pushed.status, 202);
    let status = app.status(&pushed.success()).await.success();
    assert_eq!(status["processed"], true);
    assert_eq!(status["code"], "processing_error");
    assert!(status["errors"][0]["message"].as_str().unwrap().starts_with("Duplicate snap already uploaded"));
    assert_eq!(app.releases(&held, "thing").await.success()["revisions"].as_array().unwrap().len(), 1);
    assert_eq!(app.blobs().len(), 1, "the second copy is thrown away");
}

#[tokio::test]
async fn a_delta_is_answered_so_that_the_client_sends_the_whole_file() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let id = app.uploaded(b"a delta").await;
    let body = json!({
        "name": "thing", "updown_id": id, "binary_filesize": 7, "delta_format": "xdelta3", "delta_hash": "a",
        "source_hash": "b", "target_hash": "c",
    });
    let pushed = app.push(&held, &body).await;
    assert_eq!(pushed.status, 202);
    let status = app.status(&pushed.success()).await.success();
    assert_eq!(
        (&status["processed"], &status["code"]),
        (&json!(true), &json!("processing_upload_delta_error"))
    );
    assert!(app.blobs().is_empty());
}

#[tokio::test]
async fn an_upload_is_claimed_once() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let theirs = app.log_in(&app.other).await;
    app.register(&held, "thing").await.success();
    app.register(&theirs, "theirs").await.success();
    let id = app.uploaded(&snap("thing", "1.0")).await;
    let body = json!({"name": "thing", "updown_id": id});
    let answers = join_all((0..4).map(|_| app.push(&held, &body))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 202).count();
    assert_eq!(accepted, 1, "{answers:?}");
    app.push(&held, &body).await.refused_saying(400, "invalid-field", "pushed already");
    let stolen = json!({"name": "theirs", "updown_id": id});
    app.push(&theirs, &stolen).await.refused_saying(400, "invalid-field", "pushed already");
    assert_eq!(app.releases(&held, "thing").await.success()["revisions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_upload_that_was_never_received_cannot_be_pushed() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    for id in ["", "x", "../../macaroond.db", "..", &"a".repeat(43), &"é".repeat(43)] {
        let answer = app.push(&held, &json!({"name": "thing", "updown_id": id})).await;
        answer.refused_saying(400, "invalid-field", "No file was received");
    }
    app.push(&held, &json!({"name": "thing"})).await.refused_saying(400, "missing-field", "updown_id");
}

#[tokio::test]
async fn a_file_of_another_size_than_the_client_says_is_refused_and_may_be_pushed_rightly() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let file = snap("thing", "1.0");
    let id = app.uploaded(&file).await;
    for wrong in [0, file.len() - 1, file.len() + 1] {
        let body = json!({"name": "thing", "updown_id": id, "binary_filesize": wrong});
        app.push(&held, &body).await.refused_saying(400, "invalid-field", "did not arrive as it was sent");
    }
    let body = json!({"name": "thing", "updown_id": id, "binary_filesize": file.len()});
    app.push(&held, &body).await.success();
}

#[tokio::test]
async fn a_file_that_is_another_snap_is_refused() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    app.register(&held, "another").await.success();
    let id = app.uploaded(&snap("another", "1.0")).await;
    let answer = app.push(&held, &json!({"name": "thing", "updown_id": id})).await;
    answer.refused_saying(400, "invalid-field", "is the snap 'another'");
    app.push(&held, &json!({"name": "another", "updown_id": id})).await.success();
}

#[tokio::test]
async fn a_file_that_is_no_snap_is_refused_with_its_reason() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let whole = snap("thing", "1.0");
    let yaml = |yaml: &str| image(&[("meta/snap.yaml", yaml.as_bytes())], "xz");
    // What the image says it uses; behind that it is only filled up.
    let used = usize::from_le_bytes(whole[40..48].try_into().unwrap());
    let mut flipped = whole.clone();
    for byte in &mut flipped[96..] {
        *byte ^= 0x55;
    }
    for (file, words) in [
        (b"hello, I am a text file, and quite a long one, as text files go\n".repeat(100), "not a snap"),
        (whole[..used / 2].to_vec(), "not a snap"),
        (whole[..used - 1].to_vec(), "not a snap"),
        (whole[..96].to_vec(), "not a snap"),
        (whole[..4].to_vec(), "not a snap"),
        (flipped, "not a snap"),
        (image(&[("hello", b"hello")], "xz"), "meta/snap.yaml"),
        (yaml("name: [thing\n"), "meta/snap.yaml"),
        (yaml("name: thing\n"), "meta/snap.yaml"),
        (yaml("name: Thing\nversion: '1'\n"), "name"),
        (yaml("name: thing\nversion: 'a b'\n"), "version"),
        (yaml("name: thing\nversion: '1'\nconfinement: none\n"), "confinement"),
        (yaml("name: thing\nversion: '1'\ngrade: first\n"), "grade"),
        (yaml("name: thing\nversion: '1'\nbase: ../x\n"), "base"),
        (yaml("name: thing\nversion: '1'\narchitectures: [a b]\n"), "architectures"),
        (yaml(&format!("name: thing\nversion: '1'\nsummary: {}\n", "x".repeat(3_000_000))), "too large"),
    ] {
        let id = app.uploaded(&file).await;
        let answer = app.push(&held, &json!({"name": "thing", "updown_id": id})).await;
        assert_eq!(answer.status, 400, "{} bytes, {words}: {answer:?}", file.len());
        answer.refused_saying(400, "invalid-field", words);
        assert_eq!(answer.body["error_list"][0]["extra"]["field"], "binary", "{answer:?}");
    }
    let releases = app.releases(&held, "thing").await.success();
    assert_eq!(releases, json!({"releases": [], "revisions": []}));
}

#[tokio::test]
async fn a_status_url_that_was_never_given_out_answers_as_old_clients_need_it() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let file = snap("thing", "1.0");
    app.register(&held, "thing").await.success();
    let other = app.register(&held, "other").await.success()["snap_id"].as_str().unwrap().to_owned();
    let id = app.uploaded(&file).await;
    let pushed = app.push(&held, &json!({"name": "thing", "updown_id": id})).await.success();
    let path = app.path_of(pushed["status_details_url"].as_str().unwrap());
    let words: Vec<&str> = path.split('/').collect();
    let (snap_id, push_id) = (words[4], words[6]);
    for (snap, push) in [
        (other.as_str(), push_id),
        (snap_id, "x"),
        (snap_id, &*"a".repeat(43)),
        ("x", push_id),
        ("%00", "%ff"),
        ("..%2f..", push_id),
    ] {
        let answer = app.get(&format!("/dev/api/snaps/{snap}/builds/{push}/status"), None).await;
        answer.explained();
        assert_eq!(answer.status, 404, "{answer:?}");
        // Without these, snapcraft 2 to 6 wait for ever.
        assert_eq!(answer.body["processed"], true, "{answer:?}");
        assert_eq!(answer.body["code"], "processing_error", "{answer:?}");
    }
}
