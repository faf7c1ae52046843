//! Finds credentials in any bytes: logs, diffs, shell histories, dumps, whatever leaked.
//!
//! Every shape of [`exported`](crate::exported) is found wherever it stands, and what is found is an [`Exported`], so
//! that it can be checked against keys and revoked. Also when it is
//!
//! - broken into lines of 43 characters or more, indented, in a diff, or escaped as a string in JSON;
//! - in quotes, followed by a comma, or next to binary data.
//!
//! A root and a discharge that belong together and stand near each other as separate tokens are one finding,
//! [`Shape::Apart`](crate::exported::Shape::Apart). Either without the other is a finding too, and so is each macaroon
//! that stands in JSON, by itself or in a bakery's wrapper.
//!
//! Nothing is found that does not decode completely: ordinary base64 gives no findings. UTF-16, URL encoding other than
//! of padding, compression and encryption hide a credential, as do lines shorter than 43 characters. A macaroon in JSON
//! is found by its signature, and not if that is written with `\/` for a slash, as text, or 64 KiB after the beginning;
//! one of version 1 must have a location or caveats, or else any signed object would do.
//!
//! ```
//! use caveats::{Macaroon, RootKey, exported::Shape, scan};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let token = Macaroon::mint(&RootKey::derive(b"32 random bytes"), "store.example", "1.key.token")?.to_v1();
//! let log = format!("12:00:01 DEBUG GET /account\n12:00:01 DEBUG Authorization: Macaroon root={token}\n");
//! let findings = scan::find(log.as_bytes());
//! assert_eq!(findings.len(), 1);
//! assert_eq!(findings[0].credential.shape, Shape::Header);
//! assert_eq!(findings[0].offset() as usize, log.find("Macaroon").unwrap());
//! # Ok(())
//! # }
//! ```
//!
//! # How
//!
//! Every shape holds at least 43 characters of base64 in a row. Such runs are rare in text, and are found with a look at
//! few of its bytes ([`base64_runs`]). What begins in a run is decided by decoding it ([`decode`]), or it is the signature of a
//! macaroon in JSON ([`signature`]), and the text around it then tells what it stands in ([`header`], [`documents`],
//! [`ini`]). Each decision looks at a fixed stretch of text before and after the run, so it is the same however the text
//! is cut into chunks. The work grows with the length of the text and no faster, whatever the text is.

mod base64_runs;
mod candidates;
mod context;
mod decode;
mod documents;
mod extent;
mod header;
mod ini;
mod join;
mod json;
mod lazy_base64;
mod signature;
mod unfold;
mod window;
mod work;

use std::fmt;
use std::ops::Range;

use self::base64_runs::Next;
use self::candidates::{Candidates, Finders};
use self::context::Context;
use self::unfold::Group;
use self::window::Window;
use crate::exported::Exported;
use crate::limits::{MAX_EXPORTED_BYTES, MAX_HEADER_BYTES};

/// A credential and where it stands. Printing it shows no token.
#[derive(Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The parts of the text that hold it, in ascending order: one, or one for each token of
    /// [`Shape::Apart`](crate::exported::Shape::Apart).
    pub places: Vec<Range<u64>>,
    /// What was found.
    pub credential: Exported,
}

impl Finding {
    /// Where the first part begins.
    pub fn offset(&self) -> u64 {
        self.places.first().map_or(0, |place| place.start)
    }

    /// Bytes from there to the end of the last part.
    pub fn length(&self) -> u64 {
        self.places.last().map_or(0, |place| place.end) - self.offset()
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finding")
            .field("places", &self.places)
            .field("shape", &self.credential.shape)
            .finish_non_exhaustive()
    }
}

/// Finds all credentials in a text, in the order of their offsets.
pub fn find(text: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut scanner = Scanner::new();
    scanner.feed(text, |finding| findings.push(finding));
    scanner.finish(|finding| findings.push(finding));
    findings.sort_by_key(Finding::offset);
    findings
}

/// Finds credentials in a text that comes in chunks of any size. Holds [`MAX_BUFFERED_BYTES`] of it at most, and wipes
/// them when dropped.
pub struct Scanner {
    window: Window,
    /// Everything before is decided.
    at: u64,
    finders: Finders,
    context: Context,
}

/// Room for the most bytes of the text that a [`Scanner`] holds: twice a stretch of [`MAX_HEADER_BYTES`] before a run of
/// base64 and [`MAX_EXPORTED_BYTES`] after its start, as a power of two. Besides that it holds 32 macaroons that wait for
/// another that belongs to them, and those of one document; and while it looks at a stretch, a copy of it.
pub const MAX_BUFFERED_BYTES: usize = window::most(BEFORE + AFTER + STEP);

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// A scanner for a text of any length.
    pub fn new() -> Self {
        Self { window: Window::default(), at: 0, finders: Finders::new(), context: Context::default() }
    }

    /// Takes the next bytes of the text, and hands over what is found. What may go on in the next bytes waits for them.
    pub fn feed(&mut self, chunk: &[u8], mut found: impl FnMut(Finding)) {
        for step in chunk.chunks(STEP) {
            self.window.push(step);
            self.advance(End::Open, &mut found);
        }
    }

    /// Hands over what is found at the end of the text.
    pub fn finish(mut self, mut found: impl FnMut(Finding)) {
        self.advance(End::Reached, &mut found);
        self.context.finish(&mut found);
    }

    fn advance(&mut self, end: End, found: &mut impl FnMut(Finding)) {
        loop {
            let (rest, base) = self.window.view(self.at..u64::MAX);
            match base64_runs::next(rest, 0) {
                Next::Run(start) if end == End::Reached || rest.len() - start >= AFTER => {
                    self.at = self.group(base + start as u64, found);
                }
                Next::Run(start) | Next::NotYet(start) => {
                    self.at = base + start as u64;
                    break;
                }
            }
        }
        self.context.pass(self.at, found);
        self.window.forget(self.at.saturating_sub(BEFORE as u64));
    }

    /// Decides on all that begins in the run at `run` and what belongs to it, and tells where to go on.
    fn group(&mut self, run: u64, found: &mut impl FnMut(Finding)) -> u64 {
        let (view, base) = self.window.view(run.saturating_sub(BEFORE as u64)..run + AFTER as u64);
        let start = usize::try_from(run - base).unwrap_or(view.len());
        let group = Group::follow(view, start);
        let text = group.text();
        if self.context.settle_json(view, base, &(start..start + text.len()), found) {
            return base + group.end as u64;
        }
        // Where the view cuts the text, the second half of the view is left to the next one.
        let is_cut = view.len() - start == AFTER && group.end + unfold::MAX_BREAK > view.len();
        let limit = if is_cut { group.cut_near(start + AFTER / 2) } else { text.len() };
        let mut candidates = Candidates::new(&group, &self.finders);
        let (mut at, mut unread) = (0, 0);
        while let Some(start) = candidates.next(at).filter(|start| *start < limit) {
            at = start + 1;
            if let Some((leaf, length)) = decode::read(text, start, &mut unread) {
                at = start + length;
                let mut token = group.range_in_view(start..at);
                let padding = view.get(token.end..).unwrap_or_default().iter().take(2);
                token.end += padding.take_while(|byte| **byte == b'=').count();
                self.context.settle(view, base, token, leaf, found);
            }
        }
        if is_cut && at <= limit {
            base + group.in_view(limit) as u64
        } else if is_cut {
            base + group.range_in_view(0..at).end as u64
        } else {
            base + group.end as u64
        }
    }
}

impl fmt::Debug for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner").field("at", &self.at).finish_non_exhaustive()
    }
}

/// Whether there may be more of the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Reached,
}

/// How far before a run of base64 a header or document may begin that the run stands in.
const BEFORE: usize = MAX_HEADER_BYTES;

/// How far after the start of a run it may end, and how far the run is followed at a time.
const AFTER: usize = MAX_EXPORTED_BYTES;

/// How much of a chunk is taken at a time.
const STEP: usize = 64 * 1024;

#[cfg(test)]
mod tests;
