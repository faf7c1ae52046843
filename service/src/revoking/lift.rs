//! Taking a cut back: one of an account, a package or everything that turned out to have been too wide.

use super::{Revoker, tidy};
use crate::authorization::authorized::Authorized;
use revocation::Entry;
use storage::revocations::RevokeError;

impl Revoker<'_> {
    /// Takes back the cut at this position of the journal, and answers with the entry that says so; also when it was
    /// taken back before.
    pub async fn lift(&self, actor: &Authorized, position: i64, reason: &str) -> Result<Entry, RevokeError> {
        let by = actor.account();
        let entry = self.revocations.lift(position, by.as_str(), &tidy(reason)).await?;
        tracing::info!(kind = entry.subject.kind(), %by, lifts = position, position = entry.seq, "lifted");
        Ok(entry)
    }
}
