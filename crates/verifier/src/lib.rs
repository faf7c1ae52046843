#![doc = include_str!("../README.md")]

mod feed;
mod list;
mod settings;
mod verdict;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use caveats::{Access, Bundle, Cleared, Locations};
use model::clock::Clock;
use model::root_id::RootId;
use revocation::{RevocationQuery, Subject};
use timestamp::Timestamp;
use tokio::task::JoinHandle;

use list::Followed;
pub use settings::{Bound, Settings, SettingsError};
pub use verdict::{Holder, Refusal, Unknown, Verdict};

/// Seconds after which a discharge must be refreshed: the service's `tokens.discharge_max_age`, as it is by default.
const DISCHARGE_SECONDS: i64 = 24 * 3600;

/// Verifies credentials, and follows the revocations until it is dropped.
#[derive(Debug)]
pub struct Verifier {
    settings: Arc<Settings>,
    clock: Clock,
    followed: Arc<Mutex<Followed>>,
    task: JoinHandle<()>,
}

impl Verifier {
    /// Begins to follow. Until the service has been heard, the answer is *cannot tell*.
    ///
    /// # Panics
    /// Outside of a tokio runtime: the feed is followed by a task of its own.
    pub fn follow(settings: Settings) -> Verifier {
        let (settings, followed) = (Arc::new(settings), Arc::<Mutex<Followed>>::default());
        let task = tokio::spawn(feed::follow(settings.clone(), followed.clone()));
        Verifier { settings, clock: Clock::system(), followed, task }
    }

    /// The moment now, as [`Access::now`] takes it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Decides, in the order of the service's own: signatures, caveats, revocations. `header` is the whole value of an
    /// Authorization header in any client's grammar.
    pub fn check(&self, header: &str, access: &Access<'_>) -> Verdict {
        let (holder, query) = match self.cleared(header, access) {
            Ok(cleared) => cleared,
            Err(refusal) => return Verdict::Refused(refusal),
        };
        // Both are asked of the list as it is at one moment. Were it let go in between, what it lacked could come meanwhile, and
        // make a list look fresh that did not yet hold the revocation when it was asked.
        let followed = self.followed();
        // A no of the list holds however old it is; a yes only while it is fresh.
        if let Some(revocation) = followed.list.check(&query) {
            return Verdict::Refused(Refusal::Revoked(revocation.clone()));
        }
        let (bound, skew) = (self.settings.bound.duration(), self.settings.skew);
        let now = (self.clock.now(), Instant::now());
        match followed.level.ok_or(Unknown::NothingHeard).and_then(|level| level.is_fresh(now, bound, skew)) {
            Err(unknown) => Verdict::CannotTell(unknown),
            Ok(()) => Verdict::Accepted(holder),
        }
    }

    /// Everything but the revocations: whose the credential is, and what to ask the list about it.
    fn cleared(&self, header: &str, access: &Access<'_>) -> Result<(Holder, RevocationQuery), Refusal> {
        let bundle = Bundle::from_header(header).map_err(|_| Refusal::NotGenuine)?;
        let identifier = std::str::from_utf8(bundle.root().identifier()).map_err(|_| Refusal::NotGenuine)?;
        let root_id: RootId = identifier.parse().map_err(|_| Refusal::NotGenuine)?;
        let key = self.settings.root_keys.get(&root_id.key).ok_or(Refusal::NotGenuine)?;
        let verified = bundle.verify(key).map_err(|_| Refusal::NotGenuine)?;
        let locations = Locations { store: &self.settings.store, sso: &self.settings.sso };
        let cleared = verified.clear(&locations, access).map_err(Refusal::Denied)?;
        let holder = holder(root_id.clone(), &cleared)?;
        let refreshed = cleared.facts().discharge_valid_since.ok_or(Refusal::NotGenuine)?;
        if refreshed.add_secs(DISCHARGE_SECONDS).is_none_or(|until| until < access.now) {
            return Err(Refusal::NeedsRefresh);
        }
        let query = query(&root_id, &holder, &cleared, access);
        Ok((holder, query))
    }

    fn followed(&self) -> MutexGuard<'_, Followed> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn holder(root_id: RootId, cleared: &Cleared<'_>) -> Result<Holder, Refusal> {
    let facts = cleared.facts();
    let account = facts.account.as_ref().and_then(|account| account.openid.parse().ok());
    let session = facts.session.as_ref().and_then(|session| session.parse().ok());
    match (account, session) {
        (Some(account), Some(session)) => Ok(Holder { account, session, token: root_id.token }),
        _ => Err(Refusal::NotGenuine),
    }
}

/// Everything about this credential, used for this access, that could have been revoked.
fn query(root_id: &RootId, holder: &Holder, cleared: &Cleared<'_>, access: &Access<'_>) -> RevocationQuery {
    let credential = |fingerprint| Subject::Credential(root_id.token.clone(), fingerprint);
    let mut subjects: Vec<Subject> = cleared.root_fingerprints().map(credential).collect();
    subjects.extend([
        Subject::Family(root_id.token.clone()),
        Subject::Session(holder.account.clone(), holder.session.clone()),
        Subject::Account(holder.account.clone()),
        Subject::RootKey(root_id.key.clone()),
        Subject::Everything,
    ]);
    if let caveats::Package::Id(id) = access.package {
        subjects.extend(id.parse().ok().map(Subject::Package));
    }
    RevocationQuery { subjects, login: cleared.facts().last_auth }
}
