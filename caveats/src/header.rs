//! The grammar of the `Authorization` header, of every client at once.
//!
//! ```text
//! Macaroon root=RAW, discharge=RAW              snapcraft, craft-store
//! Macaroon root="RAW", discharge="RAW"          snapd, Launchpad
//! macaroon root=RAW, discharge=RAW              surl
//! Macaroon TOKEN     Bearer TOKEN               exchanged and developer tokens
//! ```
//!
//! And of the header `Macaroons`, in which candid's clients send base64 of a JSON list: the root first, then the
//! discharges bound to it.

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::bundle::{Bundle, TooManyDischarges};
use crate::limits::{MAX_DISCHARGES, MAX_HEADER_BYTES};
use crate::macaroon::Macaroon;
use crate::wire::{self, DecodeError};

/// Why a header value holds no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Longer than [`MAX_HEADER_BYTES`].
    #[error("longer than {MAX_HEADER_BYTES} bytes")]
    TooLong,
    /// Neither `Macaroon` nor `Bearer`.
    #[error("the scheme is neither Macaroon nor Bearer")]
    Scheme,
    /// Not `name=value` pairs, or a name that has no meaning, or a quote that is not closed.
    #[error("not a list of root= and discharge=")]
    Grammar,
    /// No root.
    #[error("no root macaroon")]
    NoRoot,
    /// More than one root.
    #[error("more than one root macaroon")]
    SecondRoot,
    /// More than [`MAX_DISCHARGES`].
    #[error("more than {MAX_DISCHARGES} discharges")]
    TooManyDischarges,
    /// The root is no macaroon.
    #[error("the root is not a macaroon: {0}")]
    Root(DecodeError),
    /// A discharge is no macaroon.
    #[error("a discharge is not a macaroon: {0}")]
    Discharge(DecodeError),
}

impl From<TooManyDischarges> for HeaderError {
    fn from(_: TooManyDischarges) -> Self {
        Self::TooManyDischarges
    }
}

impl Bundle {
    /// Reads the value of an `Authorization` header, in the grammar of every known client: the scheme `Macaroon` in
    /// any case, then `root=…` and any number of `discharge=…` in any order, quoted or not, separated by commas and
    /// spaces in any mixture; or a single bare token, then also with the scheme `Bearer`.
    pub fn from_header(value: &str) -> Result<Self, HeaderError> {
        parse(value)
    }

    /// The value of an `Authorization` header, as snapcraft writes it: `Macaroon root=…, discharge=…`.
    pub fn to_header(&self) -> String {
        write(self.root(), self.discharges())
    }

    /// Reads the value of a `Macaroons` header, as candid's clients send it: base64 of a JSON list of the root and the
    /// discharges bound to it.
    pub fn from_macaroons_header(value: &str) -> Result<Self, HeaderError> {
        parse_list(value)
    }
}

pub(crate) fn parse(value: &str) -> Result<Bundle, HeaderError> {
    if value.len() > MAX_HEADER_BYTES {
        return Err(HeaderError::TooLong);
    }
    let value = value.trim_matches(BLANK);
    let (scheme, rest) = value.split_once(BLANK).ok_or(HeaderError::Scheme)?;
    let rest = rest.trim_matches(BLANK);
    if scheme.eq_ignore_ascii_case("bearer") {
        return bare_token(rest)?.ok_or(HeaderError::Grammar);
    }
    if !scheme.eq_ignore_ascii_case("macaroon") {
        return Err(HeaderError::Scheme);
    }
    match bare_token(rest)? {
        Some(bundle) => Ok(bundle),
        None => pairs(rest),
    }
}

pub(crate) fn write(root: &Macaroon, discharges: &[Macaroon]) -> String {
    let mut value = format!("Macaroon root={}", wire::token(root));
    for discharge in discharges {
        value.push_str(", discharge=");
        value.push_str(&wire::token(discharge));
    }
    value
}

/// Reads the value of a `Macaroons` header.
pub(crate) fn parse_list(value: &str) -> Result<Bundle, HeaderError> {
    if value.len() > MAX_HEADER_BYTES {
        return Err(HeaderError::TooLong);
    }
    let list = Zeroizing::new(wire::base64::decode(value.trim()).ok_or(HeaderError::Grammar)?);
    let list: Vec<&RawValue> = serde_json::from_slice(&list).map_err(|_| HeaderError::Grammar)?;
    let (root, discharges) = list.split_first().ok_or(HeaderError::NoRoot)?;
    if discharges.len() > MAX_DISCHARGES {
        return Err(HeaderError::TooManyDischarges);
    }
    let root = wire::json::decode(root.get().as_bytes()).map_err(HeaderError::Root)?;
    let discharges = discharges.iter().map(|json| wire::json::decode(json.get().as_bytes()));
    Ok(Bundle::new(root, discharges.collect::<Result<_, _>>().map_err(HeaderError::Discharge)?)?)
}

/// The value of a `Macaroons` header: URL-safe base64 with padding, as httpbakery writes it.
pub(crate) fn write_list(root: &Macaroon, discharges: &[Macaroon]) -> String {
    let all: Vec<String> = std::iter::once(root).chain(discharges).map(Macaroon::to_json).collect();
    wire::base64::encode_padded(Zeroizing::new(format!("[{}]", all.join(", "))).as_bytes())
}

/// A single token without a name before it; `None` if the text is something else.
fn bare_token(text: &str) -> Result<Option<Bundle>, HeaderError> {
    let token = text.trim_end_matches('=');
    let named = text.starts_with("root=") || text.starts_with("discharge=");
    if named || token.is_empty() || !token.bytes().all(is_token_byte) {
        return Ok(None);
    }
    let root = Macaroon::parse(text).map_err(HeaderError::Root)?;
    Ok(Some(Bundle::new(root, Vec::new())?))
}

fn pairs(mut rest: &str) -> Result<Bundle, HeaderError> {
    let (mut root, mut discharges) = (None, Vec::new());
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or(HeaderError::Grammar)?;
        let (value, after) = value(after)?;
        match name {
            "root" if root.is_some() => return Err(HeaderError::SecondRoot),
            "root" => root = Some(Macaroon::parse(value).map_err(HeaderError::Root)?),
            "discharge" if discharges.len() == MAX_DISCHARGES => return Err(HeaderError::TooManyDischarges),
            "discharge" => discharges.push(Macaroon::parse(value).map_err(HeaderError::Discharge)?),
            _ => return Err(HeaderError::Grammar),
        }
        rest = after.trim_start_matches(SEPARATOR);
        if rest.len() == after.len() && !rest.is_empty() {
            return Err(HeaderError::Grammar);
        }
    }
    Ok(Bundle::new(root.ok_or(HeaderError::NoRoot)?, discharges)?)
}

/// A value, quoted or up to the next separator, and what follows it.
fn value(text: &str) -> Result<(&str, &str), HeaderError> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"').ok_or(HeaderError::Grammar);
    }
    let end = memchr::memchr3(b' ', b'\t', b',', text.as_bytes()).unwrap_or(text.len());
    text.split_at_checked(end).ok_or(HeaderError::Grammar)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_+/".contains(&byte)
}

const BLANK: [char; 2] = [' ', '\t'];
const SEPARATOR: [char; 3] = [' ', '\t', ','];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::RootKey;

    fn pair() -> (String, String) {
        let key = RootKey::derive(b"k");
        let root = Macaroon::mint(&key, "store", "root").unwrap();
        let discharge = Macaroon::mint(&key, "sso", "discharge").unwrap();
        (root.to_v1(), discharge.to_v1())
    }

    fn shape(value: &str) -> Result<(Vec<u8>, usize), HeaderError> {
        parse(value).map(|bundle| (bundle.root().identifier().to_vec(), bundle.discharges().len()))
    }

    #[test]
    fn every_client_s_header_is_read() {
        let (r, d) = pair();
        let padded = format!("{r}{}", "=".repeat((4 - r.len() % 4) % 4));
        for (value, discharges) in [
            (format!("Macaroon root={r}, discharge={d}"), 1),
            (format!("macaroon root={r},discharge={d}"), 1),
            (format!("MACAROON root={r} discharge={d}"), 1),
            (format!("Macaroon root=\"{r}\", discharge=\"{d}\", discharge=\"{d}\""), 2),
            (format!("Macaroon discharge={d} , root={r}"), 1),
            (format!("Macaroon root=\"{r}\""), 0),
            (format!("  Macaroon   root={padded}\t"), 0),
            (format!("Macaroon {r}"), 0),
            (format!("bearer {r}"), 0),
        ] {
            assert_eq!(shape(&value), Ok((b"root".to_vec(), discharges)), "{value}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        let (r, d) = pair();
        for (value, error) in [
            (String::new(), HeaderError::Scheme),
            ("Macaroon".into(), HeaderError::Scheme),
            (format!("Basic {r}"), HeaderError::Scheme),
            (format!("Macaroon discharge={d}"), HeaderError::NoRoot),
            (format!("Macaroon root={r}, root={r}"), HeaderError::SecondRoot),
            (format!("Macaroon root={r}, other={d}"), HeaderError::Grammar),
            (format!("Macaroon root=\"{r}"), HeaderError::Grammar),
            (format!("Macaroon root=\"{r}\"discharge={d}"), HeaderError::Grammar),
            (format!("Macaroon root={r}, {d}"), HeaderError::Grammar),
            (format!("Bearer root={r}"), HeaderError::Grammar),
            ("Macaroon root=".into(), HeaderError::Root(DecodeError::Format)),
            ("Macaroon root=!".into(), HeaderError::Root(DecodeError::Base64)),
            (format!("Macaroon root={r}, discharge=x"), HeaderError::Discharge(DecodeError::Base64)),
            (
                format!("Macaroon root={r}{}", format!(", discharge={d}").repeat(17)),
                HeaderError::TooManyDischarges,
            ),
            (format!("Macaroon {}", "A".repeat(MAX_HEADER_BYTES)), HeaderError::TooLong),
        ] {
            assert_eq!(shape(&value), Err(error), "{value}");
        }
    }

    #[test]
    fn a_list_is_read_back_as_written_and_nothing_else_is_one() {
        let (r, d) = pair();
        let value = write_list(&Macaroon::parse(&r).unwrap(), &[Macaroon::parse(&d).unwrap()]);
        let (root, discharges) = parse_list(&value).unwrap().into_parts();
        assert_eq!((root.to_v1(), discharges.first().map(Macaroon::to_v1)), (r, Some(d)));
        for (json, error) in [
            ("[]", HeaderError::NoRoot),
            ("{}", HeaderError::Grammar),
            ("[3]", HeaderError::Root(DecodeError::Json)),
        ] {
            assert_eq!(parse_list(&wire::base64::encode(json.as_bytes())).unwrap_err(), error, "{json}");
        }
        assert_eq!(parse_list("!").unwrap_err(), HeaderError::Grammar);
    }

    #[test]
    fn the_longest_value_and_the_most_discharges_are_read_and_no_more() {
        let (r, d) = pair();
        let (root, discharge) = (Macaroon::parse(&r).unwrap(), Macaroon::parse(&d).unwrap());
        let list = |count| write_list(&root, &vec![discharge.clone(); count]);
        let header = |count| format!("Macaroon root={r}{}", format!(", discharge={d}").repeat(count));
        let long = |value: String, length| format!("{value}{}", " ".repeat(length - value.len()));
        assert!(parse(&long(header(1), MAX_HEADER_BYTES)).is_ok());
        assert!(parse_list(&long(list(1), MAX_HEADER_BYTES)).is_ok());
        for length in [MAX_HEADER_BYTES + 1, MAX_HEADER_BYTES + 2] {
            assert_eq!(parse(&long(header(1), length)).unwrap_err(), HeaderError::TooLong);
            assert_eq!(parse_list(&long(list(1), length)).unwrap_err(), HeaderError::TooLong);
        }
        assert_eq!(parse(&header(MAX_DISCHARGES)).unwrap().discharges().len(), MAX_DISCHARGES);
        assert_eq!(parse_list(&list(MAX_DISCHARGES)).unwrap().discharges().len(), MAX_DISCHARGES);
        // What is too much is not looked at.
        let more = format!("{}, discharge=!", header(MAX_DISCHARGES));
        assert_eq!(parse(&more).unwrap_err(), HeaderError::TooManyDischarges);
        let items = [&vec![root.to_json(); MAX_DISCHARGES + 1][..], &["1".to_owned()]].concat();
        let more = wire::base64::encode(format!("[{}]", items.join(",")).as_bytes());
        assert_eq!(parse_list(&more).unwrap_err(), HeaderError::TooManyDischarges);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (r, d) = pair();
        let value = format!("Macaroon root={r}, discharge={d}");
        assert_eq!(parse(&value).unwrap().to_header(), value);
    }
}
