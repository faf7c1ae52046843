//! Finding and proving the credentials of a text.

use std::collections::HashMap;

use caveats::exported;
use caveats::scan::{Finding as Scanned, Scanner};
use sha2::{Digest as _, Sha256};

use super::prove::{CredentialPart, Proof, Prover};

/// Most different credentials of one text.
pub const MAX_FOUND: usize = 10_000;

/// There are more than [`MAX_FOUND`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_FOUND} credentials in one text")]
pub struct TooMany;

/// A credential that was found, once however often it stands there.
#[derive(Debug)]
pub struct Match {
    pub(super) offset: u64,
    pub(super) what: CredentialPart,
    pub(super) proof: Proof,
}

/// Finds and proves the credentials of a text that comes in pieces. Work for a thread that may be held up: no worker's.
pub struct LeakScanner {
    scanner: Scanner,
    sieve: Sieve,
}

struct Sieve {
    prover: Prover,
    matches: Vec<Match>,
    /// Where the sightings of one root, or of one other macaroon, are.
    known: HashMap<[u8; 32], Vec<usize>>,
    too_many: bool,
}

impl LeakScanner {
    /// Before the text.
    pub fn new(prover: Prover) -> LeakScanner {
        let sieve = Sieve { prover, matches: Vec::new(), known: HashMap::new(), too_many: false };
        LeakScanner { scanner: Scanner::new(), sieve }
    }

    /// The next piece.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), TooMany> {
        let sieve = &mut self.sieve;
        self.scanner.feed(piece, |scanned| sieve.take(scanned));
        if sieve.too_many { Err(TooMany) } else { Ok(()) }
    }

    /// The end of the text.
    pub fn finish(self) -> Result<Vec<Match>, TooMany> {
        let LeakScanner { scanner, mut sieve } = self;
        scanner.finish(|scanned| sieve.take(scanned));
        if sieve.too_many {
            return Err(TooMany);
        }
        sieve.matches.sort_by_key(|sighting| sighting.offset);
        Ok(sieve.matches)
    }

    /// All of a text that is there as a whole. One that a scan finds nothing in may still be a credential as such: in
    /// lines that are shorter than a scan looks at.
    pub fn sift(prover: Prover, text: &str) -> Result<Vec<Match>, TooMany> {
        let mut leak_scanner = LeakScanner::new(prover);
        leak_scanner.feed(text.as_bytes())?;
        let LeakScanner { scanner, mut sieve } = leak_scanner;
        scanner.finish(|scanned| sieve.take(scanned));
        if sieve.matches.is_empty()
            && let Ok(exported) = exported::read(text)
        {
            sieve.note(0, exported);
        }
        LeakScanner { scanner: Scanner::new(), sieve }.finish()
    }
}

impl std::fmt::Debug for LeakScanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sifter").field("sightings", &self.sieve.matches.len()).finish_non_exhaustive()
    }
}

impl Sieve {
    fn take(&mut self, scanned: Scanned) {
        if !self.too_many {
            let offset = scanned.offset();
            self.note(offset, scanned.credential);
        }
    }

    fn note(&mut self, offset: u64, found: exported::Exported) {
        let mut identity = Sha256::new();
        identity.update(found.root.to_v1().as_bytes());
        let (what, proof) = self.prover.examine(found);
        let same = self.known.entry(identity.finalize().into()).or_default();
        for &index in same.iter() {
            let Some(known) = self.matches.get_mut(index) else { continue };
            // Not all are handed over in the order in which they stand.
            let first = known.offset.min(offset);
            match (known.what, what) {
                // A root says nothing that the credential around it does not say.
                (CredentialPart::Root, CredentialPart::Credential) => {
                    *known = Match { offset: first, what, proof }
                }
                (CredentialPart::Credential, CredentialPart::Root) => known.offset = first,
                _ if known.proof == proof => known.offset = first,
                _ => continue,
            }
            return;
        }
        if self.matches.len() == MAX_FOUND {
            self.too_many = true;
            return;
        }
        same.push(self.matches.len());
        self.matches.push(Match { offset, what, proof });
    }
}
