//! A caveat as it stands in a macaroon: bytes, not yet meaning. What first-party text means is `predicate`'s.

use std::fmt;

/// One caveat, borrowed from its macaroon.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Caveat<'m> {
    /// First-party: the predicate, `LOCATION|KEY|VALUE`. Third-party: the text the third party is asked to discharge,
    /// and the identifier its discharge must have.
    pub id: &'m [u8],
    /// Present if a discharge from someone else is needed.
    pub third_party: Option<ThirdParty<'m>>,
}

/// What makes a caveat a third-party one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ThirdParty<'m> {
    /// A hint where the discharge is to be had, for the SSO its host and port. Not authenticated by the chain.
    pub location: &'m str,
    /// The verification id: the caveat key sealed under the chain (nonce ‖ secretbox, 72 bytes when well formed).
    pub vid: &'m [u8],
}

impl fmt::Debug for Caveat<'_> {
    /// Shows the caveat's text, which is no secret: a signature can't be computed from it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Caveat");
        shown.field("id", &String::from_utf8_lossy(self.id));
        if let Some(third_party) = &self.third_party {
            shown.field("third_party", third_party);
        }
        shown.finish()
    }
}

impl fmt::Debug for ThirdParty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThirdParty").field("location", &self.location).finish_non_exhaustive()
    }
}
