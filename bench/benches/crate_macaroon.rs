//! The same credential by crate `macaroon`, with a check of caveats that accepts every one.

use ::macaroon::{Macaroon, MacaroonKey, Verifier};

use crate::credential::{IDENTIFIER, LOCATIONS, RAW_CAVEAT_KEY, RAW_ROOT_KEY};

pub(crate) struct Other {
    root_key: MacaroonKey,
    caveat_key: MacaroonKey,
    verifier: Verifier,
}

impl Other {
    pub(crate) fn new() -> Self {
        ::macaroon::initialize().expect("libsodium starts");
        let mut verifier = Verifier::default();
        verifier.satisfy_general(|_| true);
        Self {
            root_key: MacaroonKey::generate(RAW_ROOT_KEY),
            caveat_key: MacaroonKey::generate(RAW_CAVEAT_KEY),
            verifier,
        }
    }

    pub(crate) fn verify(&self, root: &Macaroon, discharge: Macaroon) {
        self.verifier.verify(root, &self.root_key, vec![discharge]).expect("genuine");
    }

    pub(crate) fn mint(&self, caveat_id: &str, caveats: &[String; 5]) -> Macaroon {
        let [valid_since, narrowing @ ..] = caveats;
        let location = Some(LOCATIONS.store.to_owned());
        let mut root = Macaroon::create(location, &self.root_key, IDENTIFIER.into()).expect("complete");
        root.add_first_party_caveat(valid_since.as_str().into());
        root.add_third_party_caveat(LOCATIONS.sso, &self.caveat_key, caveat_id.into());
        for caveat in narrowing {
            root.add_first_party_caveat(caveat.as_str().into());
        }
        root
    }
}

/// The crate has no notion of a header; it is given the two tokens.
pub(crate) fn decode(root: &str, discharge: &str) -> (Macaroon, Macaroon) {
    let read = |token: &str| Macaroon::deserialize(token).expect("a macaroon");
    (read(root), read(discharge))
}
