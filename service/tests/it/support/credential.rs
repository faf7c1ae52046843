//! A credential as its holder keeps it: a root, and the discharge as it was issued.

use caveats::exported::Exported;
use caveats::{Bundle, Macaroon, Predicate};
use serde_json::{Value, json};

/// The location that a root's caveats name.
pub(crate) const STORE: &str = "myapps.developer.ubuntu.com";

/// Root and unbound discharge.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) root: Macaroon,
    pub(crate) discharge: Macaroon,
}

impl Held {
    /// The value of the header of one request.
    pub(crate) fn header(&self) -> String {
        Bundle::new(self.root.clone(), vec![self.discharge.clone()]).unwrap().bound().to_header()
    }

    /// What `snapcraft export-login` writes.
    pub(crate) fn export(&self) -> String {
        Exported::u1_macaroon(self.root.clone(), self.discharge.clone()).write()
    }

    /// The credential with one caveat more, made offline.
    pub(crate) fn narrowed(&self, predicate: &Predicate) -> Held {
        self.with_caveat(&predicate.encode(STORE))
    }

    /// The credential with one caveat more, to the letter.
    pub(crate) fn with_caveat(&self, text: &str) -> Held {
        let mut held = self.clone();
        held.root.attenuate(text).unwrap();
        held
    }

    /// The credential for one channel only.
    pub(crate) fn on_channel(&self, name: &str) -> Held {
        self.narrowed(&Predicate::Channels(vec![name.to_owned()]))
    }

    /// What somebody sends who found it.
    pub(crate) fn leaked(&self) -> Value {
        json!({"text": self.export(), "reason": "found in a build log"})
    }

    /// The family's id, out of the root's identifier.
    pub(crate) fn token_id(&self) -> String {
        std::str::from_utf8(self.root.identifier()).unwrap().split('.').nth(2).unwrap().to_owned()
    }

    /// The value of a caveat in the discharge.
    pub(crate) fn said(&self, key: &str) -> Option<String> {
        said(&self.discharge, key)
    }
}

/// The value of the first caveat of this key.
pub(crate) fn said(macaroon: &Macaroon, key: &str) -> Option<String> {
    macaroon.caveats().find_map(|caveat| {
        let text = std::str::from_utf8(caveat.id).unwrap();
        let mut parts = text.splitn(3, '|').skip(1);
        (parts.next() == Some(key)).then(|| parts.next().unwrap().to_owned())
    })
}
