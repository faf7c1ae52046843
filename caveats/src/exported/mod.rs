//! Every shape a credential is stored, exported or pasted in, read into one type and written back.
//!
//! The shapes are those of snapcraft 2.43 to 9, craft-store, surl, snapd and what people copy out of a log. A stored
//! discharge is unbound, so a stored credential is good for any number of requests; a header's is bound.

mod ini;
mod json;
mod shape;

use std::fmt;

pub use shape::Shape;
use zeroize::Zeroizing;

use crate::access::Locations;
use crate::bakery::BakeryMacaroon;
use crate::bundle::{Bundle, TooManyDischarges};
use crate::claims::Claims;
use crate::header::{self, HeaderError};
use crate::limits::{MAX_DISCHARGES, MAX_EXPORTED_BYTES};
use crate::macaroon::{LimitError, Macaroon};
use crate::wire::{self, DecodeError};

/// A credential as it was found.
#[derive(Clone)]
#[non_exhaustive]
pub struct Exported {
    /// What it was found in.
    pub shape: Shape,
    /// The root.
    pub root: Macaroon,
    /// The discharges.
    pub discharges: Vec<Macaroon>,
    /// Whether the discharges are bound to the root.
    pub bound: Bound,
    frame: Frame,
}

/// Whether discharges are tied to their root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bound {
    /// Bound: ready to send, good with this very root only, and not to be narrowed any more.
    Yes,
    /// Unbound, as issued: good for any number of requests and narrower roots, and for a refresh.
    No,
    /// There are no discharges.
    NoDischarges,
    /// Can't be told, as the discharges stood somewhere else than the root. To learn it, verify them both ways: bound
    /// now by [`Exported::into_bundle`], and as they are by [`Bundle::new`].
    Unknown,
}

/// Why a text holds no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// More than [`MAX_EXPORTED_BYTES`].
    #[error("longer than {MAX_EXPORTED_BYTES} bytes")]
    TooLong,
    /// None of the shapes.
    #[error("not a credential in any known form")]
    Unrecognised,
    /// JSON without the members of any shape, or with one twice, or of the wrong type.
    #[error("JSON that holds no credential")]
    Json,
    /// An INI file without a section that holds a credential.
    #[error("an INI file that holds no credential")]
    Ini,
    /// More than one credential; which one is meant is for the caller to say.
    #[error("{count} credentials in one file")]
    Several {
        /// How many.
        count: usize,
    },
    /// A header that can't be read.
    #[error(transparent)]
    Header(HeaderError),
    /// The root is no macaroon.
    #[error("the root is not a macaroon: {0}")]
    Root(DecodeError),
    /// A discharge is no macaroon.
    #[error("a discharge is not a macaroon: {0}")]
    Discharge(DecodeError),
    /// More than [`MAX_DISCHARGES`].
    #[error("more than {MAX_DISCHARGES} discharges")]
    TooManyDischarges,
}

/// Why a credential can't be narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NarrowError {
    /// Its discharges are, or may be, bound to the root as it is. Narrow the stored credential instead of a copy from a request.
    #[error("its discharge is bound to the root as it is, so it can't be narrowed")]
    Bound,
    /// See [`LimitError`].
    #[error(transparent)]
    Limit(LimitError),
}

/// Reads a credential of whatever shape. Surrounding blanks and a header's name are ignored.
pub fn read(text: &str) -> Result<Exported, ReadError> {
    if text.len() > MAX_EXPORTED_BYTES {
        return Err(ReadError::TooLong);
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.as_bytes().first() {
        None => Err(ReadError::Unrecognised),
        Some(b'{' | b'[') => read_document(text, Encoding::Plain),
        Some(_) => match (header_value(text), list_value(text)) {
            (Some(value), _) => read_header(value),
            (None, Some(value)) => read_list(value),
            (None, None) => read_base64(text),
        },
    }
}

impl Exported {
    /// A root and its unbound discharge in the shape of today's snapcraft, [`Shape::U1Macaroon`].
    pub fn u1_macaroon(root: Macaroon, discharge: Macaroon) -> Self {
        Self::unbound(root, vec![discharge], Frame::U1Macaroon(Encoding::Base64))
    }

    /// A macaroon that stands by itself: a root, or a discharge without its root.
    pub(crate) fn alone(macaroon: Macaroon) -> Self {
        Self::unbound(macaroon, Vec::new(), Frame::Macaroon)
    }

    /// A root and its discharges that were found in separate places.
    pub(crate) fn apart(root: Macaroon, discharges: Vec<Macaroon>) -> Self {
        Self { bound: Bound::Unknown, ..Self::unbound(root, discharges, Frame::Apart) }
    }

    /// The credential as it is sent: discharges that are not yet bound are bound now.
    pub fn into_bundle(self) -> Result<Bundle, TooManyDischarges> {
        let bundle = Bundle::new(self.root, self.discharges)?;
        Ok(if matches!(self.bound, Bound::No | Bound::Unknown) { bundle.bound() } else { bundle })
    }

    /// What it says of itself. **Unverified**: for showing it to its holder, never for deciding anything.
    pub fn claims(&self, locations: &Locations<'_>) -> Claims {
        Claims::read(&self.root, &self.discharges, locations)
    }

    /// Adds a first-party caveat to the root, unless the discharges are bound to it as it is.
    pub fn attenuate(&mut self, caveat_id: &str) -> Result<(), NarrowError> {
        match self.bound {
            Bound::Yes | Bound::Unknown => Err(NarrowError::Bound),
            Bound::No | Bound::NoDischarges => self.root.attenuate(caveat_id).map_err(NarrowError::Limit),
        }
    }

    /// The credential in the shape it was read in. Whatever else stood there is kept; the layout is that of the
    /// program that writes the shape.
    pub fn write(&self) -> String {
        match &self.frame {
            Frame::U1Macaroon(encoding) => encoding.write(json::u1_macaroon(self)),
            Frame::Pair(encoding) => encoding.write(json::pair(self)),
            Frame::TypedToken(encoding, kind) => encoding.write(json::typed_token(self, kind)),
            Frame::DeveloperToken(encoding) => encoding.write(json::developer_token(self)),
            Frame::Surl(rest) => json::surl(self, rest),
            Frame::SnapdAuth(rest) => json::snapd_auth(self, rest),
            Frame::Keyring { application, host, inner } => {
                let inner = Self { frame: (**inner).clone(), ..self.clone() };
                json::keyring(application, host, &inner.write())
            }
            Frame::SnapcraftCfg(encoding, file) | Frame::CandidCfg(encoding, file) => {
                encoding.write(file.write(self))
            }
            Frame::MacaroonsHeader => header::write_list(&self.root, &self.discharges),
            Frame::Json => self.root.to_json(),
            Frame::Bakery(bakery) => {
                BakeryMacaroon { macaroon: self.root.clone(), ..(**bakery).clone() }.to_json()
            }
            Frame::EncodedToken => Encoding::Base64.write(wire::token(&self.root)),
            Frame::Macaroon => wire::token(&self.root),
            Frame::Apart => {
                let tokens = std::iter::once(&self.root).chain(&self.discharges).map(wire::token);
                tokens.collect::<Vec<_>>().join("\n")
            }
            Frame::Header => header::write(&self.root, &self.discharges),
        }
    }

    fn bound(root: Macaroon, discharges: Vec<Macaroon>, frame: Frame) -> Self {
        let bound = if discharges.is_empty() { Bound::NoDischarges } else { Bound::Yes };
        Self { shape: frame.shape(), root, discharges, bound, frame }
    }

    fn unbound(root: Macaroon, discharges: Vec<Macaroon>, frame: Frame) -> Self {
        let bound = if discharges.is_empty() { Bound::NoDischarges } else { Bound::No };
        Self { shape: frame.shape(), root, discharges, bound, frame }
    }
}

/// A shape with everything needed to write it again. What else stood in a file may be secret too: it has no `Debug`.
#[derive(Clone)]
enum Frame {
    U1Macaroon(Encoding),
    Pair(Encoding),
    TypedToken(Encoding, String),
    DeveloperToken(Encoding),
    Surl(json::Rest),
    SnapdAuth(json::Rest),
    Keyring { application: String, host: String, inner: Box<Frame> },
    SnapcraftCfg(Encoding, ini::File),
    CandidCfg(Encoding, ini::File),
    MacaroonsHeader,
    Json,
    Bakery(Box<BakeryMacaroon>),
    EncodedToken,
    Macaroon,
    Apart,
    Header,
}

impl Frame {
    fn shape(&self) -> Shape {
        match self {
            Self::U1Macaroon(_) => Shape::U1Macaroon,
            Self::Pair(_) => Shape::Pair,
            Self::TypedToken(..) => Shape::TypedToken,
            Self::DeveloperToken(_) => Shape::DeveloperToken,
            Self::Surl(_) => Shape::Surl,
            Self::SnapdAuth(_) => Shape::SnapdAuth,
            Self::Keyring { .. } => Shape::KeyringFile,
            Self::SnapcraftCfg(Encoding::Plain, _) => Shape::SnapcraftCfg,
            Self::SnapcraftCfg(Encoding::Base64, _) => Shape::SnapcraftCfgBase64,
            Self::CandidCfg(Encoding::Plain, _) => Shape::CandidCfg,
            Self::CandidCfg(Encoding::Base64, _) => Shape::CandidCfgBase64,
            Self::MacaroonsHeader => Shape::MacaroonsHeader,
            Self::Json => Shape::Json,
            Self::Bakery(_) => Shape::Bakery,
            Self::EncodedToken => Shape::EncodedToken,
            Self::Macaroon => Shape::Macaroon,
            Self::Apart => Shape::Apart,
            Self::Header => Shape::Header,
        }
    }
}

impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported")
            .field("shape", &self.shape)
            .field("root", &self.root)
            .field("discharges", &self.discharges)
            .field("bound", &self.bound)
            .finish_non_exhaustive()
    }
}

/// Whether a document stands as it is or in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Base64,
}

impl Encoding {
    fn write(self, document: String) -> String {
        match self {
            Self::Plain => document,
            Self::Base64 => wire::base64::encode_standard(Zeroizing::new(document).as_bytes()),
        }
    }
}

/// Reads JSON or an INI file that stands there as it is, or was found in base64.
pub(crate) fn read_document(text: &str, encoding: Encoding) -> Result<Exported, ReadError> {
    if text.starts_with('[') {
        return ini::read(text, encoding);
    }
    match (json::macaroon(text), encoding) {
        (Some(exported), Encoding::Plain) => return Ok(exported),
        // No program keeps it so, and its members must not be taken for those of another document.
        (Some(_), Encoding::Base64) => return Err(ReadError::Json),
        (None, _) => {}
    }
    json::read(text, encoding)
}

fn read_header(value: &str) -> Result<Exported, ReadError> {
    let (root, discharges) = Bundle::from_header(value).map_err(ReadError::Header)?.into_parts();
    Ok(Exported::bound(root, discharges, Frame::Header))
}

fn read_list(value: &str) -> Result<Exported, ReadError> {
    let (root, discharges) = Bundle::from_macaroons_header(value).map_err(ReadError::Header)?.into_parts();
    Ok(Exported::bound(root, discharges, Frame::MacaroonsHeader))
}

/// The value, if the text begins with the name of a `Macaroons` header.
fn list_value(text: &str) -> Option<&str> {
    let (name, value) = text.split_once(':')?;
    name.trim_end().eq_ignore_ascii_case("macaroons").then_some(value)
}

/// The value, if the text begins like an `Authorization` header, with or without its name.
fn header_value(text: &str) -> Option<&str> {
    let starts =
        |text: &str, word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let value = if starts(text, "authorization:") { text.split_once(':')?.1.trim_start() } else { text };
    (starts(value, "macaroon ") || starts(value, "bearer ")).then_some(value)
}

/// Base64 of anything; line breaks inside are ignored, as people paste wrapped text.
fn read_base64(text: &str) -> Result<Exported, ReadError> {
    let packed: Zeroizing<String> = Zeroizing::new(text.split_ascii_whitespace().collect());
    let bytes = Zeroizing::new(wire::base64::decode(&packed).ok_or(ReadError::Unrecognised)?);
    match std::str::from_utf8(&bytes).map(str::trim) {
        Ok(list) if list.starts_with("[{") => read_list(&packed),
        Ok(document) if document.starts_with(['{', '[']) => read_document(document, Encoding::Base64),
        Ok(token) if is_token(token) => {
            let root = Macaroon::parse(token).map_err(not_a_macaroon)?;
            Ok(Exported::unbound(root, Vec::new(), Frame::EncodedToken))
        }
        _ => {
            let root = Macaroon::parse(&packed).map_err(not_a_macaroon)?;
            Ok(Exported::unbound(root, Vec::new(), Frame::Macaroon))
        }
    }
}

/// Any text may be base64 of something; only what begins like a macaroon is called a damaged one.
fn not_a_macaroon(error: DecodeError) -> ReadError {
    match error {
        DecodeError::Format | DecodeError::Base64 => ReadError::Unrecognised,
        error => ReadError::Root(error),
    }
}

/// Whether text could be a token in base64; a V1 macaroon itself never is, as it has blanks and line breaks.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte))
}

fn root(token: &str) -> Result<Macaroon, ReadError> {
    Macaroon::parse(token.trim()).map_err(ReadError::Root)
}

fn discharge(token: &str) -> Result<Macaroon, ReadError> {
    Macaroon::parse(token.trim()).map_err(ReadError::Discharge)
}

#[cfg(test)]
mod tests;
