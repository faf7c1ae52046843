//! From the errors of watching to problems.

use super::{Code, Problem};
use crate::revoking::feed::WatchError;

impl From<WatchError> for Problem {
    fn from(error: WatchError) -> Problem {
        match error {
            WatchError::Beyond { position } => {
                let message = format!(
                    "The journal ends at {position}, before the entry that you have seen: it is another journal, or \
                     has lost entries. Forget what you have, and begin at 0."
                );
                Problem::new(Code::Conflict, message).with("position", position)
            }
            WatchError::Storage(error) => error.into(),
            WatchError::Slow => {
                tracing::error!("the database does not answer");
                Problem::cannot_tell("The database")
            }
        }
    }
}
