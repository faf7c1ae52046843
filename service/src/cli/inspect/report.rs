//! Everything that is told of a credential. Its form as JSON is an interface: fields are added, never renamed.

use std::collections::BTreeSet;
use std::time::Duration;

use caveats::exported::{Bound, Shape};
use caveats::{Permission, Timestamp};
use serde::Serialize;

use crate::cli::credential::Credential;
use crate::cli::hindrance::{Hindrance, hindrances};
use crate::cli::when::Moment;
use crate::domain::issue::RootId;

/// What nobody can tell without a service.
pub(super) const UNCHECKED: [&str; 4] = ["signatures", "revocation", "ownership", "roles"];

/// One credential, told.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) verdict: Verdict,
    pub(super) reasons: Vec<Reason>,
    #[serde(skip)]
    pub(super) hint: Option<String>,
    pub(super) unchecked: [&'static str; 4],
    pub(super) inspected_at: Moment,
    pub(super) shape: &'static str,
    #[serde(skip)]
    pub(super) form: Shape,
    pub(super) account: Option<Account>,
    pub(super) identifier: String,
    pub(super) token_id: Option<String>,
    pub(super) root_key_id: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) issued_at: Option<Moment>,
    pub(super) logged_in_at: Option<Moment>,
    pub(super) discharge: Discharge,
    pub(super) permissions: BTreeSet<Permission>,
    pub(super) snap_ids: Option<BTreeSet<String>>,
    pub(super) channels: Option<Vec<Vec<String>>>,
    pub(super) upload_digests: Option<BTreeSet<String>>,
    pub(super) build_keys: Option<BTreeSet<String>>,
    pub(super) source_ips: Option<Vec<Vec<String>>>,
    pub(super) not_before: Option<Moment>,
    pub(super) expires_at: Option<Moment>,
    pub(super) expires_in_seconds: Option<i64>,
}

/// In a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Nothing in it stands against its use.
    Usable,
    /// The same, from a moment on that has not come.
    NotYet,
    /// Its time is over.
    Expired,
    /// It can do nothing for another reason.
    Useless,
}

/// Why it can do nothing.
#[derive(Debug, Serialize)]
pub(super) struct Reason {
    pub(super) kind: &'static str,
    pub(super) message: String,
}

/// Whose it says to be.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) username: String,
    pub(super) display_name: String,
}

/// The half that the SSO made.
#[derive(Debug, Serialize)]
pub(super) struct Discharge {
    pub(super) state: State,
    /// Who made it, or is to make it.
    pub(super) sso: Option<String>,
    pub(super) issued_at: Option<Moment>,
    pub(super) refresh_due_at: Option<Moment>,
    pub(super) expires_at: Option<Moment>,
}

/// Whether there is a discharge, and whether it is tied to its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Bound,
    Unbound,
    Absent,
    /// There is none, and none is asked for.
    NotNeeded,
    /// There is nothing else: the root is missing.
    Alone,
}

impl Report {
    /// Told at this moment; `max_age` is when the service wants discharges refreshed.
    pub(super) fn of(credential: &Credential, max_age: Duration, now: Timestamp) -> Report {
        let claims = credential.claims();
        let hindrances = hindrances(credential, &claims, now);
        let (facts, scope) = (claims.facts, claims.scope);
        let state = state(credential);
        let root_id: Option<RootId> = facts.identifier.parse().ok();
        let age = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
        let due = facts.discharge_valid_since.and_then(|since| since.add_secs(age));
        Report {
            verdict: verdict(&hindrances, scope.not_before, now),
            reasons: hindrances
                .iter()
                .map(|hindrance| Reason { kind: hindrance.kind(), message: hindrance.sentence(now) })
                .collect(),
            hint: credential.hint(),
            unchecked: UNCHECKED,
            inspected_at: Moment(now),
            shape: credential.exported.shape.as_str(),
            form: credential.exported.shape,
            account: facts.account.or_else(|| credential.lone_discharge()).map(Account::from),
            token_id: root_id.as_ref().map(|id| id.token.to_string()),
            root_key_id: root_id.as_ref().map(|id| id.key.to_string()),
            identifier: facts.identifier,
            session_id: facts.session,
            issued_at: facts.root_valid_since.map(Moment),
            logged_in_at: facts.last_auth.map(Moment),
            discharge: Discharge {
                state,
                sso: Some(credential.sso.clone()).filter(|sso| state != State::NotNeeded && !sso.is_empty()),
                issued_at: facts.discharge_valid_since.map(Moment),
                refresh_due_at: due.map(Moment),
                expires_at: facts.discharge_expires.map(Moment),
            },
            permissions: scope.permissions,
            snap_ids: scope.packages,
            channels: Some(scope.channels).filter(|lists| !lists.is_empty()),
            upload_digests: scope.upload_digests,
            build_keys: scope.build_keys,
            source_ips: Some(scope.source_ips).filter(|lists| !lists.is_empty()),
            not_before: scope.not_before.map(Moment),
            expires_at: scope.expires.map(Moment),
            expires_in_seconds: scope
                .expires
                .map(|expires| (expires.micros() - now.micros()).div_euclid(1_000_000)),
        }
    }

    /// Whether it can do something, now or later.
    pub(super) fn can_do_something(&self) -> bool {
        matches!(self.verdict, Verdict::Usable | Verdict::NotYet)
    }
}

impl From<caveats::Account> for Account {
    fn from(account: caveats::Account) -> Account {
        Account {
            id: account.openid,
            email: account.email,
            username: account.username,
            display_name: account.displayname,
        }
    }
}

fn verdict(hindrances: &[Hindrance], not_before: Option<Timestamp>, now: Timestamp) -> Verdict {
    match hindrances.first() {
        Some(Hindrance::Expired(_)) => Verdict::Expired,
        Some(_) => Verdict::Useless,
        None if not_before.is_some_and(|moment| now < moment) => Verdict::NotYet,
        None => Verdict::Usable,
    }
}

fn state(credential: &Credential) -> State {
    let asked = credential.exported.root.caveats().any(|caveat| caveat.third_party.is_some());
    match credential.exported.bound {
        Bound::NoDischarges if credential.lone_discharge().is_some() => State::Alone,
        // Only a scan leaves it open, and nothing is scanned here.
        Bound::Yes | Bound::Unknown => State::Bound,
        Bound::No => State::Unbound,
        Bound::NoDischarges if asked => State::Absent,
        Bound::NoDischarges => State::NotNeeded,
    }
}
