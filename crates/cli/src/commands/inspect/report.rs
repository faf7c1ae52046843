//! Everything that is told of a credential. Its form as JSON is an interface: fields are added, never renamed.

use std::collections::BTreeSet;
use std::time::Duration;

use caveats::Permission;
use caveats::exported::{Bound, Shape};
use serde::Serialize;
use timestamp::Timestamp;

use crate::credential::Credential;
use crate::credential::unusable::{UnusableReason, unusable_reasons};
use crate::terminal::time::Moment;
use model::root_id::RootId;

/// What nobody can tell without a service.
pub(crate) const UNCHECKED: [&str; 4] = ["signatures", "revocation", "ownership", "roles"];

/// One credential, told.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Vec<Reason>,
    #[serde(skip)]
    pub(crate) hint: Option<String>,
    pub(crate) unchecked: [&'static str; 4],
    pub(crate) inspected_at: Moment,
    pub(crate) shape: &'static str,
    #[serde(skip)]
    pub(crate) form: Shape,
    pub(crate) account: Option<Account>,
    pub(crate) identifier: String,
    pub(crate) token_id: Option<String>,
    pub(crate) root_key_id: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) issued_at: Option<Moment>,
    pub(crate) logged_in_at: Option<Moment>,
    pub(crate) discharge: Discharge,
    pub(crate) permissions: BTreeSet<Permission>,
    pub(crate) snap_ids: Option<BTreeSet<String>>,
    pub(crate) channels: Option<Vec<Vec<String>>>,
    pub(crate) upload_digests: Option<BTreeSet<String>>,
    pub(crate) build_keys: Option<BTreeSet<String>>,
    pub(crate) source_ips: Option<Vec<Vec<String>>>,
    pub(crate) not_before: Option<Moment>,
    pub(crate) expires_at: Option<Moment>,
    pub(crate) expires_in_seconds: Option<i64>,
}

/// In a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
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
pub(crate) struct Reason {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

/// Whose it says to be.
#[derive(Debug, Serialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) username: String,
    pub(crate) display_name: String,
}

/// The half that the SSO made.
#[derive(Debug, Serialize)]
pub(crate) struct Discharge {
    pub(crate) state: State,
    /// Who made it, or is to make it.
    pub(crate) sso: Option<String>,
    pub(crate) issued_at: Option<Moment>,
    pub(crate) refresh_due_at: Option<Moment>,
    pub(crate) expires_at: Option<Moment>,
}

/// Whether there is a discharge, and whether it is tied to its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
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
    pub(crate) fn of(credential: &Credential, max_age: Duration, now: Timestamp) -> Report {
        let claims = credential.claims();
        let unusable_reasons = unusable_reasons(credential, &claims, now);
        let (facts, scope) = (claims.facts, claims.scope);
        let state = state(credential);
        let root_id: Option<RootId> = facts.identifier.parse().ok();
        let age = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
        let due = facts.discharge_valid_since.and_then(|since| since.add_secs(age));
        Report {
            verdict: verdict(&unusable_reasons, scope.not_before, now),
            reasons: unusable_reasons
                .iter()
                .map(|reason| Reason { kind: reason.kind(), message: reason.sentence(now) })
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
    pub(crate) fn can_do_something(&self) -> bool {
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

fn verdict(unusable_reasons: &[UnusableReason], not_before: Option<Timestamp>, now: Timestamp) -> Verdict {
    match unusable_reasons.first() {
        Some(UnusableReason::Expired(_)) => Verdict::Expired,
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
