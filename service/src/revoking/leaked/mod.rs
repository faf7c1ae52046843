//! Revoking whatever credentials stand in a text: a log, a file, a message. They are found and proved one by one, and
//! revoked all at once.

pub mod finding;
pub mod prove;
pub mod scan;

use std::collections::HashMap;

use caveats::Permission;

use super::may_revoke::Actor;
use super::{Asked, FindError, Revoker};
use crate::authorization::Refusal;
use crate::authorization::authorized::Authorized;
use finding::{Finding, Outcome, Ownership, RevokeScope};
use model::ids::{AccountId, TokenId};
use prove::{Login, Proof};
use revocation::{Entry, Subject};
use scan::Match;
use storage::records::StorageError;
use storage::revocations::RevokeError;

/// What became of a whole text.
#[derive(Debug)]
pub struct Leaked {
    /// What was found, in the order of the text, and what became of each.
    pub found: Vec<(Finding, Outcome)>,
    /// The entries of the journal that revoke it, one for each subject.
    pub entries: Vec<Entry>,
    /// Why the actor may not revoke what is somebody else's, where something is.
    pub refusal: Option<Refusal>,
}

/// Nothing of a text was revoked.
#[derive(Debug, thiserror::Error)]
pub enum LeakedError {
    /// Whose it is could not be found out.
    #[error(transparent)]
    Find(#[from] FindError),
    /// Whether the actor may could not be found out, or their credential has ended meanwhile.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is not acknowledged.
    #[error(transparent)]
    Revoke(#[from] RevokeError),
}

impl Revoker<'_> {
    /// Revokes of what was found what the actor may, all at once.
    pub async fn revoke_leaked(
        &self,
        actor: Actor<'_>,
        matches: Vec<Match>,
        scope: RevokeScope,
        reason: &str,
    ) -> Result<Leaked, LeakedError> {
        let findings = self.resolve(matches, scope).await?;
        let owns = self.owns_found(actor, scope).await?;
        let mut refusal = None;
        if findings.iter().any(|finding| finding.is_ours() && !owns(finding)) {
            match self.has_one_of(actor, &[Permission::CredentialRevoke]).await {
                Ok(()) => {}
                Err(denial) if denial.is_denial() => refusal = Some(denial),
                Err(other) => return Err(other.into()),
            }
        }
        let may = |finding: &Finding| owns(finding) || refusal.is_none();
        let (found, entries) = self.revoke_findings(actor.authorized, findings, may, reason).await?;
        Ok(Leaked { found, entries, refusal })
    }

    async fn revoke_findings(
        &self,
        actor: &Authorized,
        findings: Vec<Finding>,
        may: impl Fn(&Finding) -> bool,
        reason: &str,
    ) -> Result<(Vec<(Finding, Outcome)>, Vec<Entry>), RevokeError> {
        let mut asked: Vec<Asked> = Vec::new();
        let mut places: HashMap<&Subject, usize> = HashMap::new();
        for finding in &findings {
            let Ownership::Ours { subject, ends, .. } = &finding.ownership else { continue };
            if !may(finding) {
                continue;
            }
            let place = *places.entry(subject).or_insert(asked.len());
            match asked.get_mut(place) {
                // For as long as either; for good if one must stay.
                Some(known) => known.ends = known.ends.zip(*ends).map(|(one, other)| one.max(other)),
                None => asked.push(Asked { subject: subject.clone(), leaked: true, ends: *ends }),
            }
        }
        let began = self.clock.now();
        let entries = if asked.is_empty() {
            Vec::new()
        } else {
            self.record(actor.account(), asked, None, reason).await?
        };
        let outcomes: Vec<Outcome> = findings
            .iter()
            .map(|finding| match &finding.ownership {
                Ownership::Unproven(_) | Ownership::Damaged(_) | Ownership::NotOurs => Outcome::NotRevoked,
                Ownership::Ours { subject, .. } => {
                    match places.get(subject).filter(|_| may(finding)).and_then(|place| entries.get(*place)) {
                        None => Outcome::Forbidden,
                        Some(entry) if entry.at() < began => Outcome::AlreadyRevoked(entry.seq),
                        Some(entry) => Outcome::Revoked(entry.seq),
                    }
                }
            })
            .collect();
        Ok((findings.into_iter().zip(outcomes).collect(), entries))
    }

    /// What is to become of each, which the records have a word in.
    async fn resolve(&self, matches: Vec<Match>, scope: RevokeScope) -> Result<Vec<Finding>, FindError> {
        let mut owners_of = HashMap::new();
        let mut findings = Vec::with_capacity(matches.len());
        for Match { offset, what, proof } in matches {
            let ownership = match proof {
                Proof::Root { token, tail, ends, family_ends, login } => {
                    let owners = match &login {
                        Some(login) => vec![login.account.clone()],
                        None => self.owners(&mut owners_of, &token).await?,
                    };
                    let family = || (Subject::Family(token.clone()), family_ends);
                    let (subject, ends) = match (scope, login, owners.as_slice()) {
                        (RevokeScope::Credential, _, _) => (Subject::Credential(token, tail), ends),
                        (RevokeScope::Session, Some(Login { account, session }), _) => {
                            let ends = self.last_login_ends(Some(&account)).await?;
                            (Subject::Session(account, session), ends)
                        }
                        (RevokeScope::Account, _, [account]) => {
                            (Subject::Account(account.clone()), self.last_login_ends(Some(account)).await?)
                        }
                        // A root says nothing of a login. Its family is all the logins with it.
                        (RevokeScope::Family | RevokeScope::Session | RevokeScope::Account, _, _) => family(),
                    };
                    Ownership::Ours { owners, subject, ends }
                }
                Proof::Discharge { token, family_ends, login: Login { account, session } } => {
                    let known = self.records.session(&session).await?;
                    let known = known.filter(|known| known.account == account && known.token == token);
                    match known {
                        None => Ownership::Unproven(token),
                        Some(known) => {
                            let owners = vec![account.clone()];
                            let (subject, ends) = match scope {
                                RevokeScope::Credential | RevokeScope::Session => {
                                    (Subject::Session(account, session), Some(known.expires_at))
                                }
                                RevokeScope::Family => (Subject::Family(token), family_ends),
                                RevokeScope::Account => {
                                    let ends = self.last_login_ends(Some(&account)).await?;
                                    (Subject::Account(account), ends)
                                }
                            };
                            Ownership::Ours { owners, subject, ends }
                        }
                    }
                }
                Proof::Unproven(token) => Ownership::Unproven(token),
                Proof::Damaged(token) => Ownership::Damaged(token),
                Proof::NotOurs => Ownership::NotOurs,
            };
            findings.push(Finding { offset, what, ownership });
        }
        Ok(findings)
    }

    async fn owners(
        &self,
        known: &mut HashMap<TokenId, Vec<AccountId>>,
        token: &TokenId,
    ) -> Result<Vec<AccountId>, StorageError> {
        if let Some(owners) = known.get(token) {
            return Ok(owners.clone());
        }
        let owners = self.records.token_owners(token).await?;
        known.insert(token.clone(), owners.clone());
        Ok(owners)
    }
}
