//! The credentials of a run: thousands of distinct ones, narrowed offline from a few logins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use caveats::Predicate;
use caveats::exported::Exported;
use model::clock::Clock;

use super::chance::Chance;
use super::history::{Credential, History, Login};

const STORE: &str = model::snap::STORE_LOCATION;
/// Children of each login, and of every other child one child.
const CHILDREN: usize = 40;
/// Revoked credentials that are still tried.
const REMEMBERED: usize = 2_000;

/// A credential as its holder keeps it.
pub(crate) struct Held {
    /// Its number in the history.
    pub(crate) number: usize,
    pub(crate) account: usize,
    /// As it is sent.
    pub(crate) header: String,
    stored: Exported,
}

/// All that are in use.
#[derive(Debug, Default)]
pub(crate) struct Wallet {
    /// Not known to be revoked.
    live: Mutex<Vec<Arc<Held>>>,
    /// Being revoked at the moment.
    doomed: Mutex<Vec<Arc<Held>>>,
    /// Revoked.
    dead: Mutex<Vec<Arc<Held>>>,
}

impl Held {
    /// As a client stores it.
    pub(crate) fn text(&self) -> String {
        self.stored.write()
    }
}

impl Wallet {
    /// Takes what a login gave, and narrows it many times. Answers with the login's own credential.
    pub(crate) fn fill(
        &self,
        history: &History,
        login: &Exported,
        account: usize,
    ) -> anyhow::Result<Arc<Held>> {
        let own = add_login(history, login, account)?;
        let mut children = vec![own.clone()];
        for number in 0..CHILDREN {
            let days = i64::try_from(30 + number)?;
            let end = Clock::system().now().add_secs(days * 24 * 3600).context("no such date")?;
            let child = narrowed(history, &own, &Predicate::Expires(end))?;
            if number % 2 == 0 {
                let channel = Predicate::Channels(vec![format!("latest/edge/branch-{number}")]);
                children.push(narrowed(history, &child, &channel)?);
            }
            children.push(child);
        }
        open(&self.live).extend(children);
        Ok(own)
    }

    /// One to use: mostly one that should be good.
    pub(crate) fn any(&self, chance: &mut Chance) -> Option<Arc<Held>> {
        let from = if chance.percent(10) { &self.dead } else { &self.live };
        chance.one_of(&open(from)).cloned()
    }

    /// One that is being revoked.
    pub(crate) fn doomed(&self, chance: &mut Chance) -> Option<Arc<Held>> {
        chance.one_of(&open(&self.doomed)).cloned()
    }

    /// One that was revoked.
    pub(crate) fn dead(&self, chance: &mut Chance) -> Option<Arc<Held>> {
        chance.one_of(&open(&self.dead)).cloned()
    }

    /// Takes one away in order to revoke it.
    pub(crate) fn doom(&self, chance: &mut Chance) -> Option<Arc<Held>> {
        let mut live = open(&self.live);
        if live.is_empty() {
            return None;
        }
        let at = chance.below(live.len());
        let victim = live.swap_remove(at);
        open(&self.doomed).push(victim.clone());
        Some(victim)
    }

    /// It was revoked, or it was refused.
    pub(crate) fn bury(&self, held: &Arc<Held>, chance: &mut Chance) {
        open(&self.live).retain(|other| other.number != held.number);
        open(&self.doomed).retain(|other| other.number != held.number);
        let mut dead = open(&self.dead);
        if dead.iter().any(|other| other.number == held.number) {
            return;
        }
        if dead.len() >= REMEMBERED {
            let at = chance.below(dead.len());
            dead.swap_remove(at);
        }
        dead.push(held.clone());
    }

    /// All that were revoked and are remembered.
    pub(crate) fn all_dead(&self) -> Vec<Arc<Held>> {
        open(&self.dead).clone()
    }

    /// How many should be good.
    pub(crate) fn living(&self) -> usize {
        open(&self.live).len()
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Takes what a login gave, for oneself.
pub(crate) fn add_login(history: &History, login: &Exported, account: usize) -> anyhow::Result<Arc<Held>> {
    let ended = history.now();
    let mut events = history.events();
    let (session, number) = (events.logins.len(), events.credentials.len());
    // Each login asks for a root of its own.
    events.logins.push(Login { family: session, account, ended });
    events.credentials.push(Credential { parent: None, login: session });
    drop(events);
    held(number, account, login.clone())
}

fn narrowed(history: &History, parent: &Held, predicate: &Predicate) -> anyhow::Result<Arc<Held>> {
    let mut stored = parent.stored.clone();
    stored.attenuate(&predicate.encode(STORE))?;
    let mut events = history.events();
    let number = events.credentials.len();
    let login = events.credentials.get(parent.number).context("the parent is known")?.login;
    events.credentials.push(Credential { parent: Some(parent.number), login });
    drop(events);
    held(number, parent.account, stored)
}

fn held(number: usize, account: usize, stored: Exported) -> anyhow::Result<Arc<Held>> {
    let header = stored.clone().into_bundle()?.to_header();
    Ok(Arc::new(Held { number, account, header, stored }))
}

fn open<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
