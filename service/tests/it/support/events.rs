//! Server-sent events, as a client reads them.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Answer, Client, Held};

const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream of revocations.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) response: reqwest::Response,
    bytes: Vec<u8>,
}

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<i64>,
    pub(crate) data: Value,
}

impl Client {
    /// Watches behind the entry `after`, which goes into the header, as a browser sends it.
    pub(crate) async fn watch(&self, held: &Held, after: i64) -> Events {
        let request = self.request(reqwest::Method::GET, "/v1/revocations/stream");
        let request = request.header("Authorization", held.header()).header("Last-Event-ID", after);
        let response = request.send().await.unwrap();
        if response.status() != 200 {
            let answer = Answer::read(response).await;
            panic!("a stream was due: {answer:?}");
        }
        Events { response, bytes: Vec::new() }
    }

    /// Tries to, where it should be refused.
    pub(crate) async fn watch_in_vain(&self, held: Option<&Held>, path: &str) -> Answer {
        self.get(path, held.map(Held::header).as_deref()).await
    }
}

impl Events {
    /// The next event; `None` when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
                let text: Vec<u8> = self.bytes.drain(..end + 2).collect();
                return Some(Event::read(std::str::from_utf8(&text).unwrap()));
            }
            let piece =
                tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("an event, or the end");
            self.bytes.extend_from_slice(&piece.unwrap()?);
        }
    }

    /// The next cut or lift.
    pub(crate) async fn entry(&mut self) -> Event {
        loop {
            let event = self.next().await.expect("an entry, not the end of the stream");
            if event.name != "level" {
                return event;
            }
        }
    }

    /// The next level.
    pub(crate) async fn level(&mut self) -> Value {
        loop {
            let event = self.next().await.expect("a level, not the end of the stream");
            if event.name == "level" {
                return event.data;
            }
        }
    }

    /// All events to the end of the stream.
    pub(crate) async fn rest(&mut self) -> Vec<Event> {
        let (began, mut events) = (Instant::now(), Vec::new());
        while let Some(event) = self.next().await {
            assert!(began.elapsed() < PATIENCE, "the stream goes on: {event:?}");
            events.push(event);
        }
        events
    }
}

impl Event {
    fn read(text: &str) -> Event {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let id = field("id: ").map(|id| id.parse().unwrap());
        let (name, data) = (field("event: ").unwrap(), field("data: ").unwrap());
        Event { name: name.to_owned(), id, data: serde_json::from_str(data).unwrap() }
    }
}
