//! What an address may have sent that nobody has claimed: what came whole is counted in the records, what is coming in is
//! counted here, in this process. Both together stay within a bound.
//!
//! Sending needs no credential, so an address is all there is to count by. Other processes are not asked what they
//! receive: with several replicas, an address can be sending as much to each. What it has sent whole is one number for all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::workspace::Workspace;
use model::snap::{LEAST_WEIGHT, ReceivedFile, weight};
use storage::records::StorageError;

/// How many uploads of an address may be under way at once. Each holds a connection and a file open, and up to 4 MiB of memory,
/// for as long as its sender likes.
pub const AT_ONCE: usize = 32;

/// After how many seconds to try again where nobody knows when there is room.
const SOON: u32 = 60;

/// What bytes are counted by: an IPv4 address, or the /64 of an IPv6 address, which is what one customer gets at least.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source(String);

impl Source {
    /// Of the address that a request came from. All those share one whose proxy does not say.
    pub fn of(address: Option<IpAddr>) -> Source {
        Source(match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let network = u128::from(address) >> 64 << 64;
                format!("{}/64", std::net::Ipv6Addr::from(network))
            }
            None => "unknown".to_owned(),
        })
    }

    /// As the records have it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An address may not send more now.
#[derive(Debug, thiserror::Error)]
pub enum QuotaError {
    /// Too many bytes that nobody has claimed, those on their way included.
    #[error("the address has sent more than {limit} bytes that nobody has claimed")]
    Exceeded {
        /// The bound.
        limit: u64,
        /// How long a file is kept that nobody claims.
        keep: Duration,
        /// Seconds until the first of them is removed, or until it may be worth trying.
        seconds: u32,
    },
    /// Too many uploads at once.
    #[error("the address has {AT_ONCE} uploads under way")]
    TooMany {
        /// Seconds until it may be worth trying.
        seconds: u32,
    },
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The counts of one process.
#[derive(Debug)]
pub struct Quota {
    limit: u64,
    keep: Duration,
    /// Of those alone who are sending.
    senders: Mutex<HashMap<Source, Sender>>,
}

/// Somebody who is sending.
#[derive(Debug, Default)]
struct Sender {
    /// Uploads under way.
    uploads: usize,
    /// What of them has come.
    coming: u64,
    /// What has come whole and is unclaimed: as the records said when they were last asked, and what came since.
    whole: u64,
}

impl Quota {
    /// Allows `limit` bytes an address, which are unclaimed for `keep` at most.
    pub fn new(limit: u64, keep: Duration) -> Quota {
        Quota { limit, keep, senders: Mutex::default() }
    }

    /// Counts an upload that begins, unless its sender has no room left.
    pub async fn begin<'a>(
        &'a self,
        publishing: &'a Workspace,
        source: Source,
    ) -> Result<Share<'a>, QuotaError> {
        let share = self.enter(publishing, source)?;
        share.ask().await?;
        Ok(share)
    }

    fn enter<'a>(&'a self, publishing: &'a Workspace, source: Source) -> Result<Share<'a>, QuotaError> {
        let mut senders = self.senders();
        let sender = senders.entry(source.clone()).or_default();
        if sender.uploads >= AT_ONCE {
            return Err(QuotaError::TooMany { seconds: SOON });
        }
        sender.uploads += 1;
        sender.coming += LEAST_WEIGHT;
        Ok(Share { quota: self, publishing, source, bytes: 0, weight: LEAST_WEIGHT })
    }

    fn senders(&self) -> MutexGuard<'_, HashMap<Source, Sender>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one upload has of the quota of its sender, given back when it is dropped.
#[derive(Debug)]
pub struct Share<'a> {
    quota: &'a Quota,
    publishing: &'a Workspace,
    source: Source,
    bytes: u64,
    weight: u64,
}

impl Share<'_> {
    /// Counts bytes that have come.
    pub async fn grow(&mut self, bytes: usize) -> Result<(), QuotaError> {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        let weight = weight(self.bytes);
        let more = weight - self.weight;
        self.weight = weight;
        if self.fits(|sender| sender.coming = sender.coming.saturating_add(more)) {
            return Ok(());
        }
        // Somebody may have claimed something meanwhile.
        self.ask().await
    }

    /// Notes the file that has come whole. The records have the last word on what is there already.
    pub async fn note(self, file: &ReceivedFile) -> Result<(), QuotaError> {
        let records = &self.publishing.records;
        if !records.insert_upload(file, self.source.as_str(), self.quota.limit).await? {
            let unclaimed = records.unclaimed(self.source.as_str()).await?;
            return Err(self.exceeded(unclaimed.oldest));
        }
        self.fits(|sender| sender.whole = sender.whole.saturating_add(self.weight));
        Ok(())
    }

    /// Asks the records anew, and refuses if there is no room.
    async fn ask(&self) -> Result<(), QuotaError> {
        let unclaimed = self.publishing.records.unclaimed(self.source.as_str()).await?;
        if self.fits(|sender| sender.whole = unclaimed.weight) {
            return Ok(());
        }
        Err(self.exceeded(unclaimed.oldest))
    }

    fn fits(&self, change: impl FnOnce(&mut Sender)) -> bool {
        let mut senders = self.quota.senders();
        senders.get_mut(&self.source).is_none_or(|sender| {
            change(sender);
            sender.whole.saturating_add(sender.coming) <= self.quota.limit
        })
    }

    fn exceeded(&self, oldest: Option<timestamp::Timestamp>) -> QuotaError {
        let (limit, keep) = (self.quota.limit, self.quota.keep);
        let age = oldest.map(|oldest| self.publishing.clock.now().micros().saturating_sub(oldest.micros()));
        let age = age.map(|micros| Duration::from_micros(u64::try_from(micros).unwrap_or(0)));
        let left = age.map_or(0, |age| keep.saturating_sub(age).as_secs());
        QuotaError::Exceeded { limit, keep, seconds: u32::try_from(left).unwrap_or(u32::MAX).max(SOON) }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut senders = self.quota.senders();
        if let Some(sender) = senders.get_mut(&self.source) {
            sender.uploads = sender.uploads.saturating_sub(1);
            sender.coming = sender.coming.saturating_sub(self.weight);
            if sender.uploads == 0 {
                senders.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_counts_by_its_network_and_an_ipv4_address_for_itself() {
        let source = |address: &str| Source::of(Some(address.parse().unwrap())).0;
        assert_eq!(source("192.0.2.1"), "192.0.2.1");
        assert_eq!(source("::ffff:192.0.2.1"), "192.0.2.1", "the same, as a listener for both tells it");
        assert_eq!(source("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(source("2001:db8:1:2::"), "2001:db8:1:2::/64");
        assert_ne!(source("2001:db8:1:3::"), "2001:db8:1:2::/64");
        assert_eq!(Source::of(None).0, "unknown");
    }
}
