//! The shapes that are JSON: read as one document with every shape's members, written as Python's `json.dumps` does.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Encoding, Exported, Frame, ReadError, discharge, root};
use crate::bakery::BakeryMacaroon;
use crate::limits::MAX_DISCHARGES;
use crate::macaroon::Macaroon;
use crate::wire;

/// The members of a document that mean nothing here and are written back.
pub(super) type Rest = Map<String, Value>;

pub(super) fn read(text: &str, encoding: Encoding) -> Result<Exported, ReadError> {
    let document: Document = serde_json::from_str(text).map_err(|_| ReadError::Json)?;
    match document {
        Document { t: Some(kind), v: Some(value), .. } => typed(kind, value, encoding),
        Document { r: Some(r), d: Some(d), .. } => {
            Ok(Exported::unbound(root(&r)?, vec![discharge(&d)?], Frame::Pair(encoding)))
        }
        Document { root: Some(r), discharge: d, rest, .. } => {
            let discharges = d.iter().map(|d| discharge(d)).collect::<Result<_, _>>()?;
            Ok(Exported::unbound(root(&r)?, discharges, Frame::Surl(rest)))
        }
        Document { macaroon: Some(token), discharges: Some(tokens), rest, .. } => {
            if tokens.len() > MAX_DISCHARGES {
                return Err(ReadError::TooManyDischarges);
            }
            let discharges = tokens.iter().map(|token| discharge(token)).collect::<Result<_, _>>()?;
            Ok(Exported::unbound(root(&token)?, discharges, Frame::SnapdAuth(rest)))
        }
        Document { macaroon: Some(token), .. } => {
            Ok(Exported::unbound(root(&token)?, Vec::new(), Frame::DeveloperToken(encoding)))
        }
        Document { rest, .. } => keyring_file(&rest),
    }
}

/// A macaroon that is itself JSON, perhaps in a bakery's wrapper.
pub(super) fn macaroon(text: &str) -> Option<Exported> {
    let bakery = BakeryMacaroon::from_json(text).ok()?;
    let root = bakery.macaroon.clone();
    let frame = if Macaroon::parse(text).is_ok() { Frame::Json } else { Frame::Bakery(Box::new(bakery)) };
    Some(Exported::unbound(root, Vec::new(), frame))
}

/// craft-store: `{"t": "u1-macaroon", "v": {"r": ROOT, "d": DISCHARGE}}`.
pub(super) fn u1_macaroon(exported: &Exported) -> String {
    format!(r#"{{"t": "u1-macaroon", "v": {}}}"#, pair(exported))
}

/// `{"r": ROOT, "d": DISCHARGE}`.
pub(super) fn pair(exported: &Exported) -> String {
    format!(r#"{{"r": "{}", "d": {}}}"#, wire::token(&exported.root), first_discharge(exported))
}

/// `{"t": "macaroon", "v": TOKEN}`.
pub(super) fn typed_token(exported: &Exported, kind: &str) -> String {
    format!(r#"{{"t": {}, "v": "{}"}}"#, Value::from(kind), wire::token(&exported.root))
}

/// `{"macaroon": TOKEN}`.
pub(super) fn developer_token(exported: &Exported) -> String {
    format!(r#"{{"macaroon": "{}"}}"#, wire::token(&exported.root))
}

/// `{"root": ROOT, "discharge": DISCHARGE or null, "store": …, "type": …}`.
pub(super) fn surl(exported: &Exported, rest: &Rest) -> String {
    let root = wire::token(&exported.root);
    format!(r#"{{"root": "{root}", "discharge": {}{}}}"#, first_discharge(exported), members(rest))
}

/// `{"macaroon": ROOT, "discharges": [DISCHARGE, …]}`, and what snapd keeps beside them.
pub(super) fn snapd_auth(exported: &Exported, rest: &Rest) -> String {
    let quoted = |macaroon| format!("\"{}\"", wire::token(macaroon));
    let discharges: Vec<String> = exported.discharges.iter().map(quoted).collect();
    let root = wire::token(&exported.root);
    format!(r#"{{"macaroon": "{root}", "discharges": [{}]{}}}"#, discharges.join(", "), members(rest))
}

/// `{APPLICATION: {HOST: TEXT}}`.
pub(super) fn keyring(application: &str, host: &str, text: &str) -> String {
    format!(r#"{{{}: {{{}: "{text}"}}}}"#, Value::from(application), Value::from(host))
}

/// Every member of every shape, so that reading one document decides which it is. Each may occur once.
#[derive(Deserialize)]
struct Document {
    t: Option<String>,
    v: Option<Value>,
    r: Option<String>,
    d: Option<String>,
    root: Option<String>,
    discharge: Option<String>,
    macaroon: Option<String>,
    discharges: Option<Vec<String>>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
struct Pair {
    r: String,
    d: String,
}

fn typed(kind: String, value: Value, encoding: Encoding) -> Result<Exported, ReadError> {
    match (kind.as_str(), value) {
        ("u1-macaroon", value) => {
            let pair: Pair = serde_json::from_value(value).map_err(|_| ReadError::Json)?;
            let discharges = vec![discharge(&pair.d)?];
            Ok(Exported::unbound(root(&pair.r)?, discharges, Frame::U1Macaroon(encoding)))
        }
        ("macaroon" | "bearer", Value::String(token)) => {
            Ok(Exported::unbound(root(&token)?, Vec::new(), Frame::TypedToken(encoding, kind)))
        }
        _ => Err(ReadError::Json),
    }
}

/// `{APPLICATION: {HOST: BASE64}}` with exactly one credential in it.
fn keyring_file(applications: &Rest) -> Result<Exported, ReadError> {
    let hosts = applications.iter().filter_map(|(name, hosts)| Some((name, hosts.as_object()?)));
    let entries: Vec<(&String, &String, &str)> = hosts
        .flat_map(|(name, hosts)| {
            hosts.iter().filter_map(move |(host, text)| Some((name, host, text.as_str()?)))
        })
        .collect();
    match entries.as_slice() {
        [] => Err(ReadError::Json),
        [(application, host, text)] => {
            let inner = super::read_base64(text)?;
            let frame = Frame::Keyring {
                application: (*application).clone(),
                host: (*host).clone(),
                inner: Box::new(inner.frame),
            };
            Ok(Exported { shape: frame.shape(), frame, ..inner })
        }
        several => Err(ReadError::Several { count: several.len() }),
    }
}

fn first_discharge(exported: &Exported) -> String {
    let quoted = |macaroon: &Macaroon| format!("\"{}\"", wire::token(macaroon));
    exported.discharges.first().map_or_else(|| "null".to_owned(), quoted)
}

fn members(rest: &Rest) -> String {
    let members: Vec<_> =
        rest.iter().map(|(name, value)| format!(", {}: {value}", Value::from(name.as_str()))).collect();
    members.concat()
}
