//! Who uses the services during a run: verifiers, uploaders, those who log in, and who tries what was revoked.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use macaroond::commands::demo::snap;
use model::random;
use serde_json::json;

use super::chance::Chance;
use super::client::Client;
use super::history::{File, History, Kind, Operation, Outcome, Push};
use super::stage::Stage;
use super::wallet::{self, Held, Wallet};

/// Below so many good credentials somebody logs in.
const ENOUGH: usize = 300;

/// What everybody needs.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    pub(crate) stage: Arc<Stage>,
    pub(crate) history: Arc<History>,
    pub(crate) wallet: Arc<Wallet>,
    pub(crate) client: Client,
    /// Nobody ever revokes it: with it, it is seen when a service accepts again.
    pub(crate) keeper: Arc<Held>,
    pub(crate) security: Arc<Held>,
}

impl Cast {
    /// Everybody logs in for the first time, and registers a name.
    pub(crate) async fn gather(stage: Stage, history: Arc<History>) -> anyhow::Result<Cast> {
        let client = Client::of(stage.services.iter().map(|service| service.base_url.clone()).collect())?;
        let wallet = Arc::new(Wallet::default());
        let (people, mut keeper) = (&stage.people, None);
        for (account, person) in people.publishers.iter().enumerate() {
            let login = people.log_in(person, &client, 0).await?.context("a code that was not used")?;
            // The last one keeps out of it.
            let own = if account + 1 == people.publishers.len() {
                keeper.insert(wallet::add_login(&history, &login, account)?).clone()
            } else {
                wallet.fill(&history, &login, account)?
            };
            let body = json!({"snap_name": name(account), "is_private": false, "series": "16"});
            let (status, _) = client.json(0, "/dev/api/register-name/", Some(&own.header), &body).await?;
            anyhow::ensure!(status == 201, "registering a name was answered with {status}");
        }
        let login = people.log_in(&people.security, &client, 0).await?.context("a code that was not used")?;
        let security = wallet::add_login(&history, &login, people.publishers.len())?;
        let keeper = keeper.context("somebody who keeps out of it")?;
        Ok(Cast { stage: Arc::new(stage), history, wallet, client, keeper, security })
    }

    /// Asks one service with one credential, and notes what came of it.
    pub(crate) async fn ask(&self, kind: Kind, service: usize, held: &Held) -> Outcome {
        let began = self.history.now();
        let outcome = match kind {
            Kind::Verify => self.client.verify(service, &held.header).await,
            _ => self.client.whoami(service, &held.header).await,
        };
        self.note(kind, Some(held.number), service, began, outcome);
        outcome
    }

    /// Asks all services at once.
    pub(crate) async fn ask_all(&self, held: &Arc<Held>) -> Vec<Outcome> {
        let mut all = tokio::task::JoinSet::new();
        for service in 0..self.client.services() {
            let (this, held) = (self.clone(), held.clone());
            all.spawn(async move { this.ask(Kind::Whoami, service, &held).await });
        }
        all.join_all().await
    }

    fn note(&self, kind: Kind, credential: Option<usize>, service: usize, began: Duration, outcome: Outcome) {
        let ended = self.history.now();
        self.history.events().operations.push(Operation { kind, credential, service, began, ended, outcome });
    }

    fn service(&self, chance: &mut Chance) -> usize {
        chance.below(self.client.services())
    }
}

/// Verifies credentials, one after the other.
pub(crate) async fn verify(cast: Cast, mut chance: Chance) {
    loop {
        tokio::time::sleep(chance.milliseconds(2, 40)).await;
        let Some(held) = cast.wallet.any(&mut chance) else { continue };
        let kind = if chance.percent(50) { Kind::Whoami } else { Kind::Verify };
        let service = cast.service(&mut chance);
        if cast.ask(kind, service, &held).await == Outcome::Refused {
            cast.wallet.bury(&held, &mut chance);
        }
    }
}

/// Uploads small snaps: with good credentials, with such as are being revoked, and with revoked ones.
pub(crate) async fn upload(cast: Cast, mut chance: Chance) {
    loop {
        tokio::time::sleep(chance.milliseconds(50, 500)).await;
        let held =
            if chance.percent(40) { cast.wallet.doomed(&mut chance) } else { cast.wallet.any(&mut chance) };
        let Some(held) = held else { continue };
        let Ok(bytes) = snap::make(&name(held.account), &random::alphanumeric(16)) else { continue };
        let service = cast.service(&mut chance);
        let began = cast.history.now();
        let (outcome, upload) = cast.client.receive(service, &bytes).await;
        cast.note(Kind::Receive, None, service, began, outcome);
        let Some(upload) = upload else { continue };
        // Often by another service than received it.
        let service = cast.service(&mut chance);
        let began = cast.history.now();
        let outcome = cast.client.push(service, &held.header, &name(held.account), &upload).await;
        cast.note(Kind::Push, Some(held.number), service, began, outcome);
        if outcome == Outcome::Accepted {
            let at = cast.history.now();
            cast.history.events().pushes.push(Push { at, upload, file: File::of(&bytes) });
        }
    }
}

/// Logs in whenever good credentials become few, somebody else each time.
pub(crate) async fn log_in(cast: Cast, mut chance: Chance) {
    let people = &cast.stage.people;
    let others = people.publishers.len() - 1;
    loop {
        tokio::time::sleep(chance.milliseconds(200, 400)).await;
        if cast.wallet.living() > ENOUGH {
            continue;
        }
        let account = chance.below(others);
        let Some(person) = people.publishers.get(account) else { continue };
        let service = cast.service(&mut chance);
        // What is not answered during a fault is tried again by somebody else.
        if let Ok(Some(login)) = people.log_in(person, &cast.client, service).await
            && let Err(error) = cast.wallet.fill(&cast.history, &login, account)
        {
            cast.history.odd(format!("a credential could not be narrowed: {error}"));
        }
    }
}

/// Tries again what was revoked, at all services at once.
pub(crate) async fn try_again(cast: Cast, mut chance: Chance) {
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if let Some(held) = cast.wallet.dead(&mut chance) {
            cast.ask_all(&held).await;
        }
    }
}

/// Sees when each service accepts, without waiting for one answer before the next request.
pub(crate) async fn keep_asking(cast: Cast) {
    let mut asked = tokio::task::JoinSet::new();
    loop {
        for service in 0..cast.client.services() {
            let cast = cast.clone();
            asked.spawn(async move { cast.ask(Kind::Whoami, service, &cast.keeper).await });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        while asked.try_join_next().is_some() {}
    }
}

fn name(account: usize) -> String {
    format!("thing-{account}")
}
