//! What the original store keeps and this one does not: empty where it is read, refused in a sentence where it is written,
//! and neither for somebody who may not ask.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Held, List, Publisher, TestApp, content_type, part};

/// Every request of this kind: its method, its path, and the permission that it needs, if any.
const WRITING: [(&str, &str, Option<&str>); 11] = [
    ("POST", "/dev/api/snaps/SNAP/metadata", Some("package_update")),
    ("PUT", "/dev/api/snaps/SNAP/metadata", Some("package_update")),
    ("POST", "/dev/api/snaps/SNAP/binary-metadata", Some("package_update")),
    ("PUT", "/dev/api/snaps/SNAP/binary-metadata", Some("package_update")),
    ("PUT", "/dev/api/snaps/SNAP/validations", Some("package_manage")),
    ("PUT", "/dev/api/snaps/SNAP/developers?ignore_revoked_uploads", Some("package_manage")),
    ("POST", "/dev/api/snaps/metrics", Some("package_metrics")),
    ("POST", "/api/v2/validation-sets", None),
    ("POST", "/api/v2/validation-sets/build-assertion", None),
    ("POST", "/api/v2/confdb-schemas", None),
    ("POST", "/api/v2/confdb-schemas/build-assertion", None),
];
const READING: [(&str, bool); 7] = [
    ("/dev/api/snaps/SNAP/binary-metadata", true),
    ("/dev/api/snaps/SNAP/validations", true),
    ("/dev/api/snaps/SNAP/developers", true),
    ("/api/v2/validation-sets", false),
    ("/api/v2/validation-sets/mine?sequence=latest", false),
    ("/api/v2/confdb-schemas", false),
    ("/api/v2/confdb-schemas/mine", false),
];
const ALL: [&str; 4] = ["package_access", "package_manage", "package_metrics", "package_release"];

async fn write(app: &TestApp, held: Option<&Held>, method: &str, path: &str, body: &Value) -> Answer {
    let request = app.request(method.parse::<Method>().unwrap(), path).json(body);
    Answer::to(match held {
        Some(held) => request.header("Authorization", held.header()),
        None => request,
    })
    .await
}

#[tokio::test]
async fn what_is_read_is_empty_in_the_form_that_clients_take() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    let read = async |path: &str| {
        let path = path.replace("SNAP", &publisher.snap_id);
        app.get(&path, Some(&held.header())).await
    };
    for path in ["/dev/api/snaps/SNAP/binary-metadata", "/dev/api/snaps/SNAP/validations"] {
        assert_eq!(read(path).await.success(), json!([]), "{path}");
    }
    for path in ["/api/v2/validation-sets", "/api/v2/validation-sets/mine?sequence=latest"] {
        assert_eq!(read(path).await.success(), json!({"assertions": []}), "{path}");
    }
    // By this code snapcraft knows that a snap has no collaborators yet.
    read("/dev/api/snaps/SNAP/developers").await.refused(403, "snap-developer-not-found");
}

#[tokio::test]
async fn what_is_written_is_refused_in_a_sentence_that_each_client_prints() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    let held = app.log_in_for(&app.simple, &ALL).await;
    for (method, path, _) in WRITING {
        let path = path.replace("SNAP", &publisher.snap_id);
        let body = json!({"summary": "x", "assertion": "x", "snap_developer": "x", "filters": []});
        let answer = write(app, Some(&held), method, &path, &body).await;
        answer.refused_saying(501, "feature-disabled", " here");
        // Of an answer from 500 on, snapcraft 2 to 6 prints the reason phrase alone.
        let answered = ask_for_head(app, &held, method, &path);
        let sentence = answer.message().trim_end_matches('.');
        assert_eq!(answered.lines().next().unwrap(), format!("HTTP/1.1 501 {sentence}"), "{method} {path}");
    }
    // Also where a file comes along.
    let path = format!("/dev/api/snaps/{}/binary-metadata", publisher.snap_id);
    let request = app.request(Method::POST, &path).header("Authorization", held.header());
    let icon =
        [part("info", b"[]"), part("icon", &vec![7; 500_000]), b"--boundary-of-the-tests--\r\n".to_vec()];
    let request = request.header("Content-Type", content_type()).body(icon.concat());
    Answer::to(request).await.refused_saying(501, "feature-disabled", "Icons");
}

/// The head of an answer as it stands on the wire: status line and headers.
fn ask_for_head(app: &TestApp, held: &Held, method: &str, path: &str) -> String {
    use std::io::{Read as _, Write as _};
    let body = r#"{"summary": "x"}"#;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n{body}",
        held.header(),
        body.len()
    );
    let mut stream = std::net::TcpStream::connect(app.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn a_default_track_beside_what_is_not_kept_is_not_set() {
    let publisher = Publisher::start().await;
    let (app, held) = (&publisher.app, &publisher.held);
    let path = format!("/dev/api/snaps/{}/metadata", publisher.snap_id);
    let body = json!({"default_track": "latest", "summary": "Says hello"});
    app.put(&path, Some(&held.header()), &body).await.refused(501, "feature-disabled");
    assert_eq!(app.channel_map(held, "thing").await.success()["snap"]["default-track"], json!(null));
    app.put(&path, Some(&held.header()), &json!({})).await.success();
    app.post(&path, Some(&held.header()), &json!([])).await.refused(400, "bad-request");
}

#[tokio::test]
async fn who_may_not_ask_is_told_that_and_nothing_else() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    let (all, pushing) =
        (app.log_in_for(&app.simple, &ALL).await, app.log_in_for(&app.simple, &["package_push"]).await);
    let theirs = app.log_in_for(&app.other, &ALL).await;
    let body = json!({"summary": "x"});
    for (method, path, permission) in WRITING {
        let here = path.replace("SNAP", &publisher.snap_id);
        write(app, None, method, &here, &body).await.refused(401, "macaroon-authorization-required");
        if let Some(permission) = permission {
            let answer = write(app, Some(&pushing), method, &here, &body).await;
            answer.refused_saying(403, "macaroon-permission-required", permission);
        }
        if here != path {
            write(app, Some(&theirs), method, &here, &body).await.refused(403, "resource-forbidden");
            let nowhere = path.replace("SNAP", &"a".repeat(32));
            write(app, Some(&all), method, &nowhere, &body).await.refused(404, "resource-not-found");
        }
    }
    for (path, needs_access) in READING {
        let here = path.replace("SNAP", &publisher.snap_id);
        app.get(&here, None).await.refused(401, "macaroon-authorization-required");
        if needs_access {
            let answer = app.get(&here, Some(&pushing.header())).await;
            answer.refused_saying(403, "macaroon-permission-required", "package_access");
            app.get(&here, Some(&theirs.header())).await.refused(403, "resource-forbidden");
            let nowhere = path.replace("SNAP", &"a".repeat(32));
            app.get(&nowhere, Some(&all.header())).await.refused(404, "resource-not-found");
        }
    }
    app.revoke(&all, &all.leaked()).await.success();
    for (method, path, _) in WRITING {
        let here = path.replace("SNAP", &publisher.snap_id);
        write(app, Some(&all), method, &here, &body).await.revoked();
    }
}

#[tokio::test]
async fn an_agreement_is_taken_note_of_and_needs_no_permission() {
    let app = TestApp::start(List::Embedded).await;
    // snapcraft 2 to 6 sends it right after a login, with whatever that was for.
    let held = app.log_in_for(&app.simple, &["package_push"]).await;
    let sign = async |body: Value| app.post("/dev/api/agreement/", Some(&held.header()), &body).await;
    let content = sign(json!({"latest_tos_accepted": true})).await.success()["content"].clone();
    let expected = json!({
        "latest_tos_accepted": true, "tos_url": null, "latest_tos_date": null, "accepted_tos_date": null,
    });
    assert_eq!(content, expected, "there are no terms here, and so no date on which they were accepted");
    for not in [json!({"latest_tos_accepted": false}), json!({"latest_tos_accepted": "true"}), json!({})] {
        let answer = sign(not).await;
        answer.refused_saying(400, "bad-request", "must be true");
        assert_eq!(answer.body["error_list"][0]["extra"], json!({"latest_tos_accepted": "true"}));
    }
    let anonymous = app.post("/dev/api/agreement/", None, &json!({"latest_tos_accepted": true})).await;
    anonymous.refused(401, "macaroon-authorization-required");
}
