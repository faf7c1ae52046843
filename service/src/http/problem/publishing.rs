//! From the errors of publishing to problems: each is put into words here, once.

use super::mapping::revoked;
use super::{Code, Problem};
use crate::publishing::accept_upload::AcceptError;
use crate::publishing::receive_upload::{Interrupted, MAX_ASSERTION, ReceiveError};
use crate::publishing::register_name::RegisterError;
use crate::publishing::release::ReleaseError;
use crate::publishing::upload_quota::{AT_ONCE, QuotaError};
use crate::publishing::workspace::{CommitError, PackageError};
use model::snap::{InvalidName, SnapName};
use snap_file::SnapError;
use storage::blobs::BlobError;

impl Problem {
    /// A text that cannot be the name of a snap, in the real store's words.
    pub fn invalid_name(name: &str, reason: InvalidName) -> Problem {
        let message = format!("The name '{}' is not valid: it should {reason}.", super::shown(name));
        Problem::new(Code::Invalid, message).with("field", "snap_name").with_top("status", 400)
    }
}

impl From<PackageError> for Problem {
    fn from(error: PackageError) -> Problem {
        match error {
            PackageError::Gone => Problem::new(Code::ResourceNotFound, "The snap does not exist any more."),
            PackageError::Storage(error) => error.into(),
        }
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Problem {
        match error {
            CommitError::Revoked(cut) => revoked(&cut),
            CommitError::KeyRevoked(key) => {
                let message = format!("The key {key} that signed this was revoked. Sign it with another.");
                Problem::new(Code::Conflict, message)
            }
            CommitError::ListUnavailable(undecided) => undecided.into(),
            CommitError::Authority(error) => error.into(),
            CommitError::Storage(error) => error.into(),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Problem {
        match error {
            RegisterError::Taken => {
                let message = "The name is taken: another publisher registered it. Choose another one.";
                Problem::new(Code::AlreadyRegistered, message).with_top("status", 409)
            }
            RegisterError::AlreadyOwned => {
                Problem::new(Code::AlreadyOwned, "You own this name already.").with_top("status", 409)
            }
            RegisterError::Commit(error) => error.into(),
            RegisterError::Storage(error) => error.into(),
        }
    }
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Problem {
        match error {
            ReceiveError::Interrupted(Interrupted::Broken) => {
                Problem::new(Code::BadRequest, "The file did not arrive whole. Send it again.")
            }
            ReceiveError::Interrupted(Interrupted::Silent) => {
                Problem::new(Code::RequestTimeout, "The file stopped coming. Send it again.")
            }
            ReceiveError::Interrupted(Interrupted::More) => Problem::new(
                Code::BadRequest,
                "Send one part named 'binary', at most one named 'assertion', and nothing else.",
            ),
            ReceiveError::Interrupted(Interrupted::AssertionTooLong) => {
                let message = format!("The part 'assertion' has more than {} KiB.", MAX_ASSERTION / 1024);
                Problem::new(Code::PayloadTooLarge, message).with("field", "assertion")
            }
            ReceiveError::Interrupted(Interrupted::AssertionNotText) => {
                let message =
                    "The part 'assertion' is not text in UTF-8. Send the assertion as it was signed.";
                Problem::new(Code::BadRequest, message).with("field", "assertion")
            }
            ReceiveError::Empty => Problem::new(Code::BadRequest, "The file in the part 'binary' is empty."),
            ReceiveError::Blob(error) => error.into(),
            ReceiveError::Quota(error) => error.into(),
        }
    }
}

impl From<QuotaError> for Problem {
    fn from(error: QuotaError) -> Problem {
        match error {
            QuotaError::Exceeded { limit, keep, seconds } => {
                let (size, keep) = (bytesize::ByteSize(limit), humantime::format_duration(keep));
                let message = format!(
                    "With this file, your address would have more than the {size} of uploads here that no push has \
                     claimed. Push what was uploaded, or wait: what is not pushed is removed after {keep}."
                );
                Problem::new(Code::TooManyRequests, message).retry_after(seconds)
            }
            QuotaError::TooMany { seconds } => {
                let message = format!(
                    "Your address has {AT_ONCE} uploads under way, and may have no more at once. Wait for one to end."
                );
                Problem::new(Code::TooManyRequests, message).retry_after(seconds)
            }
            QuotaError::Storage(error) => error.into(),
        }
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Problem {
        match error {
            BlobError::TooLarge { max } => {
                let size = bytesize::ByteSize(max);
                Problem::new(
                    Code::PayloadTooLarge,
                    format!("The file is larger than the {size} allowed here."),
                )
            }
            BlobError::Full => Problem::cannot_tell("The store for files (it is full)"),
            BlobError::Disk(error) => {
                tracing::error!(%error, "the store for files cannot be used");
                Problem::cannot_tell("The store for files")
            }
        }
    }
}

impl From<AcceptError> for Problem {
    fn from(error: AcceptError) -> Problem {
        let upload = |message: &str| Problem::new(Code::InvalidField, message).with("field", "updown_id");
        match error {
            AcceptError::NoSuchUpload => {
                upload("No file was received under this 'updown_id'. Upload it first, then push it.")
            }
            AcceptError::AlreadyClaimed => upload(
                "The file under this 'updown_id' was pushed already. Upload it again to push it again.",
            ),
            AcceptError::WrongSize { expected, received } => {
                let message = format!(
                    "The file did not arrive as it was sent: {received} bytes were received and 'binary_filesize' \
                     says {expected}. Upload it again."
                );
                Problem::new(Code::InvalidField, message).with("field", "binary_filesize")
            }
            AcceptError::Changed => {
                let message =
                    "The package's policy or its keys were changed meanwhile. Upload the file again.";
                Problem::new(Code::Conflict, message)
            }
            AcceptError::NotASnap(error) => not_a_snap(&error),
            AcceptError::WrongName { pushed, found } => wrong_name(&pushed, &found),
            AcceptError::Track(error) => error.into(),
            AcceptError::Package(error) => error.into(),
            AcceptError::Commit(error) => error.into(),
            AcceptError::Storage(error) => error.into(),
        }
    }
}

impl From<ReleaseError> for Problem {
    fn from(error: ReleaseError) -> Problem {
        match error {
            ReleaseError::NoSuchRevision(number) => {
                let message = format!("There is no revision {number} of this snap.");
                Problem::new(Code::InvalidField, message).with("field", "revision")
            }
            ReleaseError::Track(error) => error.into(),
            ReleaseError::Package(error) => error.into(),
            ReleaseError::Commit(error) => error.into(),
            ReleaseError::Storage(error) => error.into(),
        }
    }
}

fn wrong_name(pushed: &SnapName, found: &SnapName) -> Problem {
    let message =
        format!("The file is the snap '{found}' by its meta/snap.yaml, and was pushed as '{pushed}'.");
    Problem::new(Code::InvalidField, message).with("field", "name")
}

fn not_a_snap(error: &SnapError) -> Problem {
    let message = match error {
        // Our fault, not the file's.
        SnapError::Unreadable(source) => {
            tracing::error!(error = %source, "an uploaded file cannot be read back");
            return Problem::cannot_tell("The store for files");
        }
        SnapError::Name(reason) => {
            format!("The file is not a snap: the name in its meta/snap.yaml should {reason}.")
        }
        SnapError::SnapYaml { line: Some(line) } => format!("The file is not a snap: {error} (line {line})."),
        SnapError::NotSquashfs
        | SnapError::Damaged
        | SnapError::Compression
        | SnapError::NoSnapYaml
        | SnapError::SnapYamlTooLarge
        | SnapError::SnapYaml { line: None }
        | SnapError::Field { .. } => format!("The file is not a snap: {error}."),
    };
    Problem::new(Code::InvalidField, message).with("field", "binary")
}
