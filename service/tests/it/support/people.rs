//! The people of a test: known to the SSO, each with or without a second factor.

use std::sync::atomic::{AtomicI64, Ordering};

use model::account::{Identity, Role};
use model::clock::Clock;
use service::credentials::second_factor;

use super::replica::Replica;

/// Somebody who can log in, or try.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) email: &'static str,
    pub(crate) name: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) password: &'static str,
    pub(crate) groups: &'static [&'static str],
    /// The TOTP secret, base32.
    pub(crate) secret: Option<String>,
    /// The latest 30-second step whose code was handed out.
    spent: AtomicI64,
}

impl Person {
    pub(crate) const fn new(
        email: &'static str,
        name: &'static str,
        display_name: &'static str,
        groups: &'static [&'static str],
    ) -> Person {
        let password = "correct horse battery staple";
        Person { email, name, display_name, password, groups, secret: None, spent: AtomicI64::new(0) }
    }

    /// As the SSO knows them.
    pub(crate) fn account(&self) -> sso_mock::NewAccount {
        sso_mock::NewAccount {
            email: self.email.to_owned(),
            username: self.name.to_owned(),
            display_name: self.display_name.to_owned(),
            password: self.password.to_owned(),
            groups: self.groups.iter().map(|group| (*group).to_owned()).collect(),
            subject: Some(self.subject()),
        }
    }

    /// Gives them a second factor, as an operator would.
    pub(crate) async fn enrol(&mut self, replica: &Replica, issuer: &str) {
        let state = &replica.state;
        let identity = Identity {
            issuer: issuer.to_owned(),
            subject: self.subject(),
            email: self.email.to_owned(),
            username: self.name.to_owned(),
            display_name: self.display_name.to_owned(),
            email_verified: true,
            roles: self.groups.iter().filter_map(|group| group.parse::<Role>().ok()).collect(),
        };
        let now = state.clock.now();
        let account = state.records.remember_account(&identity, now).await.unwrap();
        let secret = second_factor::enrol(&state.records, &state.master, &account.id, now).await.unwrap();
        self.secret = Some(secret);
    }

    /// The code of the step `steps` from now, whether it was spent or not.
    pub(crate) fn code_of_step(&self, clock: &Clock, steps: i64) -> String {
        let moment = clock.now().add_secs(steps * STEP_SECONDS).unwrap();
        let secret = self.secret.as_ref().expect("somebody with a second factor");
        second_factor::code_at(secret, moment).unwrap()
    }

    /// A code that was not handed out before; `turn` turns all clocks when the next one is still to come.
    pub(crate) fn fresh_code(&self, clock: &Clock, mut turn: impl FnMut(u64)) -> String {
        let step = |clock: &Clock| clock.now().micros() / 1_000_000 / STEP_SECONDS;
        while step(clock) <= self.spent.load(Ordering::SeqCst) {
            turn(STEP_SECONDS.unsigned_abs());
        }
        self.spent.store(step(clock), Ordering::SeqCst);
        self.code_of_step(clock, 0)
    }

    fn subject(&self) -> String {
        format!("subject-of-{}", self.name)
    }
}

const STEP_SECONDS: i64 = 30;
