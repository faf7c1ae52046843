//! Issuing a root macaroon: anonymous, cheap, and as narrow as it was asked for.

use caveats::Macaroon;
use serde_json::{Value, json};
use timestamp::Timestamp;

use crate::support::{List, STORE, TestApp, said};

fn caveats(root: &Macaroon) -> Vec<String> {
    root.caveats().map(|caveat| String::from_utf8(caveat.id.to_vec()).unwrap()).collect()
}

#[tokio::test]
async fn a_root_holds_the_caveats_asked_for_in_the_store_s_spelling() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let snap_id = app.register(&held, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
    let body = json!({
        "permissions": ["package_push", "package_release", "package_push"],
        "packages": [{"name": "thing", "series": "16"}],
        "channels": ["edge", "2.*/beta"],
        "expires": "2099-01-02T03:04:05",
        "description": "it@localhost",
    });
    let answer = app.acl(&body).await;
    assert_eq!(answer.status, 200, "snapd insists on it");
    let text = answer.success()["macaroon"].as_str().unwrap().to_owned();
    let root = Macaroon::parse(&text).unwrap();
    assert_eq!(root.to_v1(), text, "V1, URL-safe, without padding");
    assert_eq!(root.location(), STORE);
    let all = caveats(&root);
    assert!(all[0].starts_with(&format!("{STORE}|valid_since|20")), "{all:?}");
    assert_eq!(
        all[1],
        format!("{STORE}|expires|2099-01-02T03:04:05.000000"),
        "before anything of a holder's"
    );
    let sso = root.caveats().nth(2).unwrap().third_party.unwrap();
    assert_eq!(sso.location, app.address.to_string(), "what clients compare with their SSO URL");
    assert_eq!(
        all[3..],
        [
            format!("{STORE}|acl|[\"package_push\", \"package_release\"]"),
            format!("{STORE}|channel|[\"edge\", \"2.*/beta\"]"),
            format!("{STORE}|package_id|[\"{snap_id}\"]"),
        ]
    );
}

#[tokio::test]
async fn an_expiry_is_understood_in_every_spelling_of_the_clients() {
    let app = TestApp::start(List::Embedded).await;
    for (text, means) in [
        ("2099-01-02T03:04:05", "2099-01-02T03:04:05.000000"),
        ("2099-01-02T03:04:05Z", "2099-01-02T03:04:05.000000"),
        ("2099-01-02T03:04:05+00:00", "2099-01-02T03:04:05.000000"),
        ("2099-01-02T03:04:05.678", "2099-01-02T03:04:05.678000"),
        ("2099-01-02T03:04:05.678901", "2099-01-02T03:04:05.678901"),
        ("2099-01-02T03:04:05.678901Z", "2099-01-02T03:04:05.678901"),
        ("2099-01-02T03:04:05.678901+00:00", "2099-01-02T03:04:05.678901"),
    ] {
        let root = app.root_of(&json!({"permissions": ["package_push"], "expires": text})).await;
        assert_eq!(said(&root, "expires").as_deref(), Some(means), "{text}");
    }
}

#[tokio::test]
async fn what_is_privileged_lasts_a_year_unless_asked_for_shorter() {
    let app = TestApp::start(List::Embedded).await;
    for permission in ["package_access", "edit_account", "modify_account_key", "store_admin", "store_review"]
    {
        let root = app.root(&["package_push", permission]).await;
        let ends: Timestamp = said(&root, "expires").expect("an expiry").parse().unwrap();
        let days = (ends.micros() - app.clock.now().micros()) / 1_000_000 / 3600;
        assert!((364 * 24..=365 * 24).contains(&days), "{permission}: {days} hours");
    }
    let body = json!({"permissions": ["package_access"], "expires": "2030-01-01T00:00:00"});
    assert_eq!(said(&app.root_of(&body).await, "expires").as_deref(), Some("2030-01-01T00:00:00.000000"));
    let root = app.root(&["package_push", "package_release", "package_register"]).await;
    // Everything else lasts as long as a login: a year here, and a day to make it in.
    let ends: Timestamp = said(&root, "expires").expect("an expiry").parse().unwrap();
    let days = (ends.micros() - app.clock.now().micros()) / 1_000_000 / 3600 / 24;
    assert!((365..=366).contains(&days), "{days} days");
}

#[tokio::test]
async fn a_list_that_is_left_out_null_or_empty_restricts_nothing() {
    let app = TestApp::start(List::Embedded).await;
    for nothing in [json!(null), json!([])] {
        let body = json!({
            "permissions": ["package_push"], "packages": nothing, "channels": nothing, "expires": null,
            "description": null,
        });
        let root = app.root_of(&body).await;
        assert_eq!((said(&root, "package_id"), said(&root, "channel")), (None, None));
    }
}

#[tokio::test]
async fn each_root_begins_a_family_of_its_own() {
    let app = TestApp::start(List::Embedded).await;
    let (one, other) = (app.root(&["package_push"]).await, app.root(&["package_push"]).await);
    assert_ne!(one.identifier(), other.identifier());
    assert_ne!(caveats(&one)[2], caveats(&other)[2], "the caveat for the SSO");
}

#[tokio::test]
async fn an_unknown_snap_is_not_found_in_every_dialect() {
    let app = TestApp::start(List::Embedded).await;
    for name in ["nothing-here", "", "../../etc/passwd", "x' OR '1'='1", "\u{0}\u{1b}[31m"] {
        let body = json!({"permissions": ["package_push"], "packages": [{"name": name, "series": "16"}]});
        let answer = app.acl(&body).await;
        answer.refused(404, "resource-not-found");
        let shown: String = name.chars().filter(|c| !c.is_control()).collect();
        let message = format!("Snap not found for the given snap name: '{shown}' and series: '16'");
        assert_eq!(answer.body["error_message"], message);
    }
    let body = json!({"permissions": ["package_push"], "packages": [{"snap_id": "short"}]});
    app.acl(&body).await.refused(404, "resource-not-found");
}

#[tokio::test]
async fn each_field_that_cannot_be_is_refused_by_name() {
    let app = TestApp::start(List::Embedded).await;
    let many: Vec<String> = (0..101).map(|number| format!("{number}/edge")).collect();
    let packages: Vec<Value> = (0..101).map(|_| json!({"snap_id": "a".repeat(32)})).collect();
    for (field, value, words) in [
        ("permissions", json!([]), "at least one"),
        (
            "permissions",
            json!(["package_pushed"]),
            "'package_pushed' is not known; there are: package_access, ",
        ),
        ("permissions", json!(["package_push", ""]), "is not known"),
        ("permissions", json!(["PACKAGE_PUSH"]), "is not known"),
        ("channels", json!(["a/b"]), "Not a valid channel: 'a/b'"),
        ("channels", json!([""]), "Not a valid channel"),
        ("channels", json!(["edge", "é"]), "Not a valid channel"),
        ("channels", json!(many), "100 entries"),
        ("packages", json!([{}]), "'name' or a 'snap_id'"),
        ("packages", json!([{"series": "16"}]), "'name' or a 'snap_id'"),
        ("packages", json!(packages), "100 entries"),
        ("expires", json!("tomorrow"), "not a time in UTC"),
        ("expires", json!(""), "not a time in UTC"),
        ("expires", json!("2099-01-02"), "not a time in UTC"),
        ("expires", json!("2099-01-02T03:04:05+02:00"), "not a time in UTC"),
        ("expires", json!("2099-02-30T03:04:05"), "not a time in UTC"),
        ("expires", json!("2000-01-02T03:04:05"), "in the past"),
    ] {
        let mut body = json!({"permissions": ["package_push"]});
        body[field] = value;
        let answer = app.acl(&body).await;
        answer.refused_saying(400, "invalid-field", words);
        assert_eq!(answer.body["error_list"][0]["extra"]["field"], field, "{answer:?}");
    }
}

#[tokio::test]
async fn each_field_of_a_wrong_type_is_refused() {
    let app = TestApp::start(List::Embedded).await;
    app.acl(&json!({})).await.refused_saying(400, "missing-field", "'permissions'");
    for wrong in [json!(7), json!(true), json!({"a": []}), json!([7]), json!([[]]), json!([null])] {
        for field in ["permissions", "packages", "channels", "expires", "description"] {
            let mut body = json!({"permissions": ["package_push"]});
            body[field] = wrong.clone();
            app.acl(&body).await.refused(400, "bad-request");
        }
    }
}

#[tokio::test]
async fn more_than_a_macaroon_can_hold_is_refused() {
    let app = TestApp::start(List::Embedded).await;
    let channels: Vec<String> = (0..100).map(|number| format!("{number:0250}/edge")).collect();
    let answer = app.acl(&json!({"permissions": ["package_push"], "channels": channels})).await;
    answer.refused_saying(400, "bad-request", "32 KiB");
}
