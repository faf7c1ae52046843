//! One credential in a few words, by what it says of itself.

use std::fmt;

use caveats::Shown;
use serde::Serialize;
use timestamp::Timestamp;

use crate::credential::Credential;
use crate::credential::unusable::unusable_reasons;
use crate::terminal::time::{Moment, relative};
use model::root_id::RootId;

/// How many names are listed before the rest is counted.
const FEW: usize = 4;

/// What is told. Its form as JSON is an interface: fields are added, never renamed.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    shape: &'static str,
    #[serde(skip)]
    form: String,
    what: &'static str,
    token_id: Option<String>,
    account_id: Option<String>,
    email: Option<String>,
    expires_at: Option<Moment>,
    /// In words.
    can: String,
}

impl Told {
    pub(crate) fn of(credential: &Credential, now: Timestamp) -> Told {
        let claims = credential.claims();
        let alone = credential.lone_discharge();
        let root_id: Option<RootId> = claims.facts.identifier.parse().ok();
        let what = match (&alone, credential.exported.discharges.is_empty()) {
            (Some(_), _) => "discharge",
            (None, true) => "root",
            (None, false) => "credential",
        };
        let account = alone.as_ref().or(claims.facts.account.as_ref());
        let reason = unusable_reasons(credential, &claims, now).into_iter().next();
        let can = match (&alone, reason) {
            (Some(_), _) => "completes a root of that login".to_owned(),
            (None, Some(reason)) if what == "credential" => reason.sentence(now),
            _ => can(&claims.scope, now),
        };
        Told {
            shape: credential.exported.shape.as_str(),
            form: credential.exported.shape.to_string(),
            what,
            token_id: root_id.map(|id| id.token.to_string()),
            account_id: account.map(|account| Shown::new(&account.openid).to_string()),
            email: account.map(|account| Shown::new(&account.email).to_string()),
            expires_at: claims.scope.expires.map(Moment),
            can,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.form)?;
        if let Some(token) = &self.token_id {
            write!(f, ", token {token}")?;
        }
        if let Some(email) = &self.email {
            write!(f, ", of {email}")?;
        }
        write!(f, ": {}", self.can)
    }
}

fn can(scope: &caveats::Scope, now: Timestamp) -> String {
    let permissions: Vec<String> = scope.permissions.iter().map(|one| one.as_str().to_owned()).collect();
    let mut words = if permissions.is_empty() { "nothing".to_owned() } else { few(&permissions) };
    if let Some(packages) = &scope.packages {
        words = format!("{words}; {} of its snaps", packages.len());
    }
    if let Some(channels) = scope.channels.last() {
        let channels: Vec<String> = channels.iter().map(|one| Shown::new(one).to_string()).collect();
        words = format!("{words}; channels {}", few(&channels));
    }
    match scope.expires {
        Some(at) => words + &format!("; expires {}", relative(at, now)),
        None => words + "; never expires",
    }
}

fn few(names: &[String]) -> String {
    let listed: Vec<&str> = names.iter().take(FEW).map(String::as_str).collect();
    let more = names.len().saturating_sub(FEW);
    if more == 0 { listed.join(", ") } else { format!("{} and {more} more", listed.join(", ")) }
}
