//! The bakery's wrapper around a macaroon, as candid and the store's `/api/v2/tokens` send it: JSON of version 3.
//!
//! ```text
//! {"m": macaroon, "v": 3, "ns": "std:", "cdata": {base64(caveat id): base64(payload)}}
//! ```
//!
//! A caveat for a third party may have a short id and carry what the third party needs outside the macaroon: its payload,
//! which the client sends along. Older bakeries send the macaroon without a wrapper.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::limits::MAX_CAVEATS;
use crate::macaroon::Macaroon;
use crate::wire::{self, DecodeError};

/// The version of the wrapper that is written; the only one that is read.
const VERSION: u8 = 3;
/// The namespace that a bakery's first-party caveats are in, unless another is named.
const STANDARD_NAMESPACE: &str = "std:";

/// A macaroon as a bakery sends it.
#[derive(Debug, Clone)]
pub struct BakeryMacaroon {
    /// The macaroon.
    pub macaroon: Macaroon,
    /// The names that prefixes of its first-party caveats stand for, such as `std:`.
    pub namespace: String,
    /// What third parties are to be sent beside a caveat's id: payloads by caveat id, in bytes.
    pub payloads: BTreeMap<Vec<u8>, Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapper<'t> {
    #[serde(borrow)]
    m: &'t RawValue,
    v: u8,
    #[serde(default)]
    ns: Option<String>,
    #[serde(default)]
    cdata: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Written<'t> {
    m: &'t RawValue,
    v: u8,
    ns: &'t str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    cdata: BTreeMap<String, String>,
}

impl BakeryMacaroon {
    /// Wraps a macaroon without payloads.
    pub fn new(macaroon: Macaroon) -> Self {
        Self { macaroon, namespace: STANDARD_NAMESPACE.to_owned(), payloads: BTreeMap::new() }
    }

    /// Reads the wrapper, or a macaroon as JSON without one.
    pub fn from_json(text: &str) -> Result<Self, DecodeError> {
        if text.len() > wire::json::MAX_JSON_BYTES {
            return Err(DecodeError::TooLong);
        }
        let Ok(wrapper) = serde_json::from_str::<Wrapper<'_>>(text) else {
            return wire::json::decode(text.as_bytes()).map(Self::new);
        };
        if wrapper.v != VERSION {
            return Err(DecodeError::Json);
        }
        if wrapper.cdata.len() > MAX_CAVEATS {
            return Err(DecodeError::TooManyCaveats);
        }
        let bytes = |text: &str| wire::base64::decode(text).ok_or(DecodeError::Base64);
        let payloads = wrapper.cdata.iter().map(|(id, payload)| Ok((bytes(id)?, bytes(payload)?)));
        Ok(Self {
            macaroon: wire::json::decode_v2(wrapper.m.get().as_bytes())?,
            namespace: wrapper.ns.unwrap_or_else(|| STANDARD_NAMESPACE.to_owned()),
            payloads: payloads.collect::<Result<_, _>>()?,
        })
    }

    /// Writes the wrapper.
    ///
    /// # Panics
    /// Never: what is written is text and always JSON.
    pub fn to_json(&self) -> String {
        let macaroon = RawValue::from_string(self.macaroon.to_json()).expect("what is written is JSON");
        let encode = wire::base64::encode;
        let cdata = self.payloads.iter().map(|(id, payload)| (encode(id), encode(payload))).collect();
        let written = Written { m: &macaroon, v: VERSION, ns: &self.namespace, cdata };
        serde_json::to_string(&written).expect("a struct of strings always serialises")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RootKey;

    #[test]
    fn a_wrapper_is_read_back_as_written_with_its_payloads() {
        let macaroon = Macaroon::mint(&RootKey::derive(b"k"), "store", "id").unwrap();
        let mut bakery = BakeryMacaroon::new(macaroon);
        bakery.payloads.insert(vec![3, 0, 0xff], b"payload".to_vec());
        let text = bakery.to_json();
        let read = BakeryMacaroon::from_json(&text).unwrap();
        assert_eq!(read.payloads, bakery.payloads);
        assert_eq!(read.namespace, "std:");
        assert_eq!(read.macaroon.to_v1(), bakery.macaroon.to_v1());
        assert_eq!(read.to_json(), text);
    }

    #[test]
    fn a_macaroon_without_a_wrapper_is_one_of_an_older_bakery() {
        let macaroon = Macaroon::mint(&RootKey::derive(b"k"), "store", "id").unwrap();
        let read = BakeryMacaroon::from_json(&macaroon.to_json()).unwrap();
        assert_eq!(read.macaroon.to_v1(), macaroon.to_v1());
    }

    #[test]
    fn another_version_or_a_broken_payload_is_refused() {
        let m = Macaroon::mint(&RootKey::derive(b"k"), "store", "id").unwrap().to_json();
        for (text, error) in [
            (format!(r#"{{"m": {m}, "v": 4}}"#), DecodeError::Json),
            (format!(r#"{{"m": {m}}}"#), DecodeError::Json),
            (r#"{"m": {}, "v": 3}"#.to_owned(), DecodeError::Json),
            (format!(r#"{{"m": {m}, "v": 3, "cdata": {{"!": ""}}}}"#), DecodeError::Base64),
        ] {
            assert_eq!(BakeryMacaroon::from_json(&text).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn the_longest_text_and_the_most_payloads_are_read_and_no_more() {
        let m = Macaroon::mint(&RootKey::derive(b"k"), "store", "id").unwrap().to_json();
        let wrapped = format!(r#"{{"m": {m}, "v": 3}}"#);
        let long = |length: usize| format!("{wrapped}{}", " ".repeat(length - wrapped.len()));
        assert!(BakeryMacaroon::from_json(&long(wire::json::MAX_JSON_BYTES)).is_ok());
        let longer = BakeryMacaroon::from_json(&long(wire::json::MAX_JSON_BYTES + 1));
        assert_eq!(longer.unwrap_err(), DecodeError::TooLong);
        let with_payloads = |count: usize| {
            let payload =
                |index: usize| format!(r#""{}": """#, wire::base64::encode(index.to_string().as_bytes()));
            let payloads: Vec<String> = (0..count).map(payload).collect();
            BakeryMacaroon::from_json(&format!(
                r#"{{"m": {m}, "v": 3, "cdata": {{{}}}}}"#,
                payloads.join(", ")
            ))
        };
        assert_eq!(with_payloads(MAX_CAVEATS).unwrap().payloads.len(), MAX_CAVEATS);
        for count in [MAX_CAVEATS + 1, MAX_CAVEATS + 2] {
            assert_eq!(with_payloads(count).unwrap_err(), DecodeError::TooManyCaveats);
        }
    }
}
