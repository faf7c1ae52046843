//! What stands against every use of a credential, as far as it says so itself.

use caveats::exported::Bound;
use caveats::{Claims, Network, Refusal, Scope, Side, VerifyError};
use timestamp::Timestamp;

use crate::credential::Credential;
use crate::terminal::time::{relative, shown};

/// A reason for which a credential can do nothing, whoever asks and whatever for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UnusableReason {
    /// Its time is over.
    Expired(Timestamp),
    /// It begins after it has ended.
    Never { not_before: Timestamp, expires: Timestamp },
    /// It is the discharge without its root.
    NoRoot,
    /// A caveat that every service refuses.
    Caveat(Side, Refusal),
    /// Root and discharges do not fit together.
    Discharge { problem: VerifyError, there: bool, sso: String },
    /// No permission is left.
    NoPermission,
    /// Limits that nothing satisfies.
    Impossible(&'static str),
}

/// All of them, the most telling first.
pub(crate) fn unusable_reasons(
    credential: &Credential,
    claims: &Claims,
    now: Timestamp,
) -> Vec<UnusableReason> {
    let scope = &claims.scope;
    let mut found = Vec::new();
    found.extend(scope.expires.filter(|at| *at <= now).map(UnusableReason::Expired));
    if credential.lone_discharge().is_some() {
        found.push(UnusableReason::NoRoot);
        return found;
    }
    let refusals = claims.refusals.iter().cloned();
    found.extend(refusals.map(|(side, refusal)| UnusableReason::Caveat(side, refusal)));
    found.extend(claims.discharged.err().map(|problem| UnusableReason::Discharge {
        problem,
        there: credential.exported.bound != Bound::NoDischarges,
        sso: credential.sso.clone(),
    }));
    if let (Some(not_before), Some(expires)) = (scope.not_before, scope.expires)
        && not_before >= expires
    {
        found.push(UnusableReason::Never { not_before, expires });
    }
    // With caveats that can't be read, what they would allow is not known.
    if claims.refusals.is_empty() && scope.permissions.is_empty() {
        found.push(UnusableReason::NoPermission);
    }
    found.extend(impossible(scope).map(UnusableReason::Impossible));
    found
}

fn impossible(scope: &Scope) -> impl Iterator<Item = &'static str> {
    let empty = |names: &Option<_>| names.as_ref().is_some_and(std::collections::BTreeSet::is_empty);
    [
        (empty(&scope.upload_digests), "files"),
        (empty(&scope.build_keys), "build keys"),
        (!scope.source_ips.is_empty() && networks(&scope.source_ips).is_empty(), "addresses"),
    ]
    .into_iter()
    .filter_map(|(none, what)| none.then_some(what))
}

/// The networks that every list allows: of two, one is within the other or they have no address in common.
pub(crate) fn networks(lists: &[Vec<String>]) -> Vec<Network> {
    let read = |list: &Vec<String>| list.iter().filter_map(|text| Network::parse(text)).collect::<Vec<_>>();
    let mut lists = lists.iter().map(read);
    let first = lists.next().unwrap_or_default();
    lists.fold(first, |known, list| {
        let pairs = known.iter().flat_map(|one| list.iter().map(move |other| (*one, *other)));
        pairs.filter_map(|(one, other)| narrower(one, other)).collect()
    })
}

fn narrower(one: Network, other: Network) -> Option<Network> {
    if one.is_within(other) { Some(one) } else { Some(other).filter(|other| other.is_within(one)) }
}

impl UnusableReason {
    /// A stable word for scripts.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            UnusableReason::Expired(_) => "expired",
            UnusableReason::Never { .. } => "never_valid",
            UnusableReason::NoRoot => "root_missing",
            UnusableReason::Caveat(_, Refusal::Unknown { .. }) => "caveat_unknown",
            UnusableReason::Caveat(_, Refusal::Foreign { .. }) => "caveat_foreign",
            UnusableReason::Caveat(_, Refusal::Malformed { .. }) => "caveat_malformed",
            UnusableReason::Caveat(..) => "caveat_not_believed",
            UnusableReason::Discharge { problem: VerifyError::MissingDischarge, there: false, .. } => {
                "discharge_missing"
            }
            UnusableReason::Discharge { .. } => "discharge_does_not_fit",
            UnusableReason::NoPermission => "no_permission",
            UnusableReason::Impossible(_) => "nothing_satisfies_it",
        }
    }

    /// In a sentence.
    pub(crate) fn sentence(&self, now: Timestamp) -> String {
        match self {
            UnusableReason::Expired(at) => format!("It expired {}, at {}.", relative(*at, now), shown(*at)),
            UnusableReason::Never { not_before, expires } => {
                format!("It is not valid before {}, and expires at {}.", shown(*not_before), shown(*expires))
            }
            UnusableReason::NoRoot => {
                "It is a discharge alone, the half in which the SSO says who. Without the root that it \
                                  was made for it opens nothing."
                    .to_owned()
            }
            UnusableReason::Caveat(side, refusal) => caveat(*side, refusal),
            UnusableReason::Discharge { problem, there, sso } => discharge(*problem, *there, sso),
            UnusableReason::NoPermission => "No permission is left in it.".to_owned(),
            UnusableReason::Impossible(what) => {
                format!("Its lists of {what} have none in common, so nothing satisfies all of them.")
            }
        }
    }
}

fn caveat(side: Side, refusal: &Refusal) -> String {
    let place = match side {
        Side::Root => "root",
        Side::Discharge => "discharge",
    };
    match refusal {
        Refusal::Unknown { caveat } => {
            format!(
                "The caveat `{caveat}` in its {place} is not known to macaroond, so it refuses everything."
            )
        }
        Refusal::Foreign { caveat } => format!(
            "The caveat `{caveat}` in its {place} is addressed to another service, so it refuses everything here."
        ),
        Refusal::Malformed { kind } => {
            format!(
                "The value of the caveat `{kind}` in its {place} cannot be read, so it refuses everything."
            )
        }
        Refusal::Misplaced { kind } => format!(
            "The caveat `{kind}` stands in its {place}, where anybody could have put it, so it refuses everything."
        ),
        Refusal::Conflicting { kind } => {
            format!("Two caveats `{kind}` in its {place} contradict each other, so they refuse everything.")
        }
        Refusal::Identifier => {
            "Its identifier is not text, so it is none that a macaroond has issued.".to_owned()
        }
        other => format!("In its {place}: {other}."),
    }
}

fn discharge(problem: VerifyError, there: bool, sso: &str) -> String {
    match problem {
        VerifyError::MissingDischarge if there => {
            "Its discharge belongs to another root: they are halves of two different logins.".to_owned()
        }
        VerifyError::MissingDischarge => {
            format!("It lacks a discharge from the SSO at {sso}, which says who you are: log in there.")
        }
        VerifyError::UnusedDischarge => "It has a discharge that belongs to another root.".to_owned(),
        VerifyError::RepeatedDischarge => "It has the same discharge twice.".to_owned(),
        other => format!("It cannot be used: {other}."),
    }
}
