//! Watching revocations from outside: every entry once and in order, levels that are true, and no stream for whom it is
//! not meant, or longer than that.

use caveats::{Permission, Predicate};
use serde_json::{Value, json};
use timestamp::Timestamp;

use crate::support::{Client, Held, List, TestApp, until};

const PATH: &str = "/v1/revocations/stream";
/// How many each of four tasks revokes.
const EACH: i64 = 15;

with_both_lists! {
    a_watcher_is_told_what_is_revoked_and_that_there_is_nothing_more,
    a_watcher_that_was_cut_off_goes_on_where_it_was_also_after_a_restart,
    a_watcher_whose_credential_is_revoked_is_cut_off,
}

async fn a_watcher_is_told_what_is_revoked_and_that_there_is_nothing_more(app: TestApp) {
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    let before = app.clock.now();
    let mut events = app.watch(&engineer, 0).await;
    for (header, value) in
        [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
    {
        assert_eq!(events.response.headers()[header], value);
    }
    let level = events.level().await;
    assert_eq!(level["position"], 0);
    assert!(before <= moment(&level["as_of"]) && moment(&level["as_of"]) <= app.clock.now());

    let ci = own.on_channel("edge");
    let done = app.revoke(&own, &ci.leaked()).await.success();
    let cut = events.entry().await;
    assert_eq!((cut.name.as_str(), cut.id), ("cut", Some(1)));
    let fingerprint = cut.data["fingerprint"].as_str().unwrap();
    assert!(fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let expected = json!({
        "position": 1, "kind": "credential", "token_id": own.token_id(), "fingerprint": fingerprint, "reach": "all",
        "at": done["revoked"][0]["at"], "forget_at": cut.data["forget_at"], "reason": "found in a build log",
    });
    assert_eq!(cut.data, expected, "nothing secret, and not who did it");
    let acknowledged = app.clock.now();
    assert!(moment(&cut.data["forget_at"]) > acknowledged, "the root's end, and a day: {cut:?}");

    app.revoke(&own, &json!({"account": app.publisher.email})).await.success();
    let cut = events.entry().await;
    assert_eq!((cut.id, &cut.data["kind"]), (Some(2), &json!("account")));
    assert!(moment(&cut.data["reach"]["logged_in_before"]) >= acknowledged, "{cut:?}");
    assert!(moment(&cut.data["forget_at"]) > acknowledged, "{cut:?}");

    let actor = app.account(&engineer).await.success()["id"].as_str().unwrap().to_owned();
    let lifted = app.state().revocations.lift(2, &actor, "a mistake").await.unwrap();
    let lift = events.entry().await;
    assert_eq!((lift.name.as_str(), lift.id), ("lift", Some(3)));
    let account = cut.data["account_id"].clone();
    let expected = json!({
        "position": 3, "kind": "account", "account_id": account, "lifts": 2, "left": null,
        "at": lifted.at().to_string(), "reason": "a mistake",
    });
    assert_eq!(lift.data, expected);

    // Each level is later than the one before, and counts what was acknowledged before it.
    let (first, second) = (events.level().await, events.level().await);
    assert_eq!((&first["position"], &second["position"]), (&json!(3), &json!(3)));
    assert!(acknowledged < moment(&first["as_of"]) && moment(&first["as_of"]) < moment(&second["as_of"]));
}

async fn a_watcher_that_was_cut_off_goes_on_where_it_was_also_after_a_restart(mut app: TestApp) {
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    let mut events = app.watch(&engineer, 0).await;
    for number in 1..=3 {
        app.revoke(&own, &own.on_channel(&format!("{number}/edge")).leaked()).await.success();
    }
    assert_eq!((events.entry().await.id, events.entry().await.id), (Some(1), Some(2)));
    app.restart().await;
    let mut events = app.watch(&engineer, 2).await;
    assert_eq!(events.entry().await.id, Some(3));
    assert_eq!(events.level().await["position"], 3);
    // The header goes before the query, which a browser can't change when it comes again.
    let request = app.request(reqwest::Method::GET, &format!("{PATH}?after=0"));
    let request = request.header("Authorization", engineer.header()).header("Last-Event-ID", "3");
    let mut response = request.send().await.unwrap();
    let text = String::from_utf8(response.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(text.starts_with("event: level\n"), "{text}");
    // An entry that is not there: this database is not the one that the watcher knows.
    let answer = app.watch_in_vain(Some(&engineer), &format!("{PATH}?after=4")).await;
    answer.refused_saying(409, "conflict", "The journal ends at 3");
}

async fn a_watcher_whose_credential_is_revoked_is_cut_off(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let (watcher, other) = (engineer.on_channel("edge"), engineer.on_channel("beta"));
    let (mut events, mut others) = (app.watch(&watcher, 0).await, app.watch(&other, 0).await);
    app.revoke(&engineer, &watcher.leaked()).await.success();
    events.rest().await;
    app.watch_in_vain(Some(&watcher), PATH).await.revoked();
    assert_eq!(others.entry().await.id, Some(1));
    // One that has run out is cut off as well.
    let end = app.clock.now().add_secs(60).unwrap();
    let mut short = app.watch(&engineer.narrowed(&Predicate::Expires(end)), 0).await;
    assert_eq!(short.level().await["position"], 1);
    app.advance(61);
    short.rest().await;
    others.level().await;
}

#[tokio::test]
async fn only_who_may_list_credentials_may_watch() {
    let app = TestApp::start(List::Embedded).await;
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    app.watch(&engineer, 0).await;
    app.watch_in_vain(None, PATH).await.refused(401, "macaroon-authorization-required");
    let denied = app.watch_in_vain(Some(&own), PATH).await;
    denied.refused_saying(403, "macaroon-permission-required", "credential_list");
    let narrow = engineer.narrowed(&Predicate::Acl(vec![Permission::CredentialRevoke]));
    app.watch_in_vain(Some(&narrow), PATH).await.refused(403, "macaroon-permission-required");
    let forged = Held { root: own.root.clone(), discharge: engineer.discharge.clone() };
    app.watch_in_vain(Some(&forged), PATH).await.refused(401, "macaroon-authorization-required");
    for query in ["after=-1", "after=", "after=x", "after=1&after=2", "from=3", "after=99999999999999999999"]
    {
        app.watch_in_vain(Some(&engineer), &format!("{PATH}?{query}")).await.refused(400, "bad-request");
    }
    let answer = app.post(PATH, Some(&engineer.header()), &json!({})).await;
    answer.refused(405, "method-not-allowed");
    app.advance(24 * 3600 + 60);
    app.watch_in_vain(Some(&engineer), PATH).await.refused(401, "macaroon-needs-refresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_told_once_and_in_order_whoever_revokes_and_wherever_one_watches() {
    let app = TestApp::start(List::Redis).await;
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    let replicas = [Client::clone(&app), elsewhere.clone()];
    let revoking = (0..4_usize).map(|task| {
        let (client, own) = (replicas[task % 2].clone(), own.clone());
        tokio::spawn(async move {
            for number in 0..EACH {
                let ci = own.on_channel(&format!("{task}-{number}/edge"));
                client.revoke(&own, &ci.leaked()).await.success();
            }
        })
    });
    let revoking: Vec<_> = revoking.collect();
    let watching = replicas.clone().map(|client| {
        let engineer = engineer.clone();
        tokio::spawn(async move {
            let (mut events, mut seen) = (client.watch(&engineer, 0).await, 0);
            while seen < 4 * EACH {
                let event = events.next().await.expect("no end");
                if event.name == "level" {
                    assert_eq!(event.data["position"], seen, "a level comes behind all that it speaks of");
                } else {
                    assert_eq!(event.id, Some(seen + 1), "{event:?}");
                    seen += 1;
                }
            }
        })
    });
    for task in revoking.into_iter().chain(watching) {
        task.await.unwrap();
    }
    // Resumed at the other replica, also by who has seen an entry that that one has not looked for yet.
    for client in replicas.iter().rev() {
        let mut events = client.watch(&engineer, 4 * EACH - 1).await;
        assert_eq!(events.entry().await.id, Some(4 * EACH));
    }
    for number in 1..=5 {
        let (one, other) =
            if number % 2 == 0 { (&app as &Client, &elsewhere) } else { (&elsewhere, &app as &Client) };
        one.revoke(&own, &own.on_channel(&format!("last-{number}/edge")).leaked()).await.success();
        assert_eq!(
            other.watch(&engineer, 4 * EACH + number).await.level().await["position"],
            4 * EACH + number
        );
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_a_level_is_among_what_it_counts() {
    let app = TestApp::start(List::Embedded).await;
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    let mut events = app.watch(&engineer, 0).await;
    let mut acknowledged: Vec<(Timestamp, i64)> = Vec::new();
    for round in 0..3 {
        for number in 0..10 {
            let ci = own.on_channel(&format!("{round}-{number}/edge"));
            let body = app.revoke(&own, &ci.leaked()).await.success();
            acknowledged.push((app.clock.now(), body["revoked"][0]["position"].as_i64().unwrap()));
        }
        let level = events.level().await;
        let (as_of, position) = (moment(&level["as_of"]), level["position"].as_i64().unwrap());
        for (at, entry) in &acknowledged {
            assert!(*at > as_of || *entry <= position, "{entry} was acknowledged at {at}: {level}");
        }
    }
}

#[tokio::test]
async fn with_the_database_gone_nothing_is_claimed_and_the_stream_ends() {
    let app = TestApp::start(List::Embedded).await;
    let engineer = app.log_in(&app.security).await;
    let mut events = app.watch(&engineer, 0).await;
    events.level().await;
    app.state().records.close().await;
    let gone = app.clock.now();
    for event in events.rest().await {
        assert!(event.name == "level" && moment(&event.data["as_of"]) <= gone, "{event:?}");
    }
    app.watch_in_vain(Some(&engineer), PATH).await.undecided();
}

#[tokio::test]
async fn with_redis_gone_a_watcher_s_credential_is_in_doubt_so_it_is_let_go() {
    let app = TestApp::start(List::Redis).await;
    let engineer = app.log_in(&app.security).await;
    let mut events = app.watch(&engineer, 0).await;
    events.level().await;
    app.redis().kill();
    events.rest().await;
    app.watch_in_vain(Some(&engineer), PATH).await.undecided();
    app.redis().restart_empty();
    until("a stream again", async || {
        (app.watch_in_vain(Some(&engineer), &format!("{PATH}?after=9")).await.status == 409).then_some(())
    })
    .await;
    app.watch(&engineer, 0).await.level().await;
}

fn moment(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}
