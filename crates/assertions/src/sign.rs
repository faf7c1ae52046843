//! Signing a draft, and reading it again as its type, so that nothing is signed that nobody would take.

use timestamp::Timestamp;

use crate::assertion::Assertion;
use crate::draft::Draft;
use crate::error::DecodeError;
use crate::kind::Kind;
use crate::limits::MAX_BODY_BYTES;
use crate::private_key::PrivateKey;
use crate::types::{self, TypeError};
use crate::value;

/// Why a draft was not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// A type whose primary key is not known, so that its headers have no order.
    #[error("assertions of this type are not signed")]
    UnknownType,
    /// A header, or a key of a map, with a name that can't be one.
    #[error(
        "{0:?} is no name for a header or a key: lower-case letters, digits and single dashes, first a letter"
    )]
    Name(String),
    /// A body longer than [`MAX_BODY_BYTES`].
    #[error("a body longer than {MAX_BODY_BYTES} bytes")]
    BodyTooLong,
    /// A moment before 1970 or after 2106, which a signature can't hold.
    #[error("signatures can't be made at that time")]
    Time,
    /// A key whose numbers do not belong together.
    #[error("the private key is unsound")]
    Key,
    /// A document that could not be read again: a header is missing, or has a value that can't be written.
    #[error("not an assertion: {0}")]
    Document(#[from] DecodeError),
    /// Headers that the type does not allow.
    #[error("not a sound assertion of its type: {0}")]
    Headers(#[from] TypeError),
}

impl Draft {
    /// Writes and signs it. `now` goes into the signature, to the second; nobody compares it with anything. The same
    /// draft, key and moment give the same bytes.
    pub fn sign(&self, key: &PrivateKey, now: Timestamp) -> Result<Assertion, SignError> {
        if self.body.len() > MAX_BODY_BYTES {
            return Err(SignError::BodyTooLong);
        }
        let kind = Kind::find(&self.kind).ok_or(SignError::UnknownType)?;
        if let Some(name) = value::wrong_name(&self.headers) {
            return Err(SignError::Name(name.to_owned()));
        }
        let created = u32::try_from(now.micros().div_euclid(1_000_000)).map_err(|_| SignError::Time)?;
        let content = self.content(kind, &key.public().id().to_string());
        let signature = key.sign(content.as_bytes(), created).map_err(|_| SignError::Key)?;
        let assertion = Assertion::decode(format!("{content}\n\n{signature}\n").as_bytes())?;
        types::check(&assertion)?;
        Ok(assertion)
    }
}
