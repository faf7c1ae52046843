//! Refreshing a discharge: a new one in place of one that has grown old, while session, account and password are good.
//!
//! Whatever its holder added to the discharge stays in the new one: a refresh never widens.

use std::time::Duration;

use caveats::{Facts, LimitError, Locations, Macaroon, Predicate, verify_alone};
use secrecy::SecretString;

use super::key_ring::KeyRing;
use super::login::{refresh_place, seal_refresh};
use super::ticket::{self, TicketError};
use crate::sso::{Provider, SsoError};
use model::clock::Clock;
use model::ids::SessionId;
use model::session::Session;
use revocation::{RevocationQuery, Subject};
use storage::records::{Records, StorageError};
use storage::revocations::{ListUnavailable, Revocations};
use storage::sealing::{MasterKey, Unsealable};

/// How long a refused token's successor is waited for: the SSO has answered the other request, which has only to be kept.
const SUCCESSOR_POLLS: u32 = 20;
const SUCCESSOR_POLL: Duration = Duration::from_millis(50);

/// What a refresh is checked with.
#[derive(Debug)]
pub struct Refresh<'a> {
    /// Time.
    pub clock: &'a Clock,
    /// Sessions and accounts.
    pub records: &'a Records,
    /// Opens what a session keeps.
    pub master: &'a MasterKey,
    /// Opens tickets.
    pub keys: &'a KeyRing,
    /// Knows whether the person and the password are still good.
    pub sso: &'a Provider,
    /// Knows what was revoked.
    pub revocations: &'a Revocations,
    /// The locations that caveats may name.
    pub locations: Locations<'a>,
}

/// No new discharge.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// It is no discharge of ours, or bound to a root, or holds something that cannot be carried over.
    #[error("this is not an unbound discharge of this service")]
    NotOurs,
    /// Its session has ended, was revoked, or the SSO does not stand by it any more.
    #[error("this login has ended")]
    Ended,
    /// The SSO could not be asked.
    #[error("the SSO could not be asked")]
    SsoUnavailable,
    /// The revocation list could not be asked.
    #[error(transparent)]
    ListUnavailable(#[from] ListUnavailable),
    /// Our keys could not be had.
    #[error(transparent)]
    Ticket(TicketError),
    /// The database could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What the session keeps does not open.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
    /// The new one does not fit into a macaroon.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

impl Refresh<'_> {
    /// Checks the old discharge and mints the new one.
    pub async fn discharge(&self, old: Macaroon) -> Result<Macaroon, RefreshError> {
        let caveat_id = std::str::from_utf8(old.identifier()).map_err(|_| RefreshError::NotOurs)?.to_owned();
        let ticket = ticket::read(self.keys, &caveat_id).await.map_err(|error| match error {
            TicketError::Foreign => RefreshError::NotOurs,
            keys @ TicketError::Keys(_) => RefreshError::Ticket(keys),
        })?;
        let kept = kept_caveats(&old)?;
        let verified = verify_alone(&old, &ticket.caveat_key).map_err(|_| RefreshError::NotOurs)?;
        let facts = verified.facts(&self.locations).map_err(|_| RefreshError::NotOurs)?;
        let session = self.session(&facts).await?;
        if session.token != ticket.token {
            return Err(RefreshError::NotOurs);
        }
        self.still_good(&session, &facts).await?;
        let mut new = Macaroon::mint(&ticket.caveat_key, self.locations.sso, &caveat_id)?;
        for caveat in kept {
            match caveat {
                Kept::Moment => {
                    new.attenuate(&Predicate::ValidSince(self.clock.now()).encode(self.locations.sso))?;
                }
                Kept::AsIs(text) => new.attenuate(&text)?,
            }
        }
        Ok(new)
    }

    async fn session(&self, facts: &Facts) -> Result<Session, RefreshError> {
        let now = self.clock.now();
        if facts.expires.is_none_or(|expires| expires <= now) {
            return Err(RefreshError::Ended);
        }
        let id: SessionId =
            facts.session.as_deref().and_then(|id| id.parse().ok()).ok_or(RefreshError::NotOurs)?;
        let session = self.records.session(&id).await?.ok_or(RefreshError::Ended)?;
        if session.expires_at <= now { Err(RefreshError::Ended) } else { Ok(session) }
    }

    /// Asks the revocation list, then the SSO.
    async fn still_good(&self, session: &Session, facts: &Facts) -> Result<(), RefreshError> {
        let subjects = vec![
            Subject::Session(session.account.clone(), session.id.clone()),
            Subject::Account(session.account.clone()),
            Subject::Family(session.token.clone()),
            Subject::Everything,
        ];
        let question = RevocationQuery { subjects, login: facts.last_auth };
        if self.revocations.check(&question).await?.is_some() {
            return Err(RefreshError::Ended);
        }
        let mut spent = session.sealed_refresh.clone();
        loop {
            let secret = self.master.open(&refresh_place(&session.id), &spent, "refresh token")?;
            let token = String::from_utf8_lossy(&secret).into_owned();
            match self.sso.refresh_grant(&SecretString::from(token)).await {
                Ok(grant) => {
                    let now = self.clock.now();
                    // Kept before anything else can fail: the old one is spent.
                    let sealed = match &grant.refresh_token {
                        Some(next) => seal_refresh(self.master, &session.id, Some(next)),
                        None => spent,
                    };
                    self.records.refreshed(&session.id, &sealed, now).await?;
                    let identity =
                        self.sso.identify(&grant).await.map_err(|_| RefreshError::SsoUnavailable)?;
                    if let Some(identity) = identity {
                        self.records.remember_account(&identity, now).await?;
                    }
                    tracing::info!(account = %session.account, session = %session.id, token = %session.token, "refreshed");
                    return Ok(());
                }
                Err(SsoError::Unavailable) => return Err(RefreshError::SsoUnavailable),
                Err(SsoError::Refused) => {
                    spent = self.successor(&session.id, &spent).await?;
                }
            }
        }
    }
}

impl Refresh<'_> {
    /// What another request of this session keeps in place of the token that was refused: that one may have spent it a
    /// moment ago. Parallel jobs of one pipeline share a credential, so this is no rare case.
    async fn successor(&self, session: &SessionId, spent: &[u8]) -> Result<Vec<u8>, RefreshError> {
        for _ in 0..SUCCESSOR_POLLS {
            let latest = self.records.session(session).await?.ok_or(RefreshError::Ended)?;
            if latest.sealed_refresh != spent {
                return Ok(latest.sealed_refresh);
            }
            tokio::time::sleep(SUCCESSOR_POLL).await;
        }
        Err(RefreshError::Ended)
    }
}

enum Kept {
    /// Where the moment of the (last) refresh stands.
    Moment,
    /// Anything else, to the letter.
    AsIs(String),
}

/// The caveats to carry over: all, but for the moments, of which only the first has a meaning.
fn kept_caveats(old: &Macaroon) -> Result<Vec<Kept>, RefreshError> {
    let mut kept = Vec::new();
    let mut moments = 0;
    for caveat in old.caveats() {
        let text = std::str::from_utf8(caveat.id).map_err(|_| RefreshError::NotOurs)?;
        if text.split('|').nth(1) == Some("valid_since") {
            moments += 1;
            if moments == 1 {
                kept.push(Kept::Moment);
            }
        } else {
            kept.push(Kept::AsIs(text.to_owned()));
        }
    }
    Ok(kept)
}
