//! The records in PostgreSQL: what several replicas want at once, one has; a database that is gone is waited for, briefly,
//! and nothing is acknowledged that it could lose.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use secrecy::SecretString;
use serde_json::json;
use service::config::Settings;
use storage::records::DatabaseSettings;

use crate::outage::Scene;
use crate::support::{Client, Database, Disk, List, PASSWORD, Start, TestApp, login_body, snap, until};

/// How long an answer may take that cannot be given.
const IN_TIME: Duration = Duration::from_secs(5);

#[tokio::test]
async fn with_postgresql_dead_nothing_is_kept_and_all_is_well_when_it_returns() {
    let scene = Scene::start().await;
    let (app, own) = (&scene.app, &scene.own);
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    app.postgres().kill();
    nothing_is_kept(&scene, app).await;
    nothing_is_kept(&scene, &elsewhere).await;
    app.revoke(own, &own.on_channel("beta").leaked()).await.undecided();
    app.postgres().restart();
    for client in [&**app, &elsewhere] {
        is_well_again(&scene, client).await;
    }
    assert_eq!((app.count("revocations").await, app.count("revisions").await), (1, 1));
    assert_eq!(app.publish(own, "thing", &snap("thing", "3")).await, 2);
}

#[tokio::test]
async fn with_postgresql_frozen_the_refusal_comes_in_time_and_all_is_well_when_it_thaws() {
    let scene = Scene::start().await;
    let app = &scene.app;
    app.postgres().freeze();
    nothing_is_kept(&scene, app).await;
    // More than there are connections.
    let began = Instant::now();
    for answer in join_all((0..30).map(|_| app.releases(&scene.own, "thing"))).await {
        answer.undecided();
    }
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    app.postgres().resume();
    is_well_again(&scene, app).await;
}

#[tokio::test]
async fn with_postgresql_frozen_under_requests_none_of_them_hangs_and_their_connections_are_not_used_again() {
    let scene = Scene::start().await;
    let (app, own) = (&scene.app, &scene.own);
    for _ in 0..2 {
        let asking = join_all((0..40).map(|number| async move {
            let began = Instant::now();
            let answer = if number % 2 == 0 {
                app.releases(own, "thing").await
            } else {
                app.release(own, "thing", 1, &["edge"]).await
            };
            (answer, began.elapsed())
        }));
        let freezing = async {
            tokio::task::yield_now().await;
            app.postgres().freeze();
        };
        let (answers, ()) = tokio::join!(asking, freezing);
        for (answer, took) in answers {
            assert!([200, 503].contains(&answer.status) && took < 2 * IN_TIME, "{took:?} {answer:?}");
        }
        app.postgres().resume();
        is_well_again(&scene, app).await;
        // The lease on the revocation list may run out once more before it is renewed.
        until("as many answers as were asked for", async || {
            let answers = join_all((0..30).map(|_| app.releases(own, "thing"))).await;
            answers.iter().all(|answer| answer.status == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_connection_that_postgresql_cuts_is_made_anew() {
    let scene = Scene::start().await;
    let app = &scene.app;
    for _ in 0..3 {
        app.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            .await;
        is_well_again(&scene, app).await;
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_postgresql_that_dies() {
    let database = Database::Postgres(Disk::Synced);
    let app = TestApp::with(Start { list: List::Redis, database, ..Start::default() }).await;
    let own = app.log_in(&app.publisher).await;
    let acknowledged = Mutex::new(Vec::new());
    let revoking = (0..4).map(|worker| {
        let (app, own, acknowledged) = (&app, &own, &acknowledged);
        async move {
            for number in 0.. {
                let ci = own.on_channel(&format!("{worker}-{number}/edge"));
                let answer = app.revoke(own, &ci.leaked()).await;
                if answer.status != 200 {
                    answer.undecided();
                    return;
                }
                acknowledged.lock().unwrap().push(ci);
            }
        }
    });
    let dying = async {
        until("acknowledgements", async || (acknowledged.lock().unwrap().len() > 10).then_some(())).await;
        app.postgres().kill();
    };
    tokio::join!(join_all(revoking), dying);
    app.postgres().restart();
    // It would make up for a journal that forgot.
    app.redis().restart_empty();
    until("an answer", async || (app.whoami(&own).await.status == 200).then_some(())).await;
    for ci in acknowledged.into_inner().unwrap() {
        app.whoami(&ci).await.revoked();
    }
}

#[tokio::test]
async fn of_several_that_want_the_same_through_several_replicas_one_has_it() {
    let app = TestApp::start(List::Redis).await;
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    let clients: [&Client; 2] = [&app, &elsewhere];
    let (ours, theirs) = (app.log_in(&app.simple).await, app.log_in(&app.other).await);
    let statuses = |answers: Vec<crate::support::Answer>| {
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        statuses
    };
    // A name.
    for name in ["a", "b", "c", "d", "e"] {
        let (one, other) = tokio::join!(app.register(&ours, name), elsewhere.register(&theirs, name));
        assert_eq!(statuses(vec![one, other]), [201, 409]);
    }
    // A file that was received.
    let id = app.uploaded(&snap("a", "1")).await;
    let mine = if app.releases(&ours, "a").await.status == 200 { &ours } else { &theirs };
    let body = json!({"name": "a", "updown_id": id});
    let pushed = join_all((0..6).map(|number| clients[number % 2].push(mine, &body))).await;
    let pushed = statuses(pushed);
    assert!(pushed[0] == 202 && pushed[1..].iter().all(|status| *status >= 400), "{pushed:?}");
    // A one-time code.
    for _ in 0..3 {
        let root = app.root(&["package_access"]).await;
        let code = app.code(&app.publisher);
        let body = login_body(&root, app.publisher.email, app.publisher.password, Some(&code));
        let logins = join_all((0..4).map(|number| clients[number % 2].discharge(&body))).await;
        assert_eq!(statuses(logins), [200, 403, 403, 403]);
    }
}

#[tokio::test]
async fn revisions_and_releases_through_several_replicas_are_numbered_without_gaps() {
    let app = TestApp::start(List::Redis).await;
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    let clients: [&Client; 2] = [&app, &elsewhere];
    let own = app.log_in(&app.publisher).await;
    app.register(&own, "thing").await.success();
    let pushing = (0..12).map(|number| {
        let (app, own) = (&app, &own);
        async move {
            let id = app.uploaded(&snap("thing", &number.to_string())).await;
            let body = json!({"name": "thing", "updown_id": id, "channels": ["edge", "beta"]});
            clients[number % 2].push(own, &body).await.success();
        }
    });
    join_all(pushing).await;
    let listed = app.releases(&own, "thing").await.success();
    let numbers = listed["revisions"].as_array().unwrap().iter().map(|one| one["revision"].as_i64().unwrap());
    assert_eq!(numbers.collect::<Vec<_>>(), (1..=12).rev().collect::<Vec<_>>());
    assert_eq!(app.count("releases").await, 24);
    assert_eq!(app.count("(SELECT DISTINCT seq FROM releases WHERE seq BETWEEN 1 AND 24) AS seqs").await, 24);
}

#[tokio::test]
async fn replicas_that_start_at_once_on_an_empty_database_make_one_schema_and_one_key_of_each_kind() {
    let app = TestApp::start(List::Redis).await;
    app.execute("CREATE DATABASE empty").await;
    let settings = with_url(&app, &app.postgres().url().replace("/postgres", "/empty"));
    let settings = Settings { redis: settings.redis.map(|redis| on_prefix(redis, "empty")), ..settings };
    let started = join_all((0..6).map(|_| app.replica_with(settings.clone()))).await;
    let replicas: Vec<_> = started.into_iter().map(Result::unwrap).collect();
    let keys: BTreeSet<_> =
        replicas.iter().map(|(replica, _)| replica.state.keys.newest_root().unwrap().0.to_string()).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
}

#[tokio::test]
async fn a_database_that_could_not_keep_its_promise_stops_the_start_with_a_sentence_without_its_password() {
    let app = TestApp::start(List::Redis).await;
    let url = app.postgres().url();
    for (url, says) in [
        (format!("{url}?options=-c%20default_transaction_read_only=on"), "name the primary in database.url"),
        (url.replace("/postgres", "/nowhere"), "database \"nowhere\" does not exist"),
        (format!("{url}?sslmode=require"), "TLS"),
        (format!("postgres://macaroond:{PASSWORD}@127.0.0.1:1/postgres"), "Connection refused"),
    ] {
        let error = app.replica_with(with_url(&app, &url)).await.err().expect("a refusal");
        let told = model::cause::chain(&error);
        assert!(told.contains(says), "{told}");
        assert!(!told.contains(PASSWORD) && !format!("{error:?}").contains(PASSWORD), "{error:?}");
    }
    // What a connection can mend, it mends.
    let options = "options=-c%20synchronous_commit=off%20-c%20log_statement=all";
    let (_replica, client) = app.replica_with(with_url(&app, &format!("{url}?{options}"))).await.unwrap();
    assert_eq!(client.get("/readyz", None).await.status, 200);
    assert!(app.postgres().log().contains("SET synchronous_commit = on"), "{}", app.postgres().log());
}

#[tokio::test]
async fn replicas_on_one_machine_may_share_a_file_instead() {
    let database = Database::File;
    let app = TestApp::with(Start { list: List::Redis, database, ..Start::default() }).await;
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    let own = app.log_in(&app.publisher).await;
    app.publish(&own, "thing", &snap("thing", "1")).await;
    elsewhere.releases(&own, "thing").await.success();
    elsewhere.revoke(&own, &own.leaked()).await.success();
    app.whoami(&own).await.revoked();
}

/// Whatever would have to be written, or asked of the database, is refused as "cannot tell", and in time.
async fn nothing_is_kept(scene: &Scene, client: &Client) {
    let (app, own) = (&scene.app, &scene.own);
    let root = app.root(&["package_access"]).await;
    let login = login_body(&root, app.simple.email, app.simple.password, None);
    let began = Instant::now();
    let (listed, released, registered, login, refreshed, uploaded, ready) = tokio::join!(
        client.releases(own, "thing"),
        client.release(own, "thing", 1, &["edge"]),
        client.register(own, "another"),
        client.discharge(&login),
        client.refresh(&own.discharge),
        client.upload(b"a file"),
        client.get("/readyz", None),
    );
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    for answer in [listed, released, registered, login, refreshed] {
        answer.undecided();
    }
    assert_eq!(uploaded.status, 503, "{uploaded:?}");
    assert_eq!((ready.status, &ready.body["database"]), (503, &json!("unavailable")));
    assert_eq!(client.get("/healthz", None).await.status, 200);
    let revoked = client.whoami(&scene.revoked).await;
    assert!([401, 503].contains(&revoked.status), "{revoked:?}");
}

/// Waits until the database is used again; meanwhile and then, what was revoked is not let in.
async fn is_well_again(scene: &Scene, client: &Client) {
    until("answers that are no 503", async || {
        let (revoked, own) =
            (client.whoami(&scene.revoked).await, client.releases(&scene.own, "thing").await);
        if revoked.status == 503 || own.status == 503 {
            return None;
        }
        revoked.revoked();
        own.success();
        (client.get("/readyz", None).await.status == 200).then_some(())
    })
    .await;
}

fn with_url(app: &TestApp, url: &str) -> Settings {
    Settings { database: Some(DatabaseSettings { url: SecretString::from(url) }), ..app.settings() }
}

fn on_prefix(
    redis: storage::revocations::RedisSettings,
    prefix: &str,
) -> storage::revocations::RedisSettings {
    storage::revocations::RedisSettings { prefix: prefix.to_owned(), ..redis }
}
