//! What a request asks the list.

use model::ids::SigningKeyId;
use timestamp::Timestamp;

use crate::subject::Subject;

/// Everything about one credential that could have been revoked.
#[derive(Debug, Clone)]
pub struct RevocationQuery {
    /// The subjects to look for.
    pub subjects: Vec<Subject>,
    /// When its holder last gave a password and a code.
    pub login: Option<Timestamp>,
}

impl RevocationQuery {
    /// What to ask about a publisher's signing key.
    pub fn about_signing_key(key: &SigningKeyId) -> RevocationQuery {
        RevocationQuery { subjects: vec![Subject::SigningKey(key.clone())], login: None }
    }
}
