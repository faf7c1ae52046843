//! A Redis that dies, hangs, forgets, or may forget: nothing is accepted that is not certain, and everything heals.

use std::time::{Duration, Instant};

use model::ids::TokenId;
use revocation::{NewRevocation, Reach, Revocation, RevocationQuery, Subject};
use serde_json::json;

use crate::support::{Answer, Client, Held, List, TestApp, snap, until};

/// A service with Redis, a publisher with a snap, and one credential that was revoked.
pub(crate) struct Scene {
    pub(crate) app: TestApp,
    pub(crate) own: Held,
    pub(crate) revoked: Held,
    upload_id: String,
}

impl Scene {
    pub(crate) async fn start() -> Scene {
        let app = TestApp::start(List::Redis).await;
        let own = app.log_in(&app.publisher).await;
        app.publish(&own, "thing", &snap("thing", "1")).await;
        let revoked = own.on_channel("edge");
        app.revoke(&own, &json!({"text": revoked.export()})).await.success();
        let upload_id = app.uploaded(&snap("thing", "2")).await;
        Scene { app, own, revoked, upload_id }
    }

    /// Nothing that takes a credential is answered with anything but "cannot tell", and what takes none goes on.
    async fn refuses_everything(&self) {
        let app = &self.app;
        for held in [&self.own, &self.revoked] {
            for answer in app.every_authenticated(held, &self.upload_id).await {
                answer.undecided();
            }
        }
        let ready = app.get("/readyz", None).await;
        assert_eq!((ready.status, &ready.body["revocations"]), (503, &json!("unavailable")));
        assert_eq!(app.get("/healthz", None).await.status, 200);
        app.root(&["package_access"]).await;
    }

    /// Waits until the service can tell again; meanwhile it never says anything wrong.
    pub(crate) async fn heals(&self, client: &Client) {
        until("an answer that is no 503", async || {
            // The revoked one first: it must not be let in for a moment by whoever heals.
            let (revoked, own) = (client.whoami(&self.revoked).await, client.whoami(&self.own).await);
            if revoked.status == 503 {
                revoked.undecided();
            } else {
                revoked.revoked();
            }
            if own.status == 503 {
                own.undecided();
                return None;
            }
            own.success();
            (revoked.status == 401).then_some(())
        })
        .await;
        assert_eq!(client.get("/readyz", None).await.status, 200);
    }
}

#[tokio::test]
async fn with_redis_dead_nothing_is_accepted_and_after_it_returns_empty_the_list_is_rebuilt() {
    let scene = Scene::start().await;
    let (_replica, elsewhere) = scene.app.another_replica().await.unwrap();
    scene.app.redis().kill();
    scene.refuses_everything().await;
    elsewhere.whoami(&scene.own).await.undecided();
    scene.app.redis().restart_empty();
    scene.heals(&scene.app).await;
    scene.heals(&elsewhere).await;
    let body = json!({"name": "thing", "updown_id": scene.upload_id});
    assert_eq!(scene.app.push(&scene.own, &body).await.status, 202);
}

#[tokio::test]
async fn with_redis_frozen_the_refusal_comes_in_time_and_all_is_well_when_it_thaws() {
    let scene = Scene::start().await;
    scene.app.redis().freeze();
    let began = Instant::now();
    scene.app.whoami(&scene.revoked).await.undecided();
    scene.app.whoami(&scene.own).await.undecided();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    scene.refuses_everything().await;
    scene.app.redis().resume();
    scene.heals(&scene.app).await;
}

#[tokio::test]
async fn a_frozen_redis_holds_nobody_up_for_long_who_asks_at_the_same_time() {
    let scene = Scene::start().await;
    scene.app.redis().freeze();
    let began = Instant::now();
    let asking = (0..30).map(|_| scene.app.whoami(&scene.own));
    for answer in futures_util::future::join_all(asking).await {
        answer.undecided();
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    scene.app.redis().resume();
    scene.heals(&scene.app).await;
}

#[tokio::test]
async fn a_redis_that_forgets_under_a_running_service_is_not_believed_and_is_told_again() {
    let scene = Scene::start().await;
    let redis = scene.app.redis();
    for forget in [
        "FLUSHALL",
        "DEL {it}:list",
        "HSET {it}:list position 0",
        "HSET {it}:list term 0",
        "HDEL {it}:list position",
        "FLUSHDB",
    ] {
        assert!(!redis.command(forget).starts_with('-'), "{forget}");
        let answer = scene.app.whoami(&scene.revoked).await;
        if answer.status == 503 {
            answer.undecided();
        } else {
            answer.revoked();
        }
        scene.heals(&scene.app).await;
    }
}

#[tokio::test]
async fn the_first_request_after_a_flush_is_refused_and_nothing_slips_through() {
    let scene = Scene::start().await;
    scene.app.redis().command("FLUSHALL");
    scene.app.whoami(&scene.own).await.undecided();
    scene.heals(&scene.app).await;
}

#[tokio::test]
async fn a_list_that_holds_nonsense_is_not_believed() {
    let scene = Scene::start().await;
    let field = format!("HSET {{it}}:f:{} family nonsense", scene.own.token_id());
    assert!(!scene.app.redis().command(&field).starts_with('-'));
    scene.app.whoami(&scene.own).await.undecided();
    scene.app.whoami(&scene.revoked).await.undecided();
}

#[tokio::test]
async fn a_long_journal_is_brought_back_whole() {
    let scene = Scene::start().await;
    let state = scene.app.state();
    let tokens: Vec<TokenId> = (0..450).map(|_| TokenId::generate()).collect();
    let revocations: Vec<NewRevocation> = tokens
        .iter()
        .map(|token| NewRevocation {
            subject: Subject::Family(token.clone()),
            cut: Revocation { reach: Reach::All, at: scene.app.clock.now(), reason: "a test".to_owned() },
            actor: "nobody".to_owned(),
            leaked: false,
            forget_at: None,
        })
        .collect();
    state.revocations.revoke(revocations).await.unwrap();
    let dead = async |token: &TokenId| {
        let subjects = vec![Subject::Family(token.clone())];
        state.revocations.check(&RevocationQuery { subjects, login: None }).await.unwrap().is_some()
    };
    assert!(dead(&tokens[0]).await && dead(&tokens[449]).await);
    scene.app.redis().restart_empty();
    scene.heals(&scene.app).await;
    for token in &tokens {
        assert!(dead(token).await, "{token}");
    }
    assert!(!dead(&TokenId::generate()).await);
}

#[tokio::test]
async fn a_revocation_that_redis_does_not_take_is_recorded_and_not_acknowledged() {
    let scene = Scene::start().await;
    let (app, own) = (&scene.app, &scene.own);
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    let engineer = app.log_in(&app.security).await;
    let (beta, candidate) = (own.on_channel("beta"), own.on_channel("candidate"));
    app.redis().kill();
    for (actor, found) in [(own, &beta), (&engineer, &candidate)] {
        let answer = app.revoke(actor, &found.leaked()).await;
        assert!(answer.undecided().message().starts_with("NOT YET ACKNOWLEDGED: "), "{answer:?}");
        app.whoami(found).await.undecided();
    }
    // The journal is asked who may revoke, so that it is never the revoked one.
    app.revoke(&scene.revoked, &own.leaked()).await.revoked();
    app.revoke(&beta, &own.leaked()).await.revoked();
    assert_eq!(app.count("revocations").await, 3);
    app.redis().restart_empty();
    scene.heals(app).await;
    scene.heals(&elsewhere).await;
    for client in [&**app, &elsewhere] {
        client.whoami(&beta).await.revoked();
        client.whoami(&candidate).await.revoked();
    }
}

#[tokio::test]
async fn a_revocation_is_asked_for_again_until_it_is_acknowledged() {
    let scene = Scene::start().await;
    let (app, own) = (&scene.app, &scene.own);
    let ci = own.on_channel("beta");
    let body = json!({"text": ci.export()});
    app.redis().kill();
    app.revoke(own, &body).await.undecided();
    app.redis().restart_empty();
    let acknowledged = until("an acknowledgement", async || {
        let answer = app.revoke(own, &body).await;
        if answer.status == 503 {
            answer.undecided();
            return None;
        }
        Some(answer)
    });
    assert_eq!(acknowledged.await.success()["acknowledged"], true);
    app.whoami(&ci).await.revoked();
}

#[tokio::test]
async fn a_service_that_starts_before_its_redis_refuses_until_it_is_there() {
    let mut scene = Scene::start().await;
    scene.app.redis().kill();
    scene.app.restart().await;
    scene.refuses_everything().await;
    scene.app.redis().restart_empty();
    scene.heals(&scene.app).await;
}

#[tokio::test]
async fn a_redis_that_evicts_keys_stops_the_start_with_a_sentence() {
    let app = TestApp::start(List::Redis).await;
    for policy in ["allkeys-lru", "volatile-ttl", "allkeys-random"] {
        assert_eq!(app.redis().command(&format!("CONFIG SET maxmemory-policy {policy}")), "+OK");
        let refusal = app.another_replica().await.err().expect("a refusal").to_string();
        assert!(refusal.contains(policy) && refusal.contains("could forget a revocation"), "{refusal}");
        assert!(refusal.contains("CONFIG SET maxmemory-policy noeviction"), "{refusal}");
    }
    assert_eq!(app.redis().command("CONFIG SET maxmemory-policy noeviction"), "+OK");
    drop(app.another_replica().await.unwrap());
}

#[tokio::test]
async fn a_redis_that_evicts_keys_is_not_believed_after_a_reconnect_either() {
    let scene = Scene::start().await;
    let redis = scene.app.redis();
    redis.command("CONFIG SET maxmemory-policy allkeys-lru");
    redis.command("CLIENT KILL TYPE normal SKIPME yes");
    until("a refusal", async || (scene.app.whoami(&scene.own).await.status == 503).then_some(())).await;
    scene.refuses_everything().await;
    redis.command("CONFIG SET maxmemory-policy noeviction");
    scene.heals(&scene.app).await;
}

#[tokio::test]
async fn a_connection_that_is_cut_is_made_anew() {
    let scene = Scene::start().await;
    for _ in 0..3 {
        scene.app.redis().command("CLIENT KILL TYPE normal SKIPME yes");
        scene.heals(&scene.app).await;
    }
}

#[tokio::test]
async fn logins_and_refreshes_are_refused_too_when_nobody_knows_who_was_cut_off() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let root = app.root(&["package_access"]).await;
    app.redis().kill();
    let code = app.code(&app.publisher);
    let answers: [Answer; 3] = [
        app.attempt(&root, &app.publisher, Some(&code)).await,
        app.attempt(&root, &app.simple, None).await,
        app.refresh(&scene.own.discharge).await,
    ];
    for answer in answers {
        answer.undecided();
    }
    app.redis().restart_empty();
    scene.heals(app).await;
    app.refresh(&scene.own.discharge).await.success();
}
