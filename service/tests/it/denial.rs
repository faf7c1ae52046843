//! What a credential does not allow: every caveat, and what is told of each.

use caveats::{Network, Predicate};
use serde_json::json;

use crate::support::{Answer, Publisher, STORE, Start, TestApp, digest, snap};

with_both_lists! {
    a_narrow_credential_does_its_job_and_nothing_else,
}

async fn a_narrow_credential_does_its_job_and_nothing_else(app: TestApp) {
    let publisher = Publisher::of(app).await;
    let app = &publisher.app;
    app.register(&publisher.held, "another").await.success();
    let ci = publisher
        .held
        .narrowed(&Predicate::Packages(vec![publisher.snap_id.clone()]))
        .narrowed(&Predicate::Channels(vec!["edge".to_owned()]))
        .narrowed(&Predicate::Expires(app.clock.now().add_secs(3600).unwrap()));
    let pushed = publisher.push(&ci, &snap("thing", "2"), &["edge"]).await;
    assert_eq!(pushed.status, 202, "{pushed:?}");
    app.release(&ci, "thing", 2, &["edge/fix"]).await.success();
    app.channel_map(&ci, "thing").await.success();

    app.release(&ci, "thing", 2, &["stable"]).await.refused(403, "macaroon-permission-required");
    app.channel_map(&ci, "another").await.refused(403, "macaroon-permission-required");
    app.register(&ci, "third").await.refused(403, "macaroon-permission-required");
    app.advance(3600);
    for (what, answer) in publisher.everything(&ci).await {
        assert_eq!(answer.dead("The credential expired at ").status, 401, "{what}");
    }
    app.channel_map(&publisher.held, "another").await.success();
}

#[tokio::test]
async fn a_credential_that_allows_everything_is_refused_nothing() {
    let publisher = Publisher::start().await;
    for (what, answer) in publisher.everything(&publisher.held).await {
        assert!(answer.status < 300, "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let publisher = Publisher::start().await;
    let needs = |what: &str| match what {
        "channel-map" | "releases" | "state" | "history" => Some("package_access"),
        "release" | "close" => Some("package_release"),
        "tracks" => Some("package_manage"),
        "default track" => Some("package_update"),
        "dry run" | "push" => Some("package_push"),
        "register" => Some("package_register"),
        _ => None,
    };
    for held in [
        publisher.app.log_in_for(&publisher.app.simple, &["package_metrics"]).await,
        publisher.held.narrowed(&Predicate::Acl(vec![caveats::Permission::PackageMetrics])),
        publisher.held.narrowed(&Predicate::Acl(Vec::new())),
    ] {
        for (what, answer) in publisher.everything(&held).await {
            let Some(permission) = needs(what) else {
                // What allows nothing at all is not shown as what allows anything.
                let nothing = answer.body["extra"]["permission"] == "none";
                assert!(answer.status == 200 || (nothing && what != "account"), "{what}: {answer:?}");
                continue;
            };
            // Never a 401: snapcraft 7 and later delete the credential on one.
            answer.refused(403, "macaroon-permission-required");
            assert_eq!(answer.body["error_list"][0]["extra"]["permission"], permission, "{what}: {answer:?}");
            let words = format!("Permission \"{permission}\" is required as a macaroon caveat.");
            assert!(answer.message().starts_with(&words), "{what}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn the_umbrella_permission_is_enough_for_what_it_includes() {
    let publisher = Publisher::start().await;
    let held = publisher.app.log_in_for(&publisher.app.simple, &["package_upload"]).await;
    assert_eq!(publisher.push(&held, &snap("thing", "2"), &["edge"]).await.status, 202);
    publisher.app.release(&held, "thing", 1, &["beta"]).await.success();
    publisher.app.channel_map(&held, "thing").await.refused(403, "macaroon-permission-required");
}

#[tokio::test]
async fn releasing_while_pushing_needs_the_permission_and_the_channel() {
    let publisher = Publisher::start().await;
    let pushing = publisher.app.log_in_for(&publisher.app.simple, &["package_push"]).await;
    let answer = publisher.push(&pushing, &snap("thing", "2"), &["edge"]).await;
    answer.refused(403, "macaroon-permission-required");
    assert_eq!(answer.body["error_list"][0]["extra"]["permission"], "package_release");
    let edge = publisher.held.narrowed(&Predicate::Channels(vec!["edge".to_owned()]));
    let answer = publisher.push(&edge, &snap("thing", "2"), &["edge", "stable"]).await;
    answer.refused(403, "macaroon-permission-required");
    let body = publisher.app.releases(&publisher.held, "thing").await.success();
    assert_eq!(body["revisions"].as_array().unwrap().len(), 1, "no revision without its release");
}

#[tokio::test]
async fn a_wrong_channel_is_told_as_every_client_reads_it() {
    let publisher = Publisher::start().await;
    let held = publisher.held.narrowed(&Predicate::Channels(vec!["edge".to_owned(), "2.*/beta".to_owned()]));
    let app = &publisher.app;
    app.make_tracks(&held, "thing", &["2.1"]).await.success();
    app.release(&held, "thing", 1, &["latest/edge", "2.1/beta", "edge/fix"]).await.success();
    for (channels, wanted) in
        [(&["stable"][..], "latest/stable"), (&["edge", "beta"], "latest/beta"), (&["3.0/beta"], "3.0/beta")]
    {
        let answer = app.release(&held, "thing", 1, channels).await;
        answer.refused_saying(403, "macaroon-permission-required", wanted);
        assert_eq!(answer.body["permission"], "channel", "{answer:?}");
        assert_eq!(answer.body["channels"], json!([wanted]), "{answer:?}");
        let extra = &answer.body["error_list"][0]["extra"];
        assert_eq!((&extra["permission"], &extra["channels"]), (&json!("channel"), &json!([wanted])));
        let answer = app.close(&held, &publisher.snap_id, channels).await;
        answer.refused_saying(403, "macaroon-permission-required", wanted);
        assert_eq!(answer.body["channels"], json!([wanted]), "{answer:?}");
    }
}

#[tokio::test]
async fn a_credential_whose_time_is_over_or_has_not_come_is_refused() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    let in_an_hour = app.clock.now().add_secs(3600).unwrap();
    let later = publisher.held.narrowed(&Predicate::NotBefore(in_an_hour));
    let until = publisher.held.narrowed(&Predicate::Expires(in_an_hour));
    for (what, answer) in publisher.everything(&later).await {
        answer.refused_saying(403, "macaroon-permission-required", "not valid before");
        assert_eq!(answer.body["error_list"][0]["extra"]["permission"], "not_before", "{what}");
    }
    app.whoami(&until).await.success();
    app.advance(3601);
    app.whoami(&later).await.success();
    for (what, answer) in publisher.everything(&until).await {
        assert_eq!(
            answer.dead(&format!("The credential expired at {in_an_hour} UTC.")).status,
            401,
            "{what}"
        );
    }
    // The root's own expiry, and that of the discharge, end a credential in the same way.
    let body = json!({"permissions": ["package_access"], "expires": app.clock.now().add_secs(60).unwrap().to_string()});
    let short = app.log_in_with(&app.simple, &body).await;
    app.whoami(&short).await.success();
    app.advance(61);
    app.whoami(&short).await.dead("expired at");
}

#[tokio::test]
async fn a_credential_for_one_file_uploads_that_file_alone() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    let (right, wrong) = (snap("thing", "2"), snap("thing", "3"));
    let encoded = |file: &[u8]| {
        let parsed: model::snap::Digest384 = digest(file).parse().unwrap();
        parsed.base64url()
    };
    let held = publisher.held.narrowed(&Predicate::UploadDigest(vec![encoded(&right), encoded(b"x")]));
    app.push(&held, &json!({"name": "thing", "dry_run": true})).await.success();
    let answer = publisher.push(&held, &wrong, &[]).await;
    answer.refused_saying(403, "macaroon-permission-required", &encoded(&wrong));
    assert_eq!(answer.body["error_list"][0]["extra"]["permission"], "upload_digest", "{answer:?}");
    for answer in [
        app.channel_map(&held, "thing").await,
        app.release(&held, "thing", 1, &["edge"]).await,
        app.register(&held, "another").await,
    ] {
        answer.refused_saying(403, "macaroon-permission-required", "only uploading");
    }
    app.whoami(&held).await.success();
    assert_eq!(publisher.push(&held, &right, &["edge"]).await.status, 202);
}

#[tokio::test]
async fn a_credential_for_some_addresses_works_from_there_alone() {
    let publisher = Publisher::start().await;
    let from = |networks: &[&str]| {
        let networks = networks.iter().map(|network| (*network).to_owned()).collect();
        publisher.held.narrowed(&Predicate::SourceIp(networks))
    };
    for (what, answer) in publisher.everything(&from(&["10.0.0.0/8", "127.0.0.0/8"])).await {
        assert!(answer.status < 300, "{what}: {answer:?}");
    }
    for held in [
        from(&["10.0.0.0/8", "::1"]),
        from(&[]),
        from(&["127.0.0.1"]).narrowed(&Predicate::SourceIp(Vec::new())),
    ] {
        for (what, answer) in publisher.everything(&held).await {
            answer.refused_saying(403, "macaroon-permission-required", "not from 127.0.0.1");
            assert_eq!(answer.body["error_list"][0]["extra"]["permission"], "source_ip", "{what}");
        }
    }
    // What a client says of its own address counts for nothing.
    let request = publisher.app.request(reqwest::Method::GET, "/api/v2/tokens/whoami");
    let request = request.header("X-Forwarded-For", "10.1.2.3").header("Forwarded", "for=10.1.2.3");
    let held = from(&["10.0.0.0/8"]);
    Answer::to(request.header("Authorization", held.header()))
        .await
        .refused(403, "macaroon-permission-required");
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_address_that_counts_is_the_one_it_saw() {
    let trusted_proxies = vec![Network::parse("127.0.0.0/8").unwrap()];
    let app = TestApp::with(Start { trusted_proxies, ..Start::default() }).await;
    let held = app.log_in(&app.simple).await;
    let held = held.narrowed(&Predicate::SourceIp(vec!["10.0.0.0/8".to_owned()]));
    for (forwarded, status) in [
        (Some("10.1.2.3"), 200),
        (Some("192.0.2.1, 10.1.2.3"), 200),
        // What a client says of itself stands to the left of what the proxy saw.
        (Some("10.1.2.3, 192.0.2.1"), 403),
        (Some("10.1.2.3, nonsense"), 403),
        (Some(""), 403),
        (None, 403),
    ] {
        let request = app.request(reqwest::Method::GET, "/api/v2/tokens/whoami");
        let request = request.header("Authorization", held.header());
        let request = match forwarded {
            Some(value) => request.header("X-Forwarded-For", value),
            None => request,
        };
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, status, "{forwarded:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_caveat_that_is_not_understood_refuses_and_is_named() {
    let publisher = Publisher::start().await;
    let store = STORE;
    for (caveat, words, permission) in [
        (format!("{store}|colour|blue"), "`colour` is not known", "unknown"),
        (format!("{store}|colour"), "`colour` is not known", "unknown"),
        (
            "login.ubuntu.com|expires|2099-01-01T00:00:00".to_owned(),
            "is not addressed to this service",
            "foreign",
        ),
        ("nonsense".to_owned(), "is not addressed to this service", "foreign"),
        (format!("{store}|colour{{x}}`|"), "`colour?x??` is not known", "unknown"),
        (format!("{store}|expires|soon"), "not in its form", "malformed"),
        (format!("{store}|acl|package_push"), "not in its form", "malformed"),
        (format!("{store}|channel|[\"a/b\"]"), "not in its form", "malformed"),
        (format!("{store}|source_ip|[\"localhost\"]"), "not in its form", "malformed"),
        (format!("{store}|account|e30="), "believed in a discharge only", "account"),
        (format!("{store}|session|aaaaaaaaaaaaaaaaaaaaaa"), "believed in a discharge only", "session"),
    ] {
        let held = publisher.held.with_caveat(&caveat);
        for (what, answer) in publisher.everything(&held).await {
            answer.refused_saying(403, "macaroon-permission-required", words);
            assert_eq!(answer.body["error_list"][0]["extra"]["permission"], permission, "{what} {caveat}");
        }
    }
}

#[tokio::test]
async fn what_a_holder_adds_to_a_discharge_narrows_it_too_and_makes_nobody_else_of_them() {
    let publisher = Publisher::start().await;
    let app = &publisher.app;
    let sso = app.address.to_string();
    let with = |caveat: String| {
        let mut held = publisher.held.clone();
        held.discharge.attenuate(&caveat).unwrap();
        held
    };
    let other = app.log_in(&app.other).await;
    let (account, session) = (other.said("account").unwrap(), other.said("session").unwrap());
    app.whoami(&with(format!("{sso}|account|{account}"))).await.refused_saying(
        403,
        "macaroon-permission-required",
        "contradict",
    );
    app.whoami(&with(format!("{sso}|session|{session}"))).await.refused_saying(
        403,
        "macaroon-permission-required",
        "contradict",
    );
    app.whoami(&with(format!("{sso}|expires|2001-01-01T00:00:00"))).await.dead("expired at");
    app.whoami(&with(format!("{sso}|valid_since|2099-01-01T00:00:00"))).await.success();
    let narrow = with(format!("{sso}|channel|[\"edge\"]"));
    app.release(&narrow, "thing", 1, &["stable"]).await.refused(403, "macaroon-permission-required");
    app.release(&narrow, "thing", 1, &["edge"]).await.success();
}
