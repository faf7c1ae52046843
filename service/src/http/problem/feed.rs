//! From the errors of watching to problems.

use super::{Code, Problem};
use crate::revoking::feed::FeedError;

impl From<FeedError> for Problem {
    fn from(error: FeedError) -> Problem {
        match error {
            FeedError::Beyond { position } => {
                let message = format!(
                    "The journal ends at {position}, before the entry that you have seen: it is another journal, or \
                     has lost entries. Forget what you have, and begin at 0."
                );
                Problem::new(Code::Conflict, message).with("position", position)
            }
            FeedError::Storage(error) => error.into(),
            FeedError::Slow => {
                tracing::error!("the database does not answer");
                Problem::cannot_tell("The database")
            }
        }
    }
}
