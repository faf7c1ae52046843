//! Clients that upload one file after the other and now and then register a key, whatever happens to the service.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::board::{Board, Phase};
use super::client::message;
use super::ledger::Told;
use super::publisher::{Desk, Hand, Publisher, REGISTER};
use super::signer::Signer;
use super::stage::ASSERTION_WAIT;
use super::upload::{End, Style, Upload};
use crate::breaker::chance::Chance;

/// How often an upload that is going to be refused is begun anew.
const PATIENCE: usize = 3;
const AGAIN: Duration = Duration::from_millis(15);

/// What came of the uploads of a run.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub(crate) begun: usize,
    /// Accepted by the push that the client saw to its end.
    pub(crate) accepted: usize,
    /// Sent again, and found to be there from before.
    pub(crate) found_there: usize,
    /// Not signed by a key of the publisher, and refused.
    pub(crate) refused: usize,
    /// Begun anew, as something had ended under them.
    pub(crate) again: usize,
    pub(crate) keys: usize,
}

/// What the clients of a run share.
#[derive(Debug)]
pub(crate) struct Floor {
    pub(crate) desk: Desk,
    pub(crate) board: Board,
    /// How many kills there were.
    pub(crate) kills: AtomicUsize,
    /// Somebody is to register a key.
    pub(crate) wants_key: AtomicBool,
    pub(crate) over: AtomicBool,
    tally: Mutex<Tally>,
}

impl Floor {
    pub(crate) fn of(desk: Desk, clients: usize) -> Floor {
        Floor {
            desk,
            board: Board::of(clients),
            kills: AtomicUsize::new(0),
            wants_key: AtomicBool::new(false),
            over: AtomicBool::new(false),
            tally: Mutex::default(),
        }
    }

    pub(crate) fn tally(&self) -> Tally {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, add: impl FnOnce(&mut Tally)) {
        add(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Uploads, for one of these publishers each time, until it is over; ends with the upload under way.
pub(crate) async fn work(
    floor: Arc<Floor>,
    who: usize,
    publishers: Vec<Arc<Publisher>>,
    mut chance: Chance,
) -> anyhow::Result<()> {
    while !floor.over.load(Ordering::SeqCst) {
        let Some(publisher) = chance.one_of(&publishers).cloned() else { return Ok(()) };
        if floor.wants_key.swap(false, Ordering::SeqCst) {
            register(&floor, who, &publisher).await?;
        }
        one(&floor, who, &publisher, &mut chance).await?;
        floor.board.leave(who);
    }
    Ok(())
}

/// One file, until it is accepted, or is refused as it should be.
async fn one(floor: &Floor, who: usize, publisher: &Publisher, chance: &mut Chance) -> anyhow::Result<()> {
    let (hand, style) = match chance.below(100) {
        0..30 => (Hand::Own, Style::Before),
        30..60 => (Hand::Own, Style::Beside),
        60..92 => (Hand::Own, Style::After),
        92..95 => (Hand::Strange, Style::Never),
        95..98 => (Hand::Strange, Style::Beside),
        _ => (Hand::Strange, Style::Before),
    };
    let signer = match hand {
        Hand::Own => publisher.signer(),
        Hand::Strange => stranger(publisher).await?,
    };
    let header = publisher.held.header()?;
    let product = publisher.make(&floor.desk.ledger, who, &signer, hand, chance)?;
    floor.count(|tally| tally.begun += 1);
    let refused = || floor.count(|tally| tally.refused += 1);
    for go in 0.. {
        let (kills, began) = (floor.kills.load(Ordering::SeqCst), floor.desk.ledger.now());
        let upload = Upload {
            desk: &floor.desk,
            board: &floor.board,
            who,
            publisher,
            header: &header,
            product: &product,
            style,
            rest: chance.milliseconds(1, 4),
            gives_up: true,
            chance: Mutex::new(chance.split()),
            asked: Mutex::default(),
        };
        let end = upload.make().await;
        let in_peace = floor.kills.load(Ordering::SeqCst) == kills;
        let in_time = floor.desk.ledger.now() < began + ASSERTION_WAIT;
        match (end, hand) {
            (End::Told(Told::Ready(_)), _) => {
                // Whether it may have been, the checker says.
                floor.count(|tally| tally.accepted += 1);
                return Ok(());
            }
            (End::Told(Told::Duplicate(_)), _) if go > 0 => {
                floor.count(|tally| tally.found_there += 1);
                return Ok(());
            }
            (End::Told(Told::Refused(_)) | End::Denied(..), Hand::Strange) => {
                refused();
                return Ok(());
            }
            (End::Lost, Hand::Strange) if go >= PATIENCE => {
                refused();
                return Ok(());
            }
            (End::Denied(status, text), Hand::Own) => {
                floor.desk.ledger.odd(who, format!("a signed upload was answered with {status}: {text}"));
                return Ok(());
            }
            (end, _) => {
                if in_peace && in_time {
                    floor.desk.ledger.odd(who, format!("though nothing was killed: {end:?}"));
                    return Ok(());
                }
                floor.count(|tally| tally.again += 1);
            }
        }
    }
    Ok(())
}

/// A key that is never registered, of which there is one.
async fn stranger(publisher: &Publisher) -> anyhow::Result<Arc<Signer>> {
    let key = publisher.stranger.get_or_try_init(async || Signer::make().await.map(Arc::new)).await?;
    Ok(key.clone())
}

/// Registers another key, which is in use once it is acknowledged; without a code for the login, does nothing.
async fn register(floor: &Floor, who: usize, publisher: &Publisher) -> anyhow::Result<()> {
    // That nobody answers to a login is no error here.
    let Ok(Some(login)) = publisher.log_in_for_keys(&floor.desk).await else { return Ok(()) };
    let (header, signer) = (login.header()?, Arc::new(Signer::make().await?));
    let body = publisher.request(&signer)?;
    floor.board.enter(who, Phase::Registering);
    for service in (0..floor.desk.client.services()).cycle() {
        let answer = floor.desk.client.post(service, REGISTER, &header, &body).await;
        let status = answer.as_ref().map(|(status, _)| *status);
        floor.desk.ledger.note(Some(who), format!("key {} registered: {status:?}", signer.id()));
        match answer {
            Some((200, _)) => {
                let (key, account) = (signer.id().to_owned(), publisher.account.clone());
                floor.desk.ledger.books().promised.keys.insert(key, account);
                publisher.use_key(signer);
                floor.count(|tally| tally.keys += 1);
                return Ok(());
            }
            None | Some((503, _)) => tokio::time::sleep(AGAIN).await,
            Some((status, body)) => {
                let text = message(&body);
                floor.desk.ledger.odd(who, format!("registering a key was answered with {status}: {text}"));
                return Ok(());
            }
        }
    }
    Ok(())
}
