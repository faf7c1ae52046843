//! What a credential says of itself when it is shown: `whoami`, `acl/verify` and `account`, in the shapes that clients
//! validate.

use caveats::{Permission, Predicate};
use serde_json::{Value, json};

use crate::support::{List, Start, TestApp};

with_both_lists! {
    whoami_tells_who_and_what_for,
}

async fn whoami_tells_who_and_what_for(app: TestApp) {
    let held = app.log_in_for(&app.publisher, &["package_push", "package_release"]).await;
    let body = app.whoami(&held).await.success();
    let id = body["account"]["id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 32);
    // `expires` ends with the login here: a year, in milliseconds and without a Z, which snapcraft adds.
    let expires = body["expires"].as_str().unwrap().to_owned();
    assert!(expires.len() == 23 && !expires.ends_with('Z'), "{expires}");
    assert!(held.said("expires").unwrap().starts_with(&expires));
    let account = json!({"email": "ada@example.com", "id": id, "name": "Ada Lovelace", "username": "ada"});
    assert_eq!(
        body,
        json!({
            "account": account, "channels": null, "packages": null, "store_ids": null, "expires": expires,
            "permissions": ["package_push", "package_release"],
        })
    );
    let snap_id = "a".repeat(32);
    let narrow = held
        .narrowed(&Predicate::Packages(vec![snap_id.clone()]))
        .narrowed(&Predicate::Channels(vec!["edge".to_owned(), "2.*/beta".to_owned()]))
        .narrowed(&Predicate::Acl(vec![Permission::PackagePush]))
        .narrowed(&Predicate::Expires("2029-12-24T18:00:00.5".parse().unwrap()))
        .narrowed(&Predicate::Expires(app.clock.now().add_secs(3600).unwrap()));
    let body = app.whoami(&narrow).await.success();
    assert_eq!(body["packages"], json!([snap_id]), "snap ids, as the real store answers");
    assert_eq!(body["channels"], json!(["2.*/beta", "edge"]));
    assert_eq!(body["permissions"], json!(["package_push"]));
    assert!(body["expires"].as_str().unwrap() < expires.as_str());
}

#[tokio::test]
async fn whoami_never_shows_an_empty_list() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    for nothing in [
        held.narrowed(&Predicate::Acl(Vec::new())),
        held.narrowed(&Predicate::Packages(Vec::new())),
        held.narrowed(&Predicate::Acl(vec![Permission::PackagePush]))
            .narrowed(&Predicate::Acl(vec![Permission::PackageAccess])),
        held.narrowed(&Predicate::Packages(vec!["a".repeat(32)]))
            .narrowed(&Predicate::Packages(vec!["b".repeat(32)])),
    ] {
        for answer in [app.whoami(&nothing).await, app.verify(&nothing.header()).await] {
            answer.refused_saying(403, "macaroon-permission-required", "allows nothing");
            assert_eq!(answer.body["error_list"][0]["extra"]["permission"], "none", "{answer:?}");
        }
    }
    for narrow in [
        held.narrowed(&Predicate::Channels(Vec::new())),
        held.narrowed(&Predicate::Channels(vec!["edge".to_owned()]))
            .narrowed(&Predicate::Channels(vec!["beta".to_owned()])),
    ] {
        for answer in [app.whoami(&narrow).await, app.verify(&narrow.header()).await] {
            if answer.status == 403 {
                // It can do nothing, and an empty list, or none, would be shown as "anything".
                answer.refused_saying(403, "macaroon-permission-required", "allows nothing");
                continue;
            }
            let body = answer.success();
            for key in ["channels", "permissions"] {
                let list = body.get(key).unwrap_or_else(|| panic!("{key} is missing: {body}"));
                assert!(list.is_null() || !list.as_array().unwrap().is_empty(), "{key}: {body}");
            }
        }
    }
}

#[tokio::test]
async fn several_lists_of_channels_are_shown_as_what_all_of_them_allow() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let channels =
        |names: &[&str]| Predicate::Channels(names.iter().map(|name| (*name).to_owned()).collect());
    let both =
        held.narrowed(&channels(&["edge", "beta", "2.0/*"])).narrowed(&channels(&["beta", "2.0/edge"]));
    assert_eq!(app.whoami(&both).await.success()["channels"], json!(["2.0/edge", "beta"]));
    let verified = app.verify(&both.header()).await.success();
    assert_eq!(verified["channels"], json!(["2.0/edge", "beta"]));
}

#[tokio::test]
async fn verify_tells_what_a_credential_in_the_body_can_still_do() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in_for(&app.simple, &["package_push", "package_access"]).await;
    let answer = app.verify(&held.header()).await;
    assert_eq!(answer.status, 200);
    let body = answer.success();
    let whoami = app.whoami(&held).await.success();
    let account = json!({
        "email": app.simple.email, "displayname": app.simple.display_name, "openid": whoami["account"]["id"],
        "verified": true,
    });
    assert_eq!(
        body,
        json!({
            "allowed": true, "refresh_required": false, "permissions": ["package_access", "package_push"],
            "snap_ids": null, "channels": null, "expires": body["expires"], "account": account,
            "last_auth": held.said("last_auth"),
        })
    );
    assert_eq!(body["expires"].as_str().unwrap().len(), 26, "as it stands in the caveat");
}

#[tokio::test]
async fn verify_takes_the_header_where_the_body_holds_a_stored_credential() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    // snapcraft 7 puts its JSON there.
    let stored = json!({"r": held.root.to_v1(), "d": held.discharge.to_v1()}).to_string();
    let body = json!({"auth_data": {"authorization": stored, "http_uri": "https://x", "http_method": "GET"}});
    let path = "/dev/api/acl/verify/";
    assert_eq!(app.post(path, Some(&held.header()), &body).await.success()["allowed"], true);
    app.post(path, None, &body).await.refused(401, "macaroon-authorization-required");
    // What the body says goes before what the header says.
    let other = app.log_in(&app.other).await;
    let body = json!({"auth_data": {"authorization": held.header()}});
    let answer = app.post(path, Some(&other.header()), &body).await.success();
    assert_eq!(answer["account"]["email"], app.simple.email);
}

#[tokio::test]
async fn the_account_is_told_in_the_spellings_of_every_client() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.publisher).await;
    let thing = app.register(&held, "thing").await.success()["snap_id"].clone();
    let body = json!({"snap_name": "secret", "is_private": true, "series": "16"});
    let secret =
        app.post("/dev/api/register-name/", Some(&held.header()), &body).await.success()["snap_id"].clone();
    // Any valid credential will do, as register-key has one that is good for nothing else.
    let held = app.log_in_for(&app.publisher, &["modify_account_key"]).await;
    let mut body: Value = app.account(&held).await.success();
    let id = body["id"].as_str().unwrap().to_owned();
    for name in ["thing", "secret"] {
        let since = body["snaps"]["16"][name].as_object_mut().unwrap().remove("since").unwrap();
        let since = since.as_str().unwrap();
        assert!(since.ends_with('Z') && since.parse::<timestamp::Timestamp>().is_ok(), "{since}");
    }
    let snap = |id: &Value, private: bool| json!({"snap-id": id, "status": "Approved", "private": private, "price": null});
    assert_eq!(
        body,
        json!({
            "account_id": id, "id": id, "openid_identifier": id, "email": "ada@example.com",
            "username": "ada", "namespace": "ada", "short_namespace": "ada",
            "display-name": "Ada Lovelace", "displayname": "Ada Lovelace", "validation": "unproven",
            "stores": [{"id": "ubuntu", "name": "Global", "roles": ["access", "read", "submit"]}],
            "account_keys": [], "account-keys": [],
            "snaps": {"16": {"thing": snap(&thing, false), "secret": snap(&secret, true)}},
        })
    );
}

#[tokio::test]
async fn expires_is_left_out_where_nothing_ends() {
    let app = TestApp::with(Start::default()).await;
    let held = app.log_in_for(&app.simple, &["package_push"]).await;
    let body = app.whoami(&held).await.success();
    // The discharge ends with its login, so there always is an end; it is never null, which would print NoneZ.
    assert!(body.get("expires").is_none_or(Value::is_string), "{body}");
}
