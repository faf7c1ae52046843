//! One-time codes (TOTP, RFC 6238: SHA-1, six digits, 30 seconds, as every authenticator app assumes).

use timestamp::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use model::ids::AccountId;
use storage::records::{Records, StorageError};
use storage::sealing::{MasterKey, Unsealable};

/// How a code was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The account has no second factor.
    NotNeeded,
    /// The account has one, and no code came.
    Missing,
    /// The code is wrong, or was used before.
    Wrong,
    /// The code was right, and is now spent.
    Right,
}

/// A code could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// The database could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The secret does not open.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
}

/// Checks a code, and spends it. A code of the step before or after is taken too, each step once.
pub async fn check(
    records: &Records,
    master: &MasterKey,
    account: &AccountId,
    code: Option<&str>,
    now: Timestamp,
) -> Result<Outcome, SecondFactorError> {
    let Some(sealed) = records.second_factor(account).await? else { return Ok(Outcome::NotNeeded) };
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else { return Ok(Outcome::Missing) };
    let secret = master.open(&place(account), &sealed, "one-time-code secret")?;
    let totp = totp(&secret, "account");
    let seconds = u64::try_from(now.micros() / 1_000_000).unwrap_or_default();
    let Some(step) = totp.check(code, seconds) else { return Ok(Outcome::Wrong) };
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    Ok(if records.spend_step(account, step).await? { Outcome::Right } else { Outcome::Wrong })
}

/// Gives an account a second factor and answers with the secret, base32, for its authenticator app.
pub async fn enrol(
    records: &Records,
    master: &MasterKey,
    account: &AccountId,
    now: Timestamp,
) -> Result<String, StorageError> {
    let secret = Secret::generate();
    let sealed = master.seal(&place(account), secret.as_bytes());
    records.set_second_factor(account, &sealed, now).await?;
    Ok(secret.to_base32())
}

/// An account's secret, base32, for the operator of a `dev` service.
pub async fn secret(
    records: &Records,
    master: &MasterKey,
    account: &AccountId,
) -> Result<Option<String>, SecondFactorError> {
    let Some(sealed) = records.second_factor(account).await? else { return Ok(None) };
    let secret = master.open(&place(account), &sealed, "one-time-code secret")?;
    Ok(Some(Secret::new(secret.as_slice().into()).to_base32()))
}

/// The code of a secret in base32 at a moment; `None` if it is not base32.
pub fn code_at(secret: &str, now: Timestamp) -> Option<String> {
    let secret = Secret::try_from_base32(secret).ok()?;
    let seconds = u64::try_from(now.micros() / 1_000_000).unwrap_or_default();
    Some(totp(secret.as_bytes(), "account").generate(seconds).to_string())
}

/// The URL that authenticator apps read, for a secret in base32.
pub fn url(secret: &str, account: &str) -> Option<String> {
    let secret = Secret::try_from_base32(secret).ok()?;
    totp(secret.as_bytes(), account).to_url().ok()
}

fn totp(secret: &[u8], account: &str) -> Totp {
    let secret = Secret::new(secret.to_vec().into_boxed_slice());
    Builder::new()
        .with_secret(secret)
        .with_account_name(account)
        .with_issuer(Some("macaroond"))
        .build_noncompliant()
}

fn place(account: &AccountId) -> String {
    format!("second_factors/{account}")
}
