//! From the errors of keys, builds and policies to problems.

use super::{Code, Problem, shown};
use crate::authority::keys::StoreKeyError;
use crate::authority::sign::AuthorityError;
use crate::publishing::builds::{BuildError, JudgeError};
use crate::publishing::policy::PolicyError;
use crate::publishing::push::{AdmitError, PushError};
use crate::publishing::signing_keys::{MAX_KEYS, RegisterKeyError};
use crate::revoking::signing_key::RevokeKeyError;
use model::cause::chain;

/// What old clients look for, and then why.
const NOT_A_KEY: &str = "The account-key-request assertion is not valid.";
const NOT_A_BUILD: &str = "The snap-build assertion is not valid.";

impl From<RegisterKeyError> for Problem {
    fn from(error: RegisterKeyError) -> Problem {
        let invalid = |why: String| {
            let message = format!("{NOT_A_KEY} {why}");
            Problem::new(Code::InvalidField, message).with("field", "account_key_request")
        };
        match error {
            RegisterKeyError::Malformed(error) => invalid(format!("It cannot be read: {error}.")),
            RegisterKeyError::Type(error) => invalid(format!("{error}.")),
            RegisterKeyError::Signature(error) => invalid(format!("Its signature by its own key: {error}.")),
            RegisterKeyError::Id(_) => invalid("The id of its key is none.".to_owned()),
            RegisterKeyError::OtherAccount(account) => invalid(format!(
                "It is for the account {}, and you are logged in with another.",
                shown(&account)
            )),
            RegisterKeyError::Ended(until) => invalid(format!("The key expired at {until} UTC.")),
            RegisterKeyError::Taken => {
                let message =
                    "Another account has registered this key. Make a new one with snapcraft create-key.";
                Problem::new(Code::Conflict, message)
            }
            RegisterKeyError::Revoked(cut) => {
                let message = format!(
                    "This key was revoked at {} UTC. Make a new one with snapcraft create-key.",
                    cut.at
                );
                Problem::new(Code::Conflict, message)
            }
            RegisterKeyError::TooMany => {
                let message = format!("The account has {MAX_KEYS} keys, which is as many as it may have.");
                Problem::new(Code::Conflict, message)
            }
            RegisterKeyError::Spent => {
                let message = "This login has registered a key already, and serves for one. Log in again, with password \
                               and one-time code, to register another.";
                Problem::new(Code::MacaroonPermissionRequired, message)
                    .with("permission", "modify_account_key")
            }
            RegisterKeyError::Commit(error) => error.into(),
            RegisterKeyError::ListUnavailable(error) => error.into(),
            RegisterKeyError::Storage(error) => error.into(),
        }
    }
}

impl From<AuthorityError> for Problem {
    fn from(error: AuthorityError) -> Problem {
        match error {
            AuthorityError::Storage(error) | AuthorityError::Keys(StoreKeyError::Storage(error)) => {
                error.into()
            }
            AuthorityError::Keys(error) => {
                tracing::error!(error = %chain(&error), "the store cannot give its word");
                Problem::cannot_tell("The key store")
            }
        }
    }
}

impl From<BuildError> for Problem {
    fn from(error: BuildError) -> Problem {
        match error {
            BuildError::Flawed(flaw) => {
                let message = format!("{NOT_A_BUILD} It cannot be taken: {flaw}.");
                Problem::new(Code::InvalidField, message).with("field", "assertion")
            }
            BuildError::Package(error) => error.into(),
            BuildError::Commit(error) => error.into(),
            BuildError::Judge(error) => error.into(),
            BuildError::Storage(error) => error.into(),
        }
    }
}

impl From<JudgeError> for Problem {
    fn from(error: JudgeError) -> Problem {
        match error {
            JudgeError::ListUnavailable(error) => error.into(),
            JudgeError::Storage(error) => error.into(),
        }
    }
}

impl From<PushError> for Problem {
    fn from(error: PushError) -> Problem {
        match error {
            PushError::Admit(error) => error.into(),
            PushError::Accept(error) => error.into(),
        }
    }
}

impl From<AdmitError> for Problem {
    fn from(error: AdmitError) -> Problem {
        match error {
            AdmitError::Refused(refusal) => refusal.into(),
            AdmitError::Judge(error) => error.into(),
        }
    }
}

impl From<PolicyError> for Problem {
    fn from(error: PolicyError) -> Problem {
        match error {
            PolicyError::Weaker => {
                let message =
                    "The policy was made stricter meanwhile, and yours is weaker now. Look at it again.";
                Problem::new(Code::Conflict, message)
            }
            PolicyError::Package(error) => error.into(),
            PolicyError::Commit(error) => error.into(),
            PolicyError::Storage(error) => error.into(),
        }
    }
}

impl From<RevokeKeyError> for Problem {
    fn from(error: RevokeKeyError) -> Problem {
        match error {
            RevokeKeyError::Future => {
                let message = "The field 'compromised_since' is still to come.";
                Problem::new(Code::InvalidField, message).with("field", "compromised_since")
            }
            RevokeKeyError::Find(error) => error.into(),
            RevokeKeyError::Revoke(error) => error.into(),
            RevokeKeyError::Revisions(error) => {
                tracing::error!(error = %chain(&error), "the revisions of a revoked key could not be found out");
                let message = "REVOKED: the key admits nothing any more. What was accepted with it could not be found out; \
                               send the request again to hear of it.";
                Problem::new(Code::ServiceUnavailable, message).retry_after(1)
            }
        }
    }
}
