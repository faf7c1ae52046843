//! What one address may have sent that nobody has claimed.

use std::time::Duration;

use caveats::Network;
use reqwest::Method;
use serde_json::json;
use service::config::Uploads;
use service::publishing::sweep::{Depth, sweep};
use service::publishing::upload_quota::AT_ONCE;

use crate::support::raw::{Raw, upload_head};
use crate::support::{Answer, List, Start, TestApp, content_type, part, snap, until};

const LIMIT: usize = 100_000;
const KEEP: Duration = Duration::from_hours(3);

#[tokio::test]
async fn an_address_may_have_so_many_bytes_here_and_no_more() {
    for list in [List::Embedded, List::Redis] {
        fill(&start(list, Vec::new()).await).await;
    }
}

async fn fill(app: &TestApp) {
    app.uploaded(&vec![1; 60_000]).await;
    app.uploaded(&vec![2; LIMIT - 60_000]).await;
    let answer = app.upload(b"x").await;
    full(&answer);
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    let keep = KEEP.as_secs();
    assert!((keep - 60..=keep).contains(&seconds), "when the first of them is removed: {seconds}");
    until("what is refused to leave nothing", async || (app.blobs().len() == 2).then_some(())).await;
    assert_eq!(app.count("uploads").await, 2);

    // What has expired makes room.
    app.advance(keep + 1);
    let (state, now) = (app.state(), app.clock.now());
    let swept = sweep(&state.records, &state.blobs, Depth::Routine, KEEP, now).await;
    assert_eq!(swept.unwrap(), 2);
    app.uploaded(&vec![3; LIMIT]).await;
}

#[tokio::test]
async fn a_push_makes_room() {
    let app = start(List::Embedded, Vec::new()).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let file = snap("thing", "1.0");
    let id = app.uploaded(&file).await;
    full(&app.upload(&vec![0; LIMIT]).await);
    app.push(&held, &json!({"name": "thing", "updown_id": id})).await.success();
    app.uploaded(&vec![0; LIMIT]).await;
    full(&app.upload(&file).await);
}

#[tokio::test]
async fn an_assertion_counts_and_what_is_next_to_nothing_counts_as_something() {
    let app = start(List::Embedded, Vec::new()).await;
    let answer =
        app.multipart(&[part("binary", &[0; 1000]), part("assertion", &vec![b'a'; LIMIT - 1000 + 1])]).await;
    full(&answer);
    let answer =
        app.multipart(&[part("assertion", &vec![b'a'; LIMIT - 1000 + 1]), part("binary", &[0; 1000])]).await;
    full(&answer);
    // Of 16 KiB each, six are 98,304 bytes.
    for _ in 0..6 {
        app.uploaded(b"x").await;
    }
    full(&app.upload(b"x").await);
}

#[tokio::test]
async fn each_address_counts_for_itself_and_an_ipv6_address_by_its_network() {
    let app = start(List::Embedded, vec![Network::parse("127.0.0.0/8").unwrap()]).await;
    for (address, neighbour) in [
        ("192.0.2.1", "198.51.100.1, 192.0.2.1"),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"),
        ("unknown", "also unknown"),
    ] {
        from(&app, address, &vec![0; LIMIT]).await.success();
        full(&from(&app, neighbour, b"x").await);
    }
    for other in ["192.0.2.2", "2001:db8:0:2::1", "127.0.0.1"] {
        from(&app, other, &vec![0; LIMIT]).await.success();
    }
}

#[tokio::test]
async fn bytes_on_their_way_count_until_their_sender_gives_up() {
    let bounds = Uploads { unclaimed_per_address: 3_000_000, ..Uploads::default() };
    let app = TestApp::with(Start { uploads: bounds, ..Start::default() }).await;
    let mut raw = Raw::connect(app.address);
    // As many as are written at once, so that all of them are seen to have come: bytes that still come could fill the
    // quota before the others do.
    let coming = 7 * 256 * 1024;
    raw.send(&upload_head(3_000_000)).send(&part("binary", &vec![0; coming]));
    until("all that was sent to be on its way", async || {
        let name = app.blobs().pop()?;
        let length = std::fs::metadata(app.data_dir().join("blobs").join(name)).unwrap().len();
        (length == coming as u64).then_some(())
    })
    .await;
    full(&app.upload(&vec![0; 2_000_000]).await);
    app.uploaded(&vec![0; 500_000]).await;
    drop(raw);
    until("room again", async || (app.upload(&vec![0; 2_500_000]).await.status == 200).then_some(())).await;
    full(&app.upload(b"x").await);
}

#[tokio::test]
async fn an_address_has_so_many_uploads_under_way_and_no_more() {
    let app = TestApp::start(List::Embedded).await;
    let body = part("binary", &[0; 1000]);
    let mut under_way = Vec::new();
    for _ in 0..AT_ONCE {
        let mut raw = Raw::connect(app.address);
        raw.send(&upload_head(1_000_000)).send(&body);
        under_way.push(raw);
    }
    until("all of them to come in", async || (app.blobs().len() == AT_ONCE).then_some(())).await;
    let answer = app.upload(b"x").await;
    answer.refused_saying(429, "too-many-requests", "uploads under way");
    assert_eq!(answer.header("retry-after"), Some("60"));
    under_way.pop();
    until("one less", async || (app.upload(b"x").await.status == 200).then_some(())).await;
}

async fn start(list: List, trusted_proxies: Vec<Network>) -> TestApp {
    let bounds = Uploads { unclaimed_per_address: 100_000, keep_unclaimed: KEEP, ..Uploads::default() };
    TestApp::with(Start { list, uploads: bounds, trusted_proxies, ..Start::default() }).await
}

#[track_caller]
fn full(answer: &Answer) {
    answer.refused_saying(429, "too-many-requests", "uploads here that no push has claimed. Push what was");
}

async fn from(app: &TestApp, forwarded: &str, bytes: &[u8]) -> Answer {
    let body = [part("binary", bytes), b"--boundary-of-the-tests--\r\n".to_vec()].concat();
    let request = app.request(Method::POST, "/unscanned-upload/").body(body);
    Answer::to(request.header("Content-Type", content_type()).header("X-Forwarded-For", forwarded)).await
}
