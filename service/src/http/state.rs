//! What every handler may reach, made once at start-up and shared by all workers.

use std::net::IpAddr;
use std::sync::Arc;

use caveats::Bundle;

use super::access_log;
use super::credentials::Credentials;
use super::problem::Problem;
use crate::authority::sign::Authority;
use crate::authorization::authorized::Authorized;
use crate::authorization::{Attempt, Authorizer};
use crate::config::Settings;
use crate::credentials::issue::Places;
use crate::credentials::key_ring::KeyRing;
use crate::credentials::login::Login;
use crate::credentials::refresh::Refresh;
use crate::publishing::upload_quota::Quota;
use crate::publishing::workspace::Workspace;
use crate::revoking::Revoker;
use crate::revoking::feed::Feed;
use crate::sso::Provider;
use model::clock::Clock;
use storage::blobs::Blobs;
use storage::records::Records;
use storage::revocations::Revocations;
use storage::sealing::MasterKey;
use storage::throttle::Throttle;

/// The parts of a running service.
#[derive(Debug)]
pub struct State {
    /// Settings.
    pub settings: Arc<Settings>,
    /// Time.
    pub clock: Clock,
    /// Records.
    pub records: Records,
    /// The revocation list.
    pub revocations: Revocations,
    /// The journal, for those who keep a list of their own.
    pub feed: Arc<Feed>,
    /// Uploaded files.
    pub blobs: Blobs,
    /// What each address may have uploaded.
    pub quota: Quota,
    /// Our keys.
    pub keys: KeyRing,
    /// Gives the store's word.
    pub authority: Authority,
    /// Seals secrets at rest.
    pub master: MasterKey,
    /// The organisation's SSO.
    pub sso: Provider,
    /// Failed logins.
    pub throttle: Throttle,
    /// Decides.
    pub authorizer: Authorizer,
    /// Where publishing reads and writes.
    pub workspace: Workspace,
}

impl State {
    /// Decides about one attempt with the credential of a request.
    pub async fn authorize(
        &self,
        credentials: &Credentials,
        attempt: &Attempt<'_>,
    ) -> Result<Authorized, Problem> {
        let attempt = Attempt { source: credentials.source, ..*attempt };
        let authorized = self.authorizer.authorize(credentials.bundle.clone(), &attempt).await?;
        access_log::note(&authorized);
        Ok(authorized)
    }

    /// Decides whether a credential is good for anything at all.
    pub async fn authorize_bundle(
        &self,
        bundle: Bundle,
        source: Option<IpAddr>,
    ) -> Result<Authorized, crate::authorization::Refusal> {
        self.authorizer.authorize(bundle, &Attempt { source, ..Attempt::default() }).await
    }

    /// Where macaroons say they are from.
    pub fn places(&self) -> Places {
        Places {
            store: self.settings.tokens.store_location.clone(),
            sso: self.authorizer.sso_location.clone(),
        }
    }

    /// What a login needs.
    pub fn login(&self) -> Login<'_> {
        Login {
            clock: &self.clock,
            records: &self.records,
            master: &self.master,
            keys: &self.keys,
            sso: &self.sso,
            throttle: &self.throttle,
            revocations: &self.revocations,
            location: &self.authorizer.sso_location,
            lifetime: self.settings.tokens.session_lifetime,
            second_factor: self.settings.tokens.second_factor,
        }
    }

    /// What a refresh needs.
    pub fn refresh(&self) -> Refresh<'_> {
        Refresh {
            clock: &self.clock,
            records: &self.records,
            master: &self.master,
            keys: &self.keys,
            sso: &self.sso,
            revocations: &self.revocations,
            locations: self.authorizer.locations(),
        }
    }

    /// What a revocation needs.
    pub fn revoker(&self) -> Revoker<'_> {
        Revoker {
            authorizer: &self.authorizer,
            clock: &self.clock,
            keys: &self.keys,
            records: &self.records,
            revocations: &self.revocations,
            authority: &self.authority,
            locations: self.authorizer.locations(),
            session_lifetime: self.settings.tokens.session_lifetime,
            clock_skew: self.settings.tokens.clock_skew,
        }
    }
}
