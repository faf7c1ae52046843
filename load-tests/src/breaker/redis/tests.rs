//! That a primary can be isolated as it is said to be: real servers, real sentinels.

use super::super::proxy::Mode;
use super::*;

#[tokio::test]
async fn an_isolated_primary_goes_on_answering_while_another_is_chosen_and_steps_down_when_it_returns() {
    let directory = tempfile::tempdir().unwrap();
    let history = Arc::new(History::begin());
    let redis = Redis::start(Shape::Sentinel, &program(), directory.path(), &history).await.unwrap();
    assert_eq!(redis.primary().await, Some(0));
    let old = &redis.servers[0];
    let ask_old = async |command: &str| ask(old.port, command).await.unwrap();
    assert!(ask_old("SET before 1").await.contains("OK"));

    old.front.set(Mode::Blackhole);
    let changed = async || redis.primary().await.is_some_and(|primary| primary != 0);
    until(Duration::from_secs(30), changed).await.expect("the sentinels choose another primary");
    let new = &redis.servers[redis.primary().await.unwrap()];
    let takes_writes =
        async || ask(new.port, "SET after 1").await.is_some_and(|answer| answer.contains("OK"));
    until(Duration::from_secs(10), takes_writes).await.expect("it takes writes");
    assert!(ask_old("ROLE").await.contains("master"), "it believes in itself");
    assert!(ask_old("SET alone 1").await.contains("OK"));
    assert!(ask_old("GET after").await.starts_with("$-1"), "and knows nothing of the other");

    old.front.set(Mode::Pass);
    let stepped_down = async || ask(old.port, "ROLE").await.is_some_and(|answer| answer.contains("slave"));
    until(Duration::from_secs(30), stepped_down).await.expect("it steps down");
    redis.processes().for_each(|process| process.stop());
    assert_eq!(history.events().oddities, []);
}

#[test]
fn a_field_is_found_in_an_answer_of_names_and_values() {
    let answer = "*4\r\n$4\r\nname\r\n$8\r\nmymaster\r\n$10\r\nnum-slaves\r\n$1\r\n2\r\n";
    assert_eq!((field(answer, "num-slaves"), field(answer, "quorum")), (Some("2"), None));
}

#[expect(clippy::disallowed_methods, reason = "tests are told by their environment where Redis is")]
fn program() -> PathBuf {
    std::env::var("REDIS_SERVER").map_or_else(|_| PathBuf::from("redis-server"), PathBuf::from)
}
