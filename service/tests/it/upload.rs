//! Sending a file: bytes of anybody, received whole or not at all.

use model::snap::ReceivedFile;
use serde_json::{Value, json};
use service::config::Uploads;
use service::publishing::receive_upload::MAX_ASSERTION;

use crate::support::raw::{Raw, upload_head};
use crate::support::{Answer, List, Start, TestApp, content_type, digest, part, snap, until};

#[tokio::test]
async fn a_file_of_many_pieces_is_kept_to_the_last_byte() {
    let app = TestApp::start(List::Embedded).await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[0] ^ 0x5a).collect();
    let id = app.uploaded(&bytes).await;
    assert_eq!(id.len(), 43, "unguessable: 256 random bits");
    assert_eq!(app.blobs(), std::slice::from_ref(&id));
    let kept = std::fs::read(app.data_dir().join("blobs").join(&id)).unwrap();
    assert_eq!(digest(&kept), digest(&bytes));
    assert_ne!(app.uploaded(&bytes).await, id);
}

#[tokio::test]
async fn a_file_that_looks_like_a_boundary_is_kept_to_the_letter() {
    let app = TestApp::start(List::Embedded).await;
    let bytes = b"\r\n--boundary-of-the-test\r\n\r\n--\r\n\r\n--boundary\r\n".repeat(1000);
    let id = app.uploaded(&bytes).await;
    assert_eq!(std::fs::read(app.data_dir().join("blobs").join(id)).unwrap(), bytes);
}

#[tokio::test]
async fn an_assertion_may_come_before_or_after_the_file_and_is_kept_to_the_letter() {
    for list in [List::Embedded, List::Redis] {
        let app = TestApp::start(list).await;
        let binary = part("binary", b"abc");
        // Text of anybody: it is not looked at before a push does.
        for text in ["type: snap-build\n\nsigned\n", "ünchecked", "", &"a".repeat(MAX_ASSERTION)] {
            let assertion = part("assertion", text.as_bytes());
            for parts in [[assertion.clone(), binary.clone()], [binary.clone(), assertion.clone()]] {
                let body = app.multipart(&parts).await.success();
                let received = received(&app, &body).await;
                assert_eq!((received.assertion.as_deref(), received.size), (Some(text), 3));
            }
        }
        let body = app.multipart(&[binary]).await.success();
        assert_eq!(received(&app, &body).await.assertion, None);
    }
}

#[tokio::test]
async fn an_assertion_that_is_too_long_or_no_text_is_refused_and_leaves_nothing() {
    let app = TestApp::start(List::Embedded).await;
    let binary = part("binary", b"abc");
    for (assertion, status, code, says) in [
        (vec![b'a'; MAX_ASSERTION + 1], 413, "payload-too-large", "'assertion' has more than 256 KiB"),
        (vec![b'a'; 20_000_000], 413, "payload-too-large", "'assertion' has more than 256 KiB"),
        (b"\xff\xfe".to_vec(), 400, "bad-request", "'assertion' is not text in UTF-8"),
        (b"half \xc3".to_vec(), 400, "bad-request", "'assertion' is not text in UTF-8"),
        (b"type\0snap-build".to_vec(), 400, "bad-request", "'assertion' is not text in UTF-8"),
    ] {
        let assertion = part("assertion", &assertion);
        for parts in [[assertion.clone(), binary.clone()], [binary.clone(), assertion.clone()]] {
            app.multipart(&parts).await.refused_saying(status, code, says);
        }
    }
    until("an empty blob store", async || app.blobs().is_empty().then_some(())).await;
    assert_eq!(app.count("uploads").await, 0);
}

#[tokio::test]
async fn what_is_not_one_part_named_binary_is_refused_and_leaves_nothing() {
    let app = TestApp::start(List::Embedded).await;
    let (binary, other) = (part("binary", b"abc"), part("file", b"abc"));
    let assertion = part("assertion", b"type: snap-build\n");
    for (parts, status, code) in [
        (vec![], 400, "bad-request"),
        (vec![other.clone()], 400, "missing-field"),
        (vec![other.clone(), binary.clone()], 400, "missing-field"),
        (vec![binary.clone(), other.clone()], 400, "bad-request"),
        (vec![binary.clone(), binary.clone()], 400, "bad-request"),
        (vec![part("binary", b"")], 400, "bad-request"),
        (vec![part("", b"abc")], 400, "missing-field"),
        (vec![assertion.clone()], 400, "missing-field"),
        (vec![assertion.clone(), assertion.clone(), binary.clone()], 400, "missing-field"),
        (vec![assertion.clone(), other.clone(), binary.clone()], 400, "missing-field"),
        (vec![assertion.clone(), binary.clone(), assertion.clone()], 400, "bad-request"),
        (vec![assertion.clone(), binary.clone(), binary.clone()], 400, "bad-request"),
        (vec![binary.clone(), assertion.clone(), assertion.clone()], 400, "bad-request"),
        (vec![binary.clone(), assertion.clone(), other.clone()], 400, "bad-request"),
        (vec![part("binary", b""), assertion.clone()], 400, "bad-request"),
    ] {
        let answer = app.multipart(&parts).await;
        answer.explained();
        let count = parts.len();
        assert!(
            (answer.status, answer.code()) == (status, code)
                || (count == 0 && (answer.status, answer.code()) == (400, "missing-field")),
            "{count} parts: {answer:?}"
        );
    }
    until("an empty blob store", async || app.blobs().is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_body_that_is_no_multipart_is_refused() {
    let app = TestApp::start(List::Embedded).await;
    for kind in [
        None,
        Some("application/json"),
        Some("multipart/form-data"),
        Some("multipart/form-data; boundary="),
        Some("multipart/mixed; boundary=x"),
        Some("nonsense"),
        Some(""),
    ] {
        let request = app.request(reqwest::Method::POST, "/unscanned-upload/").body("abc");
        let request = match kind {
            Some(kind) => request.header("Content-Type", kind),
            None => request,
        };
        let answer = Answer::to(request).await;
        answer.explained();
        assert!([400, 415].contains(&answer.status), "{kind:?}: {answer:?}");
    }
    for garbage in [&b""[..], b"abc", b"--", b"--boundary-of-the-tests", b"--boundary-of-the-tests\r\n\r\n"] {
        let request = app.request(reqwest::Method::POST, "/unscanned-upload/").body(garbage.to_vec());
        let answer = Answer::to(request.header("Content-Type", content_type())).await;
        answer.explained();
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    assert!(app.blobs().is_empty());
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_and_leaves_nothing() {
    let uploads = Uploads { max_size: 100_000, ..Uploads::default() };
    let app = TestApp::with(Start { uploads, ..Start::default() }).await;
    app.uploaded(&vec![0; 100_000]).await;
    for size in [100_001, 200_000, 20_000_000] {
        let answer = app.upload(&vec![0; size]).await;
        answer.refused_saying(413, "payload-too-large", "larger than the ");
    }
    until("one blob", async || (app.blobs().len() == 1).then_some(())).await;
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_nothing() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let file = snap("thing", "1.0");
    let assertion = part("assertion", &[b'a'; 1000]);
    let whole = [part("binary", &file), assertion, b"--boundary-of-the-tests--\r\n".to_vec()].concat();
    // In the head of the part, in the file, in the assertion, right before and within the end.
    for cut in [20, 300, whole.len() / 2, whole.len() - 500, whole.len() - 40, whole.len() - 3] {
        let mut raw = Raw::connect(app.address);
        raw.send(&upload_head(whole.len())).send(&whole[..cut]);
        // It has begun to receive, unless it has not yet seen the file.
        if cut >= 300 {
            until("a file that comes in", async || (!app.blobs().is_empty()).then_some(())).await;
        }
        drop(raw);
        until("an empty blob store", async || app.blobs().is_empty().then_some(())).await;
    }
    // One that ends its half of the connection hears what became of it.
    let mut raw = Raw::connect(app.address);
    let answer = raw.send(&upload_head(whole.len())).send(&whole[..whole.len() / 2]).end().answer();
    if let Some(answer) = answer {
        answer.refused(400, "bad-request");
    }
    until("an empty blob store", async || app.blobs().is_empty().then_some(())).await;
    assert_eq!(app.count("uploads").await, 0, "no record of what was cut off");
}

#[tokio::test]
async fn a_body_that_ends_early_by_its_own_account_is_not_taken_for_a_file() {
    let app = TestApp::start(List::Embedded).await;
    let whole = [part("binary", b"abcdefgh"), b"--boundary-of-the-tests--\r\n".to_vec()].concat();
    for cut in [whole.len() - 29, whole.len() - 20, whole.len() - 33] {
        let answer =
            crate::support::raw::ask(app.address, &[upload_head(cut), whole[..cut].to_vec()].concat());
        answer.expect("an answer").refused(400, "bad-request");
    }
    until("an empty blob store", async || app.blobs().is_empty().then_some(())).await;
    assert_eq!(app.count("uploads").await, 0);
}

#[tokio::test]
async fn uploads_at_once_do_not_mix() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let files: Vec<Vec<u8>> = (1..=6).map(|number| snap("thing", &number.to_string())).collect();
    let ids = futures_util::future::join_all(files.iter().map(|file| app.uploaded(file))).await;
    let bodies: Vec<_> = ids.iter().map(|id| json!({"name": "thing", "updown_id": id})).collect();
    let answers = futures_util::future::join_all(bodies.iter().map(|body| app.push(&held, body))).await;
    assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
    let releases = app.releases(&held, "thing").await.success();
    let mut numbers = Vec::new();
    for revision in releases["revisions"].as_array().unwrap() {
        numbers.push(revision["revision"].as_i64().unwrap());
        let version: usize = revision["version"].as_str().unwrap().parse().unwrap();
        assert_eq!(revision["sha3-384"], digest(&files[version - 1]));
    }
    assert_eq!(numbers, [6, 5, 4, 3, 2, 1], "newest first, without gaps");
}

/// What the records say of an upload that was answered like this.
async fn received(app: &TestApp, body: &Value) -> ReceivedFile {
    let id = body["upload_id"].as_str().unwrap().parse().unwrap();
    app.state().records.upload(&id).await.unwrap().expect("a record of the upload")
}
