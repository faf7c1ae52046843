//! From the errors of identity and authorization to problems: each is put into words here, once.

use actix_web::http::StatusCode;
use caveats::{Permission, Refusal as Denial};

use super::{Code, Problem, shown};
use crate::authorization::Refusal;
use crate::credentials::issue::IssueError;
use crate::credentials::key_ring::KeyError;
use crate::credentials::login::LoginError;
use crate::credentials::refresh::RefreshError;
use crate::credentials::second_factor::SecondFactorError;
use crate::credentials::ticket::TicketError;
use model::cause::chain;
use revocation::Revocation;
use storage::records::StorageError;
use storage::revocations::ListUnavailable;
use storage::sealing::Unsealable;

/// Seconds after which a client may ask again when the answer is not known.
pub(super) const RETRY_SECONDS: u32 = 1;

impl Problem {
    /// The answer is not known: neither yes nor no. What it is about stands in the log.
    pub fn cannot_tell(what: &str) -> Problem {
        let message =
            format!("{what} cannot be asked right now, so nothing is accepted. Try again in a moment.");
        Problem::new(Code::ServiceUnavailable, message).retry_after(RETRY_SECONDS)
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Problem {
        tracing::error!(error = %chain(&error), "the database cannot be used");
        Problem::cannot_tell("The database")
    }
}

impl From<ListUnavailable> for Problem {
    fn from(ListUnavailable: ListUnavailable) -> Problem {
        Problem::cannot_tell("The revocation list")
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Problem {
        match error {
            KeyError::Storage(error) => error.into(),
            KeyError::Unsealable(error) => error.into(),
        }
    }
}

impl From<Unsealable> for Problem {
    fn from(error: Unsealable) -> Problem {
        tracing::error!(%error, "a secret at rest cannot be used");
        Problem::cannot_tell("The key store")
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Forged => unauthorized(
                "The credential is not valid here: it was not issued by this service, was changed, or its discharge \
                 is missing or not bound to it. Log in again.",
            ),
            Refusal::Denied(denial) => denied(&denial),
            Refusal::Revoked(cut) => revoked(&cut),
            Refusal::Stale { age_seconds } => {
                let message = format!("Expired macaroon (age: {age_seconds} seconds)");
                Problem::new(Code::MacaroonNeedsRefresh, message).with("age", age_seconds)
            }
            Refusal::LoginTooOld { age_seconds, at_most_seconds } => {
                let message = format!(
                    "This takes a login of the last {} minutes; this one is {} minutes old. Log in again.",
                    at_most_seconds / 60,
                    age_seconds / 60
                );
                let problem = Problem::new(Code::MacaroonPermissionRequired, message);
                problem.with("permission", "last_auth").with("age", age_seconds)
            }
            Refusal::LoginWithoutCode => {
                let message = "This takes a login with a one-time code, and your account has no second factor. Ask the \
                               operator of this service to enrol you, then log in again.";
                Problem::new(Code::MacaroonPermissionRequired, message).with("permission", "last_auth")
            }
            Refusal::RoleLost(permissions) => not_allowed(&permissions),
            Refusal::NoSuchPackage(name) => Problem::new(
                Code::ResourceNotFound,
                format!("The snap name '{}' does not exist.", shown(&name)),
            ),
            Refusal::NotOwner(name) => {
                let message = format!("You are not the publisher of the snap '{}'.", shown(&name));
                Problem::new(Code::ResourceForbidden, message)
            }
            Refusal::ListUnavailable(undecided) => undecided.into(),
            Refusal::Storage(error) => error.into(),
            Refusal::Keys(error) => error.into(),
        }
    }
}

/// A revoked credential, to the holder of a valid chain: when and why.
pub(super) fn revoked(cut: &Revocation) -> Problem {
    let why = if cut.reason.is_empty() { String::new() } else { format!(" Reason: {}.", shown(&cut.reason)) };
    unauthorized(&format!("This credential was revoked at {} UTC.{why} Log in again for a new one.", cut.at))
}

fn unauthorized(message: &str) -> Problem {
    Problem::new(Code::MacaroonAuthorizationRequired, message).with("realm", "Devportal")
}

/// A caveat's denial. Only an expired credential is dead; any other may still be good for something else.
fn denied(denial: &Denial) -> Problem {
    let sentence = sentence(&denial.to_string());
    match denial {
        Denial::Expired { .. } => unauthorized(&format!("{sentence} Log in again for a new one.")),
        Denial::Acl { needed, .. } => {
            let message = format!("Permission \"{needed}\" is required as a macaroon caveat. {sentence}");
            Problem::new(Code::MacaroonPermissionRequired, message).with("permission", needed.as_str())
        }
        Denial::Channel { wanted, .. } => {
            let message = format!("Lacking permission to release to channel {wanted}: {sentence}");
            let problem = Problem::new(Code::MacaroonPermissionRequired, message);
            let problem = problem.with("permission", "channel").with("channels", vec![wanted.to_string()]);
            problem.with_top("permission", "channel").with_top("channels", vec![wanted.to_string()])
        }
        _ => Problem::new(Code::MacaroonPermissionRequired, sentence).with("permission", denial.kind()),
    }
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Problem {
        let field =
            |field: &str, message: String| Problem::new(Code::InvalidField, message).with("field", field);
        match error {
            IssueError::NoPermission => {
                field("permissions", "The field 'permissions' must name at least one permission.".to_owned())
            }
            IssueError::TooMany(name) => {
                field(name, format!("The field '{name}' may have 100 entries at most."))
            }
            IssueError::Empty(name) => field(
                name,
                format!("The field '{name}' is empty, so the credential could do nothing; leave it out."),
            ),
            IssueError::Channel(channel) => {
                field("channels", format!("Not a valid channel: '{}'.", shown(&channel)))
            }
            IssueError::Expired => field("expires", "The field 'expires' is in the past.".to_owned()),
            IssueError::Limit(_) => Problem::new(
                Code::BadRequest,
                "What was asked for does not fit into a macaroon of 32 KiB; ask for less.",
            ),
            IssueError::Ticket(error) => error.into(),
        }
    }
}

impl From<TicketError> for Problem {
    fn from(error: TicketError) -> Problem {
        match error {
            TicketError::Foreign => {
                let message = "The caveat was not addressed to this service.";
                Problem::new(Code::InvalidData, message).with("caveat_id", vec![message])
            }
            TicketError::Keys(error) => error.into(),
        }
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Problem {
        match error {
            LoginError::Ticket(error) => error.into(),
            LoginError::Throttled(throttled) => {
                let message =
                    format!("Too many failed logins. Wait {} seconds and try again.", throttled.seconds);
                Problem::new(Code::TooManyRequests, message).retry_after(throttled.seconds)
            }
            LoginError::Empty(field) => {
                let message = format!("The field '{field}' is empty.");
                Problem::new(Code::InvalidData, message.as_str()).with(field, vec![message])
            }
            LoginError::WrongPassword => {
                Problem::new(Code::InvalidCredentials, "Provided email/password is not correct.")
            }
            LoginError::CodeMissing => {
                Problem::new(Code::TwofactorRequired, "2-factor authentication required.")
            }
            LoginError::CodeWrong => {
                Problem::new(Code::TwofactorFailure, "The provided 2-factor key is not recognised.")
            }
            LoginError::NoSecondFactor => {
                let message = "Your account has no second factor yet, and this login asks for a one-time code. Ask the \
                               operator of this service to enrol you.";
                Problem::new(Code::TwofactorFailure, message)
            }
            LoginError::AccountRevoked => {
                Problem::new(Code::AccountSuspended, "This account was suspended. Ask your security team.")
            }
            LoginError::NotAllowed(permissions) => not_allowed(&permissions),
            LoginError::SsoUnavailable => Problem::cannot_tell("The single sign-on of your organisation"),
            LoginError::ListUnavailable(undecided) => undecided.into(),
            LoginError::SecondFactor(SecondFactorError::Storage(error)) | LoginError::Storage(error) => {
                error.into()
            }
            LoginError::SecondFactor(SecondFactorError::Unsealable(error)) => error.into(),
            LoginError::Limit(_) => too_long(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Problem {
        match error {
            RefreshError::NotOurs => Problem::new(
                Code::InvalidCredentials,
                "The discharge cannot be refreshed: it is not an unbound one of this service. Log in again.",
            ),
            RefreshError::Ended => {
                Problem::new(Code::InvalidCredentials, "This login has ended, or was ended. Log in again.")
            }
            RefreshError::SsoUnavailable => Problem::cannot_tell("The single sign-on of your organisation"),
            RefreshError::ListUnavailable(undecided) => undecided.into(),
            RefreshError::Ticket(error) => error.into(),
            RefreshError::Storage(error) => error.into(),
            RefreshError::Unsealable(error) => error.into(),
            RefreshError::Limit(_) => too_long(),
        }
    }
}

fn not_allowed(permissions: &[Permission]) -> Problem {
    let names: Vec<&str> = permissions.iter().map(|permission| permission.as_str()).collect();
    let message = format!("Your account may not have these permissions: {}.", names.join(", "));
    Problem::new(Code::ResourceForbidden, message).with("permissions", names)
}

fn too_long() -> Problem {
    Problem::new(Code::BadRequest, "The discharge does not fit into a macaroon of 32 KiB.")
        .status(StatusCode::BAD_REQUEST)
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
