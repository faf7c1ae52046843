//! Where the list is: primaries that are left behind, replaced, failed over or fought over. One home counts at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use model::ids::TokenId;
use revocation::{NewRevocation, Reach, Revocation, Subject};
use secrecy::SecretString;
use serde_json::json;
use storage::revocations::{RedisSettings, RedisTopology};

use crate::outage::Scene;
use crate::support::{Answer, Client, Held, List, Redis, TestApp, until};

fn at(redis: &Redis, like: &RedisSettings) -> RedisSettings {
    RedisSettings { place: RedisTopology::Standalone(SecretString::from(redis.url())), ..like.clone() }
}

/// Revokes until it is acknowledged.
async fn revoke(client: &Client, own: &Held, leaked: &Held) {
    let body = json!({"text": leaked.export()});
    until("an acknowledgement", async || (client.revoke(own, &body).await.status == 200).then_some(())).await;
}

fn is_refused(answer: &Answer) {
    assert!([401, 503].contains(&answer.status), "accepted after the acknowledgement: {answer:?}");
}

#[tokio::test]
async fn a_service_left_behind_with_an_old_primary_accepts_nothing_once_another_is_in_use() {
    let mut app = TestApp::start(List::Redis).await;
    let like = RedisSettings { min_replicas: 1, ..app.redis_settings() };
    let (next, third) = (Redis::following(app.redis()), Redis::following(app.redis()));
    app.move_to(like.clone()).await;
    let own = app.log_in(&app.publisher).await;
    let leaked = own.on_channel("edge");
    app.whoami(&leaked).await.success();

    // The rest of the world makes another the primary; the old one lives on, and the service with it.
    assert_eq!(next.command("REPLICAOF NO ONE"), "+OK");
    assert_eq!(third.command(&format!("REPLICAOF 127.0.0.1 {}", next.port())), "+OK");
    third.in_step();
    app.whoami(&leaked).await.success();
    let (_replica, elsewhere) = app.replica_at(at(&next, &like)).await.unwrap();
    revoke(&elsewhere, &own, &leaked).await;
    is_refused(&app.whoami(&leaked).await);
    app.whoami(&own).await.undecided();
    elsewhere.whoami(&leaked).await.revoked();
    elsewhere.whoami(&own).await.success();
    // Nobody follows the old one, so it does not take the list back.
    tokio::time::sleep(Duration::from_secs(1)).await;
    app.whoami(&own).await.undecided();
    elsewhere.whoami(&own).await.success();
}

#[tokio::test]
async fn two_servers_under_one_name_never_let_a_revoked_one_in() {
    let app = TestApp::start(List::Redis).await;
    let another = Redis::start();
    let own = app.log_in(&app.publisher).await;
    app.whoami(&own).await.success();
    let (_replica, elsewhere) = app.replica_at(at(&another, &app.redis_settings())).await.unwrap();
    let leaked = own.on_channel("edge");
    let (done, body) = (AtomicBool::new(false), json!({"text": leaked.export()}));
    let revoking = async {
        // They take the list from each other, so this may never be acknowledged; asked once, it takes its time.
        let acknowledged = elsewhere.revoke(&own, &body).await.status == 200;
        done.store(true, Ordering::SeqCst);
        acknowledged
    };
    let asking = async {
        while !done.load(Ordering::SeqCst) {
            app.whoami(&leaked).await;
        }
    };
    let (acknowledged, ()) = tokio::join!(revoking, asking);
    for client in [&*app, &elsewhere, &app, &elsewhere] {
        let answer = client.whoami(&leaked).await;
        assert!(!acknowledged || answer.status != 200, "{answer:?}");
    }
}

#[tokio::test]
async fn a_new_home_acknowledges_nothing_before_the_leases_of_the_old_one_have_run_out() {
    let scene = Scene::start().await;
    let (app, own) = (&scene.app, &scene.own);
    let lease = app.redis_settings().lease;
    app.redis().restart_empty();
    let began = Instant::now();
    revoke(app, own, &own.on_channel("beta")).await;
    assert!(began.elapsed() > lease, "{:?}", began.elapsed());
    // Once they have, nobody waits.
    app.revoke(own, &own.on_channel("candidate").leaked()).await.success();
}

#[tokio::test]
async fn what_another_service_says_of_the_home_ends_trust_within_a_lease() {
    let scene = Scene::start().await;
    let records = &scene.app.state().records;
    let term = records.list_term().await.unwrap();
    assert!(term.built && term.settled);
    // Somebody elsewhere begins a term, and dies before its list is made.
    let next = records.claim_list_term(term.number, "elsewhere").await.unwrap();
    assert_eq!(next, Some(term.number + 1));
    assert_eq!(records.claim_list_term(term.number, "somewhere").await.unwrap(), None, "one succeeds");
    assert!(!records.built_list_term(term.number).await.unwrap(), "the old term is over");
    until("trust to end", async || (scene.app.whoami(&scene.own).await.status == 503).then_some(())).await;
    scene.heals(&scene.app).await;
    assert_eq!(records.list_term().await.unwrap().number, term.number + 2, "taken over, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_services_one_rebuilds_the_list() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let mut replicas = Vec::new();
    for _ in 0..3 {
        replicas.push(app.another_replica().await.unwrap());
    }
    let revocations: Vec<NewRevocation> = (0..5_000)
        .map(|_| NewRevocation {
            subject: Subject::Family(TokenId::generate()),
            cut: Revocation { reach: Reach::All, at: app.clock.now(), reason: String::new() },
            actor: "nobody".to_owned(),
            leaked: false,
            forget_at: None,
        })
        .collect();
    app.state().revocations.revoke(revocations).await.unwrap();
    let before = app.state().records.list_term().await.unwrap().number;
    app.redis().command("FLUSHALL");
    let clients: Vec<&Client> = replicas.iter().map(|(_, client)| client).chain([&**app]).collect();
    join_all(clients.iter().map(|client| client.whoami(&scene.revoked))).await.iter().for_each(is_refused);
    join_all(clients.iter().map(|client| scene.heals(client))).await;
    assert_eq!(app.state().records.list_term().await.unwrap().number, before + 1);
    assert_eq!(app.redis().command("DBSIZE"), ":5002");
}

#[tokio::test]
async fn too_few_replicas_are_named_and_the_rest_is_completed_when_they_are_back() {
    let mut app = TestApp::start(List::Redis).await;
    let follower = Redis::following(app.redis());
    app.move_to(RedisSettings { min_replicas: 1, ..app.redis_settings() }).await;
    let own = app.log_in(&app.publisher).await;
    let (one, two) = (own.on_channel("edge"), own.on_channel("beta"));
    app.revoke(&own, &one.leaked()).await.success();
    follower.freeze();
    let answer = app.revoke(&own, &two.leaked()).await;
    let words = "NOT YET ACKNOWLEDGED: it is in the journal and in the list; 0 of 1 Redis replicas have confirmed it.";
    assert!(answer.undecided().message().starts_with(words), "{answer:?}");
    // It is in force here already; that is no promise yet.
    app.whoami(&two).await.revoked();
    follower.resume();
    revoke(&app, &own, &two).await;
    assert_eq!(app.count("revocations").await, 2, "asked for again, and recorded once");
}

#[tokio::test]
async fn a_journal_that_lost_entries_is_noticed_and_nothing_is_accepted() {
    let scene = Scene::start().await;
    let app = &scene.app;
    app.whoami(&scene.own).await.success();
    // As a database does that comes back in an older state.
    app.execute("UPDATE counters SET value = 0 WHERE name = 'journal'").await;
    app.execute("DELETE FROM revocations").await;
    until("a refusal", async || (app.whoami(&scene.own).await.status == 503).then_some(())).await;
    let (_replica, elsewhere) = app.another_replica().await.unwrap();
    for client in [&**app, &elsewhere] {
        client.whoami(&scene.own).await.undecided();
        client.whoami(&scene.revoked).await.undecided();
    }
    // An operator who accepts the loss says so.
    app.redis().command("DEL {it}:list");
    until("an answer", async || (app.whoami(&scene.own).await.status == 200).then_some(())).await;
}

#[tokio::test]
async fn a_list_that_counts_an_entry_it_never_saw_is_made_anew() {
    let scene = Scene::start().await;
    let (app, own) = (&scene.app, &scene.own);
    let lost = own.on_channel("beta");
    // The database lost its second entry in a failover, and the next revocation gets that number.
    app.redis().command("HSET {it}:list position 2");
    revoke(app, own, &lost).await;
    assert_eq!(app.count("revocations").await, 2);
    app.whoami(&lost).await.revoked();
    app.whoami(&scene.revoked).await.revoked();
    scene.heals(app).await;
}

#[tokio::test]
async fn a_failover_by_sentinel_loses_nothing() {
    let mut app = TestApp::start(List::Redis).await;
    let followers = [Redis::following(app.redis()), Redis::following(app.redis())];
    let sentinel = Redis::sentinel(app.redis());
    until("the Sentinel to know both", async || sentinel.info("sentinel").contains("slaves=2").then_some(()))
        .await;
    let nodes = vec![SecretString::from("redis://127.0.0.1:1"), SecretString::from(sentinel.url())];
    let place = RedisTopology::Sentinel { nodes, master: "list".to_owned() };
    app.move_to(RedisSettings { place, min_replicas: 1, ..app.redis_settings() }).await;
    let own = app.log_in(&app.publisher).await;
    let leaked = own.on_channel("edge");
    app.revoke(&own, &leaked.leaked()).await.success();
    app.redis().kill();
    until("the new primary", async || {
        let (revoked, alive) = (app.whoami(&leaked).await, app.whoami(&own).await);
        is_refused(&revoked);
        (alive.status == 200 && revoked.status == 401).then_some(())
    })
    .await;
    assert_eq!(followers.iter().filter(|one| one.info("replication").contains("role:master")).count(), 1);
    revoke(&app, &own, &own.on_channel("beta")).await;
    app.whoami(&own.on_channel("beta")).await.revoked();
}

#[tokio::test]
async fn in_a_cluster_the_whole_list_is_in_one_slot() {
    let mut app = TestApp::start(List::Redis).await;
    let nodes: Vec<Redis> = (0..3).map(|_| Redis::with(&["--cluster-enabled", "yes"])).collect();
    for (node, slots) in nodes.iter().zip(["0 5460", "5461 10922", "10923 16383"]) {
        assert_eq!(node.command(&format!("CLUSTER ADDSLOTSRANGE {slots}")), "+OK");
    }
    for node in &nodes[1..] {
        assert_eq!(nodes[0].command(&format!("CLUSTER MEET 127.0.0.1 {}", node.port())), "+OK");
    }
    until("the cluster", async || {
        nodes
            .iter()
            .all(|node| node.command("CLUSTER KEYSLOT x").starts_with(':') && cluster_is_whole(node))
            .then_some(())
    })
    .await;
    let urls = nodes.iter().map(|node| SecretString::from(node.url())).collect();
    app.move_to(RedisSettings { place: RedisTopology::Cluster { nodes: urls }, ..app.redis_settings() })
        .await;
    let own = app.log_in(&app.publisher).await;
    let leaked = own.on_channel("edge");
    revoke(&app, &own, &leaked).await;
    app.whoami(&leaked).await.revoked();
    app.whoami(&own).await.success();
    let holders: Vec<&Redis> = nodes.iter().filter(|node| node.command("DBSIZE") != ":0").collect();
    assert_eq!(holders.len(), 1, "one node has it all");
    holders[0].restart_empty();
    is_refused(&app.whoami(&leaked).await);
}

fn cluster_is_whole(node: &Redis) -> bool {
    node.full("CLUSTER INFO").contains("cluster_state:ok")
}
