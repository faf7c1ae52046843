//! From the errors of revoking to problems.

use super::mapping::RETRY_SECONDS;
use super::{Code, Problem};
use crate::authorization::Refusal;
use crate::revoking::leaked::LeakedError;
use crate::revoking::{FindError, InFuture, RevokeSelfError};
use model::cause::chain;
use storage::records::LiftError;
use storage::revocations::RevokeError;

impl From<FindError> for Problem {
    fn from(error: FindError) -> Problem {
        let (field, message) = match error {
            FindError::NoSuchToken => ("token_id", "Nobody has logged in with a token of this id here."),
            FindError::NoSuchSession => ("session_id", "There is no login of this id here."),
            FindError::NoSuchAccount => ("account", "There is no account of this id or e-mail address."),
            FindError::NoSuchPackage => ("package", "There is no snap of this id or name."),
            FindError::NoSuchRootKey => ("root_key_id", "There is no root key of this id."),
            FindError::NoSuchPosition => ("position", NO_SUCH_POSITION),
            FindError::Storage(error) => return error.into(),
            FindError::Keys(error) => return error.into(),
        };
        Problem::new(Code::ResourceNotFound, message).with("field", field)
    }
}

impl From<LeakedError> for Problem {
    fn from(error: LeakedError) -> Problem {
        match error {
            LeakedError::Find(error) => error.into(),
            LeakedError::Refused(refusal) => refusal.into(),
            LeakedError::Revoke(error) => error.into(),
        }
    }
}

const NO_SUCH_POSITION: &str = "There is no revocation of this position.";

impl From<InFuture> for Problem {
    fn from(InFuture: InFuture) -> Problem {
        let message =
            "The field 'issued_before' is still to come: it would kill logins that nobody has made yet.";
        Problem::new(Code::InvalidField, message).with("field", "issued_before")
    }
}

impl From<RevokeSelfError> for Problem {
    fn from(error: RevokeSelfError) -> Problem {
        match error {
            RevokeSelfError::NotOurs => Refusal::Forged.into(),
            RevokeSelfError::Keys(error) => error.into(),
            RevokeSelfError::Revoke(error) => error.into(),
        }
    }
}

impl From<RevokeError> for Problem {
    fn from(error: RevokeError) -> Problem {
        let message = match &error {
            RevokeError::NotRecorded(source) => {
                tracing::error!(error = %chain(source), "a revocation could not be recorded");
                "NOT REVOKED: the revocation could not be recorded. Send it again until it is acknowledged.".to_owned()
            }
            RevokeError::NotInForce(short) => {
                tracing::warn!(%short, "a revocation is not acknowledged yet");
                format!("NOT YET ACKNOWLEDGED: {short}. It will be completed; send it again until it is acknowledged.")
            }
            RevokeError::Interrupted => {
                "NOT YET ACKNOWLEDGED: nobody can tell how far it came. Send it again until it is acknowledged."
                    .to_owned()
            }
            RevokeError::Lift(LiftError::Storage(error)) => {
                tracing::error!(error = %chain(error), "a cut could not be taken back");
                "NOT LIFTED: the database could not be asked. Try again.".to_owned()
            }
            RevokeError::Lift(LiftError::NoSuchCut) => {
                return Problem::new(Code::ResourceNotFound, NO_SUCH_POSITION);
            }
            RevokeError::Lift(LiftError::ForGood) => {
                let message = "This revocation stays: it was made for a credential or key that leaked. Only cuts of an \
                               account, a package or everything up to a moment, made by name, can be lifted.";
                return Problem::new(Code::Conflict, message);
            }
        };
        Problem::new(Code::ServiceUnavailable, message).retry_after(RETRY_SECONDS)
    }
}
