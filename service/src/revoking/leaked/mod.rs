//! Revoking whatever credentials stand in a text: a log, a file, a message. They are found and proved one by one, and
//! revoked all at once.

pub mod prove;

use std::collections::HashMap;

use caveats::exported;
use caveats::scan::{Finding as Scanned, Scanner};
use sha2::{Digest as _, Sha256};
use timestamp::Timestamp;

use super::{Asked, FindError, Revoker};
use crate::authorization::authorized::Authorized;
use model::ids::{AccountId, TokenId};
use prove::{Login, Proof, Prover, What};
use revocation::{Entry, Subject};
use storage::records::StorageError;
use storage::revocations::RevokeError;

/// Most different credentials of one text.
pub const MAX_FOUND: usize = 10_000;

/// How widely what is found is revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Width {
    /// It and everything attenuated from it.
    #[default]
    Credential,
    /// Everything attenuated from the same root.
    Family,
    /// Everything of the same login.
    Session,
    /// Everything of the same account, up to now.
    Account,
}

/// There are more than [`MAX_FOUND`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_FOUND} credentials in one text")]
pub struct TooMany;

/// A credential that was found, once however often it stands there.
#[derive(Debug)]
pub struct Sighting {
    offset: u64,
    what: What,
    proof: Proof,
}

/// Finds and proves the credentials of a text that comes in pieces. Work for a thread that may be held up: no worker's.
pub struct Sifter {
    scanner: Scanner,
    sieve: Sieve,
}

struct Sieve {
    prover: Prover,
    sightings: Vec<Sighting>,
    /// Where the sightings of one root, or of one other macaroon, are.
    known: HashMap<[u8; 32], Vec<usize>>,
    too_many: bool,
}

impl Sifter {
    /// Before the text.
    pub fn new(prover: Prover) -> Sifter {
        let sieve = Sieve { prover, sightings: Vec::new(), known: HashMap::new(), too_many: false };
        Sifter { scanner: Scanner::new(), sieve }
    }

    /// The next piece.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), TooMany> {
        let sieve = &mut self.sieve;
        self.scanner.feed(piece, |scanned| sieve.take(scanned));
        if sieve.too_many { Err(TooMany) } else { Ok(()) }
    }

    /// The end of the text.
    pub fn finish(self) -> Result<Vec<Sighting>, TooMany> {
        let Sifter { scanner, mut sieve } = self;
        scanner.finish(|scanned| sieve.take(scanned));
        if sieve.too_many {
            return Err(TooMany);
        }
        sieve.sightings.sort_by_key(|sighting| sighting.offset);
        Ok(sieve.sightings)
    }

    /// All of a text that is there as a whole. One that a scan finds nothing in may still be a credential as such: in
    /// lines that are shorter than a scan looks at.
    pub fn sift(prover: Prover, text: &str) -> Result<Vec<Sighting>, TooMany> {
        let mut sifter = Sifter::new(prover);
        sifter.feed(text.as_bytes())?;
        let Sifter { scanner, mut sieve } = sifter;
        scanner.finish(|scanned| sieve.take(scanned));
        if sieve.sightings.is_empty()
            && let Ok(exported) = exported::read(text)
        {
            sieve.note(0, exported);
        }
        Sifter { scanner: Scanner::new(), sieve }.finish()
    }
}

impl std::fmt::Debug for Sifter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sifter").field("sightings", &self.sieve.sightings.len()).finish_non_exhaustive()
    }
}

impl Sieve {
    fn take(&mut self, scanned: Scanned) {
        if !self.too_many {
            let offset = scanned.offset();
            self.note(offset, scanned.credential);
        }
    }

    fn note(&mut self, offset: u64, found: exported::Exported) {
        let mut identity = Sha256::new();
        identity.update(found.root.to_v1().as_bytes());
        let (what, proof) = self.prover.examine(found);
        let same = self.known.entry(identity.finalize().into()).or_default();
        for &index in same.iter() {
            let Some(known) = self.sightings.get_mut(index) else { continue };
            // Not all are handed over in the order in which they stand.
            let first = known.offset.min(offset);
            match (known.what, what) {
                // A root says nothing that the credential around it does not say.
                (What::Root, What::Credential) => *known = Sighting { offset: first, what, proof },
                (What::Credential, What::Root) => known.offset = first,
                _ if known.proof == proof => known.offset = first,
                _ => continue,
            }
            return;
        }
        if self.sightings.len() == MAX_FOUND {
            self.too_many = true;
            return;
        }
        same.push(self.sightings.len());
        self.sightings.push(Sighting { offset, what, proof });
    }
}

/// A credential that was found, and what is to become of it.
#[derive(Debug)]
pub struct Finding {
    /// Where it stands in the text, in bytes.
    pub offset: u64,
    /// What it is.
    pub what: What,
    /// Whether it can be revoked.
    pub fate: Fate,
}

/// Whether something can be revoked.
#[derive(Debug)]
pub enum Fate {
    /// It is ours.
    Ours {
        /// Whose: those who have logged in with it. Nobody's if nobody has.
        owners: Vec<AccountId>,
        /// What to revoke.
        subject: Subject,
        /// When the last credential that it concerns ends; `None`: nobody knows.
        ends: Option<Timestamp>,
    },
    /// A discharge that nothing vouches for, and the family that it says to belong to.
    Unproven(TokenId),
    /// Something that names our key and does not hold, and the family that it says to be of.
    Damaged(Option<TokenId>),
    /// Not ours.
    NotOurs,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is revoked now, by the entry of this index.
    Revoked(usize),
    /// It was revoked before, by the entry of this index.
    AlreadyRevoked(usize),
    /// It is ours, and the actor may not revoke it.
    Forbidden,
    /// It could not be revoked; its [`Fate`] says why.
    NotRevoked,
}

impl Revoker<'_> {
    /// What is to become of each, which the records have a word in.
    pub async fn resolve(&self, sightings: Vec<Sighting>, width: Width) -> Result<Vec<Finding>, FindError> {
        let mut owners_of = HashMap::new();
        let mut findings = Vec::with_capacity(sightings.len());
        for Sighting { offset, what, proof } in sightings {
            let fate = match proof {
                Proof::Root { token, tail, ends, family_ends, login } => {
                    let owners = match &login {
                        Some(login) => vec![login.account.clone()],
                        None => self.owners(&mut owners_of, &token).await?,
                    };
                    let family = || (Subject::Family(token.clone()), family_ends);
                    let (subject, ends) = match (width, login, owners.as_slice()) {
                        (Width::Credential, _, _) => (Subject::Credential(token, tail), ends),
                        (Width::Session, Some(Login { account, session }), _) => {
                            let ends = self.last_login_ends(Some(&account)).await?;
                            (Subject::Session(account, session), ends)
                        }
                        (Width::Account, _, [account]) => {
                            (Subject::Account(account.clone()), self.last_login_ends(Some(account)).await?)
                        }
                        // A root says nothing of a login. Its family is all the logins with it.
                        (Width::Family | Width::Session | Width::Account, _, _) => family(),
                    };
                    Fate::Ours { owners, subject, ends }
                }
                Proof::Discharge { token, family_ends, login: Login { account, session } } => {
                    let known = self.records.session(&session).await?;
                    let known = known.filter(|known| known.account == account && known.token == token);
                    match known {
                        None => Fate::Unproven(token),
                        Some(known) => {
                            let owners = vec![account.clone()];
                            let (subject, ends) = match width {
                                Width::Credential | Width::Session => {
                                    (Subject::Session(account, session), Some(known.expires_at))
                                }
                                Width::Family => (Subject::Family(token), family_ends),
                                Width::Account => {
                                    let ends = self.last_login_ends(Some(&account)).await?;
                                    (Subject::Account(account), ends)
                                }
                            };
                            Fate::Ours { owners, subject, ends }
                        }
                    }
                }
                Proof::Unproven(token) => Fate::Unproven(token),
                Proof::Damaged(token) => Fate::Damaged(token),
                Proof::NotOurs => Fate::NotOurs,
            };
            findings.push(Finding { offset, what, fate });
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

    /// Revokes those that are allowed, all at once, and says what became of each: an entry for each subject, and an outcome
    /// for each finding.
    pub async fn revoke_pasted(
        &self,
        actor: &Authorized,
        findings: &[Finding],
        allowed: &[bool],
        reason: &str,
    ) -> Result<(Vec<Entry>, Vec<Outcome>), RevokeError> {
        let mut asked: Vec<Asked> = Vec::new();
        let mut places: HashMap<&Subject, usize> = HashMap::new();
        let mut outcomes = Vec::with_capacity(findings.len());
        for (finding, allowed) in findings.iter().zip(allowed) {
            outcomes.push(match &finding.fate {
                Fate::Ours { subject, ends, .. } if *allowed => {
                    let place = *places.entry(subject).or_insert(asked.len());
                    match asked.get_mut(place) {
                        // For as long as either; for good if one must stay.
                        Some(known) => known.ends = known.ends.zip(*ends).map(|(one, other)| one.max(other)),
                        None => asked.push(Asked { subject: subject.clone(), leaked: true, ends: *ends }),
                    }
                    Outcome::Revoked(place)
                }
                Fate::Ours { .. } => Outcome::Forbidden,
                Fate::Unproven(_) | Fate::Damaged(_) | Fate::NotOurs => Outcome::NotRevoked,
            });
        }
        if asked.is_empty() {
            return Ok((Vec::new(), outcomes));
        }
        let began = self.clock.now();
        let entries = self.record(actor.account(), asked, None, reason).await?;
        for outcome in &mut outcomes {
            if let Outcome::Revoked(place) = *outcome
                && entries.get(place).is_some_and(|entry| entry.at() < began)
            {
                *outcome = Outcome::AlreadyRevoked(place);
            }
        }
        Ok((entries, outcomes))
    }
}
