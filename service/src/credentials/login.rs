//! Logging in: password at the organisation's SSO, one-time code here, then a discharge for the root macaroon.

use std::net::IpAddr;
use std::time::Duration;

use caveats::{LimitError, Macaroon, Permission, Predicate};
use secrecy::{ExposeSecret as _, SecretString};
use timestamp::Timestamp;

use super::key_ring::KeyRing;
use super::second_factor::{self, Outcome, SecondFactorError};
use super::ticket::{self, Scope, TicketError};
use crate::sso::{Provider, SsoError};
use model::account::{Account, Role};
use model::clock::Clock;
use model::ids::SessionId;
use model::session::{LoginProof, Session};
use revocation::{Reach, RevocationQuery, Subject};
use storage::records::{Records, StorageError};
use storage::revocations::{ListUnavailable, Revocations};
use storage::sealing::MasterKey;
use storage::throttle::{Throttle, Throttled};

/// Ten times the attempts of an account: many people may share an address.
const ADDRESS_SHARE: usize = 10;
/// How long a login lasts that may register a key: as long as it takes to do so.
const KEY_LOGIN: Duration = Duration::from_hours(1);

/// What a login is checked with and recorded in.
#[derive(Debug)]
pub struct Login<'a> {
    /// Time.
    pub clock: &'a Clock,
    /// Accounts and sessions.
    pub records: &'a Records,
    /// Seals what a session keeps.
    pub master: &'a MasterKey,
    /// Opens tickets.
    pub keys: &'a KeyRing,
    /// Checks passwords.
    pub sso: &'a Provider,
    /// Counts failures.
    pub throttle: &'a Throttle,
    /// Knows accounts that were cut off.
    pub revocations: &'a Revocations,
    /// The location of discharges and of their caveats.
    pub location: &'a str,
    /// How long a login lasts.
    pub lifetime: Duration,
    /// Whether an account without one-time codes may log in.
    pub second_factor: SecondFactorPolicy,
}

/// Whether an account without one-time codes may log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondFactorPolicy {
    /// It may: who has codes needs one.
    Optional,
    /// It may not. Its first login makes it known, so that an operator can enrol it.
    Required,
}

/// Somebody who has proved who they are.
struct Known {
    account: Account,
    email_verified: bool,
    refresh_token: Option<SecretString>,
    proof: LoginProof,
}

/// What a person gives.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The third-party caveat to discharge.
    pub caveat_id: &'a str,
    /// E-mail address or user name.
    pub email: &'a str,
    /// Password.
    pub password: &'a SecretString,
    /// One-time code.
    pub code: Option<&'a SecretString>,
    /// Where the request comes from.
    pub source: Option<IpAddr>,
}

/// No discharge.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The caveat is not for us.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// Too many failures before this one.
    #[error("too many failed logins")]
    Throttled(Throttled),
    /// The address or the password is empty.
    #[error("no {0} was given")]
    Empty(&'static str),
    /// Wrong address or password, or a disabled account: they look alike.
    #[error("the e-mail address or the password is wrong")]
    WrongPassword,
    /// A code is needed.
    #[error("a one-time code is needed")]
    CodeMissing,
    /// The code is wrong or was used before.
    #[error("the one-time code is wrong")]
    CodeWrong,
    /// The account has no one-time codes, and needs them.
    #[error("the account has no second factor")]
    NoSecondFactor,
    /// The account was cut off for good.
    #[error("the account is revoked")]
    AccountRevoked,
    /// The account's roles do not allow what was asked for.
    #[error("the account may not have these permissions")]
    NotAllowed(Vec<Permission>),
    /// The SSO could not be asked.
    #[error("the SSO could not be asked")]
    SsoUnavailable,
    /// The revocation list could not be asked.
    #[error(transparent)]
    ListUnavailable(#[from] ListUnavailable),
    /// The code could not be checked.
    #[error(transparent)]
    SecondFactor(#[from] SecondFactorError),
    /// The login could not be recorded.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The discharge does not fit into a macaroon.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

impl Login<'_> {
    /// Checks who it is and mints the discharge.
    pub async fn discharge(&self, attempt: &Attempt<'_>) -> Result<Macaroon, LoginError> {
        if attempt.email.is_empty() {
            return Err(LoginError::Empty("email"));
        }
        if attempt.password.expose_secret().is_empty() {
            return Err(LoginError::Empty("password"));
        }
        let ticket = ticket::read(self.keys, attempt.caveat_id).await?;
        let Known { account, email_verified, refresh_token, proof } = self.identify(attempt).await?;
        let missing_permissions = missing_permissions(&ticket.scope.permissions, &account.roles);
        if !missing_permissions.is_empty() {
            return Err(LoginError::NotAllowed(missing_permissions));
        }
        let lifetime = self.lasts(&ticket.scope, proof)?;
        let now = self.wait_out_cuts(&account).await?;
        let id = SessionId::generate();
        let lasts_until = now.saturating_add(lifetime);
        let root_ends = ticket.scope.expires.map(Timestamp::from_micros);
        let expires_at = root_ends.map_or(lasts_until, |ends| ends.min(lasts_until));
        let discharge = mint(
            self.location,
            attempt.caveat_id,
            &ticket.caveat_key,
            &[
                Predicate::Account(identity(&account, email_verified)),
                Predicate::ValidSince(now),
                Predicate::LastAuth(now),
                Predicate::Expires(expires_at),
                Predicate::Session(id.to_string()),
            ],
        )?;
        let sealed_refresh = seal_refresh(self.master, &id, refresh_token.as_ref());
        tracing::info!(account = %account.id, session = %id, token = %ticket.token, "logged in");
        self.records
            .add_session(&Session {
                id,
                token: ticket.token,
                account: account.id,
                scope: scope_json(&ticket.scope)?,
                description: ticket.scope.description,
                sealed_refresh,
                logged_in_at: now,
                refreshed_at: now,
                expires_at,
                proof,
            })
            .await?;
        Ok(discharge)
    }

    /// How long the login lasts. One that may register a key vouches for whatever that key will sign: it takes a one-time
    /// code, and ends soon.
    fn lasts(&self, scope: &Scope, proof: LoginProof) -> Result<Duration, LoginError> {
        if !scope.permissions.contains(&Permission::ModifyAccountKey) {
            return Ok(self.lifetime);
        }
        match proof {
            LoginProof::Password => Err(LoginError::NoSecondFactor),
            LoginProof::PasswordAndCode => Ok(self.lifetime.min(KEY_LOGIN)),
        }
    }

    /// Password and code. Each attempt counts as failed until it proves otherwise; one that only lacks the code is a
    /// client's first step and counts for nothing.
    async fn identify(&self, attempt: &Attempt<'_>) -> Result<Known, LoginError> {
        let now = self.clock.now();
        let by_account = format!("account {}", attempt.email.to_lowercase());
        let by_address = attempt.source.map(|address| format!("address {address}"));
        self.throttle.attempt(&by_account, 1, now).map_err(LoginError::Throttled)?;
        if let Some(by_address) = &by_address
            && let Err(throttled) = self.throttle.attempt(by_address, ADDRESS_SHARE, now)
        {
            self.throttle.forgive(&by_account);
            return Err(LoginError::Throttled(throttled));
        }
        let outcome = self.password_and_code(attempt).await;
        match &outcome {
            Ok(_) => {
                self.throttle.succeeded(&by_account);
                self.forgive_address(by_address.as_deref());
            }
            Err(LoginError::WrongPassword | LoginError::CodeWrong) => {}
            Err(_) => {
                self.throttle.forgive(&by_account);
                self.forgive_address(by_address.as_deref());
            }
        }
        outcome
    }

    fn forgive_address(&self, by_address: Option<&str>) {
        if let Some(key) = by_address {
            self.throttle.forgive(key);
        }
    }

    async fn password_and_code(&self, attempt: &Attempt<'_>) -> Result<Known, LoginError> {
        let grant =
            self.sso.password_grant(attempt.email, attempt.password).await.map_err(|error| match error {
                SsoError::Refused => LoginError::WrongPassword,
                SsoError::Unavailable => LoginError::SsoUnavailable,
            })?;
        let identity = self.sso.identify(&grant).await.map_err(|_| LoginError::SsoUnavailable)?;
        // Without an ID token nobody knows who this is.
        let identity = identity.ok_or(LoginError::SsoUnavailable)?;
        let now = self.clock.now();
        let account = self.records.remember_account(&identity, now).await?;
        let code = attempt.code.map(SecretString::expose_secret);
        // Counted by account besides by what was typed: an account may be known by several names.
        let by_code = format!("code {}", account.id);
        self.throttle.attempt(&by_code, 1, now).map_err(LoginError::Throttled)?;
        match second_factor::check(self.records, self.master, &account.id, code, now).await? {
            Outcome::NotNeeded if self.second_factor == SecondFactorPolicy::Required => {
                self.throttle.forgive(&by_code);
                Err(LoginError::NoSecondFactor)
            }
            outcome @ (Outcome::NotNeeded | Outcome::Right) => {
                self.throttle.succeeded(&by_code);
                let proof = match outcome {
                    Outcome::Right => LoginProof::PasswordAndCode,
                    _ => LoginProof::Password,
                };
                let (email_verified, refresh_token) = (identity.email_verified, grant.refresh_token);
                Ok(Known { account, email_verified, refresh_token, proof })
            }
            Outcome::Missing => {
                self.throttle.forgive(&by_code);
                Err(LoginError::CodeMissing)
            }
            Outcome::Wrong => Err(LoginError::CodeWrong),
        }
    }

    /// A cut reaches a little into the future, for replicas whose clocks are behind; a login within waits until then.
    async fn wait_out_cuts(&self, account: &Account) -> Result<Timestamp, LoginError> {
        loop {
            let now = self.clock.now();
            let subjects = vec![Subject::Account(account.id.clone()), Subject::Everything];
            match self.revocations.check(&RevocationQuery { subjects, login: Some(now) }).await? {
                None => return Ok(now),
                Some(cut) => match cut.reach {
                    Reach::All => return Err(LoginError::AccountRevoked),
                    Reach::LoggedInBefore(moment) => {
                        let micros = u64::try_from(moment.micros() - now.micros()).unwrap_or_default();
                        tokio::time::sleep(
                            Duration::from_micros(micros.min(10_000_000)) + Duration::from_millis(1),
                        )
                        .await;
                    }
                },
            }
        }
    }
}

/// Mints a discharge with these caveats.
pub(super) fn mint(
    location: &str,
    caveat_id: &str,
    key: &caveats::RootKey,
    predicates: &[Predicate],
) -> Result<Macaroon, LimitError> {
    let mut discharge = Macaroon::mint(key, location, caveat_id)?;
    for predicate in predicates {
        discharge.attenuate(&predicate.encode(location))?;
    }
    Ok(discharge)
}

/// The account as a discharge names it.
fn identity(account: &Account, is_verified: bool) -> caveats::Account {
    caveats::Account {
        openid: account.id.to_string(),
        email: account.email.clone(),
        displayname: account.display_name.clone(),
        username: account.username.clone(),
        is_verified,
    }
}

/// The permissions that none of these roles gives.
pub fn missing_permissions(permissions: &[Permission], roles: &[Role]) -> Vec<Permission> {
    let given = |permission: &Permission| {
        let role = match permission {
            Permission::CredentialList
            | Permission::CredentialRevoke
            | Permission::AuditRead
            | Permission::PolicyManage
            | Permission::KeyManage => Role::Security,
            _ => Role::Publisher,
        };
        roles.contains(&role)
    };
    permissions.iter().copied().filter(|permission| !given(permission)).collect()
}

pub(super) fn seal_refresh(master: &MasterKey, session: &SessionId, token: Option<&SecretString>) -> Vec<u8> {
    let token = token.map_or("", |token| token.expose_secret());
    master.seal(&refresh_place(session), token.as_bytes())
}

pub(super) fn refresh_place(session: &SessionId) -> String {
    format!("sessions/{session}/refresh")
}

fn scope_json(scope: &Scope) -> Result<String, StorageError> {
    serde_json::to_string(scope).map_err(|_| StorageError::Corrupt("scope"))
}
