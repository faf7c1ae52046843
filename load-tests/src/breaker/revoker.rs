//! Who revokes during a run: one credential after the other, while it is in use, until it is acknowledged.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::chance::Chance;
use super::client::Revoked;
use super::history::{Acknowledged, Kind, Outcome, Revocation, Subject};
use super::wallet::Held;
use super::workers::Cast;

/// How long a credential is in use before its revocation, and after all have refused it.
const BEFORE: Duration = Duration::from_millis(60);
const AFTER: Duration = Duration::from_millis(300);
/// How soon all are asked again, where one could not tell.
const AGAIN: Duration = Duration::from_millis(50);

/// Revokes until the run ends.
pub(crate) async fn revoke(cast: Cast, mut chance: Chance) {
    let mut dying = JoinSet::new();
    loop {
        tokio::time::sleep(chance.milliseconds(20, 400)).await;
        let Some(victim) = cast.wallet.doom(&mut chance) else { continue };
        let mut users = JoinSet::new();
        for service in 0..cast.client.services() {
            users.spawn(in_use(cast.clone(), service, victim.clone()));
        }
        tokio::time::sleep(BEFORE).await;
        one(&cast, &victim, &mut chance).await;
        dying.spawn(refused_everywhere(cast.clone(), victim, users, chance.split()));
        while dying.try_join_next().is_some() {}
    }
}

/// Asks all services, at once and beside those who were asking anyway, until each has refused.
async fn refused_everywhere(cast: Cast, victim: Arc<Held>, users: JoinSet<()>, mut chance: Chance) {
    while !cast.ask_all(&victim).await.iter().all(|outcome| *outcome == Outcome::Refused) {
        tokio::time::sleep(AGAIN).await;
    }
    tokio::time::sleep(AFTER).await;
    drop(users);
    cast.wallet.bury(&victim, &mut chance);
}

async fn in_use(cast: Cast, service: usize, victim: Arc<Held>) {
    loop {
        let outcome = cast.ask(Kind::Whoami, service, &victim).await;
        let pause = if matches!(outcome, Outcome::Accepted | Outcome::Refused) { 5 } else { 100 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// One revocation, asked for until it is acknowledged.
async fn one(cast: &Cast, victim: &Held, chance: &mut Chance) {
    let Some((subject, scope)) = subject(cast, victim, chance) else { return };
    let called = cast.history.now();
    let (number, reason) = {
        let mut events = cast.history.events();
        let number = events.revocations.len();
        let reason = format!("breaker {number}");
        let revocation =
            Revocation { subject, reason: reason.clone(), called, attempts: 0, acknowledged: None };
        events.revocations.push(revocation);
        (number, reason)
    };
    let body = body(cast, victim, scope, &reason);
    // The leaked credential may end itself; what is left of it after an attempt without an answer may not.
    let mut by = if chance.percent(30) { victim } else { &*cast.security };
    loop {
        let service = chance.below(cast.client.services());
        let asked = cast.history.now();
        let answer = cast.client.revoke(service, &by.header, &body).await;
        let at = cast.history.now();
        if let Some(revocation) = cast.history.events().revocations.get_mut(number) {
            revocation.attempts += 1;
            if let Revoked::Acknowledged(position) = answer {
                revocation.acknowledged = Some(Acknowledged { at, asked, service, position });
            }
        }
        match answer {
            Revoked::Acknowledged(_) => return,
            Revoked::Not => {}
            Revoked::Refused if by.number == victim.number => by = &cast.security,
            Revoked::Refused => {
                cast.history.odd(format!("revocation \"{reason}\" was refused to the security engineer"));
                return;
            }
            Revoked::Unexpected(status) => {
                cast.history
                    .odd(format!("revocation \"{reason}\" was answered with {status} by service {service}"));
                return;
            }
        }
        tokio::time::sleep(chance.milliseconds(20, 300)).await;
    }
}

/// What to revoke: mostly the one credential.
fn subject(cast: &Cast, victim: &Held, chance: &mut Chance) -> Option<(Subject, &'static str)> {
    let (session, login) = cast.history.events().login(victim.number)?;
    Some(match chance.below(100) {
        0 => (Subject::Account(login.account), "account"),
        1..4 => (Subject::Session(session), "session"),
        4..7 => (Subject::Family(login.family), "family"),
        _ => (Subject::Credential(victim.number), "credential"),
    })
}

fn body(cast: &Cast, victim: &Held, scope: &str, reason: &str) -> Value {
    let person = cast.stage.people.publishers.get(victim.account);
    match (scope, person) {
        ("account", Some(person)) => json!({"account": person.email, "reason": reason}),
        _ => json!({"text": victim.text(), "scope": scope, "reason": reason}),
    }
}
