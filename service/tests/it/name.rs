//! Names: had by the first who asks, and only those that snapd takes.

use serde_json::json;

use crate::support::{List, TestApp};

#[tokio::test]
async fn a_name_is_had_by_the_first_who_asks() {
    let app = TestApp::start(List::Embedded).await;
    let (ours, theirs) = (app.log_in(&app.simple).await, app.log_in(&app.other).await);
    let dry = |header: String| {
        let client = &app;
        async move {
            let body = json!({"snap_name": "thing", "series": "16"});
            client.post("/dev/api/register-name/?dry_run", Some(&header), &body).await
        }
    };
    let asked = dry(ours.header()).await;
    assert_eq!((asked.status, &asked.body["snap_name"]), (200, &json!("thing")));
    assert_eq!(app.register(&ours, "thing").await.status, 201);

    let again = app.register(&ours, "thing").await;
    again.refused(409, "already_owned");
    assert_eq!((&again.body["code"], &again.body["status"]), (&json!("already_owned"), &json!(409)));
    let taken = app.register(&theirs, "thing").await;
    taken.refused(409, "already_registered");
    assert_eq!((&taken.body["code"], &taken.body["status"]), (&json!("already_registered"), &json!(409)));
    assert!(taken.body["register_name_url"].as_str().unwrap().starts_with("http://"), "{taken:?}");
    dry(ours.header()).await.refused(409, "already_owned");
    dry(theirs.header()).await.refused(409, "already_registered");
}

#[tokio::test]
async fn of_two_who_want_a_name_at_once_one_has_it() {
    let app = TestApp::start(List::Embedded).await;
    let (ours, theirs) = (app.log_in(&app.simple).await, app.log_in(&app.other).await);
    for name in ["a", "b", "c", "d", "e"] {
        let (one, other) = tokio::join!(app.register(&ours, name), app.register(&theirs, name));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{one:?} {other:?}");
    }
}

#[tokio::test]
async fn a_name_that_snapd_would_refuse_is_refused_with_its_reason() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    for (name, reason) in [
        ("", "between 1 and 40 characters"),
        (&*"a".repeat(41), "between 1 and 40 characters"),
        ("Thing", "ASCII lower-case letters, digits and hyphens"),
        ("1234", "at least one letter"),
        ("ünï", "ASCII lower-case letters"),
        ("a b", "ASCII lower-case letters"),
        ("a\u{0}b", "ASCII lower-case letters"),
        ("{a}", "ASCII lower-case letters"),
        ("-a", "not start or end with a hyphen"),
        ("a-", "not start or end with a hyphen"),
        ("a--b", "two hyphens in a row"),
    ] {
        let answer = app.register(&held, name).await;
        answer.refused_saying(400, "invalid", reason);
        assert!(answer.message().starts_with("The name '"), "{answer:?}");
        assert!(answer.message().contains("' is not valid: it should "), "{answer:?}");
    }
}
