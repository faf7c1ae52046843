//! The shapes by name, and what each is called before people.

use std::fmt;

/// What a credential was stored, exported or pasted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// `snapcraft.cfg`, and what `snapcraft export-login FILE` wrote before version 7.
    SnapcraftCfg,
    /// The same in base64, as `snapcraft export-login -` wrote it.
    SnapcraftCfgBase64,
    /// `candid.cfg`: a bakery's macaroon, and the value of a `Macaroons` header once it is discharged.
    CandidCfg,
    /// The same in base64.
    CandidCfgBase64,
    /// Base64 of `{"t": "u1-macaroon", …}`: `SNAPCRAFT_STORE_CREDENTIALS` and `export-login` since snapcraft 7.2.
    U1Macaroon,
    /// Base64 of `{"r": …, "d": …}`: snapcraft 7.0 and 7.1.
    Pair,
    /// Base64 of `{"t": "macaroon", "v": …}`, or of type `bearer`: a token without discharge.
    TypedToken,
    /// Base64 of a token: snapcraft 7.0 and 7.1 with candid, charm tools.
    EncodedToken,
    /// `{"macaroon": …}`: craft-store's developer token.
    DeveloperToken,
    /// `credentials.json`, craft-store's file in place of a keyring.
    KeyringFile,
    /// A `.surl` file.
    Surl,
    /// snapd's `auth.json`.
    SnapdAuth,
    /// The value of an `Authorization` header.
    Header,
    /// The value of a `Macaroons` header.
    MacaroonsHeader,
    /// A macaroon as JSON.
    Json,
    /// A macaroon as JSON in a bakery's wrapper.
    Bakery,
    /// One macaroon and nothing else.
    Macaroon,
    /// A root and its discharges as separate tokens near each other. Only [`scan`](crate::scan) puts them together.
    Apart,
}

impl Shape {
    /// A stable word for scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SnapcraftCfg => "snapcraft_cfg",
            Self::SnapcraftCfgBase64 => "snapcraft_cfg_base64",
            Self::CandidCfg => "candid_cfg",
            Self::CandidCfgBase64 => "candid_cfg_base64",
            Self::U1Macaroon => "u1_macaroon",
            Self::Pair => "pair",
            Self::TypedToken => "typed_token",
            Self::EncodedToken => "encoded_token",
            Self::DeveloperToken => "developer_token",
            Self::KeyringFile => "keyring_file",
            Self::Surl => "surl",
            Self::SnapdAuth => "snapd_auth",
            Self::Header => "header",
            Self::MacaroonsHeader => "macaroons_header",
            Self::Json => "json",
            Self::Bakery => "bakery",
            Self::Macaroon => "macaroon",
            Self::Apart => "apart",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SnapcraftCfg => "a snapcraft.cfg file",
            Self::SnapcraftCfgBase64 => "a snapcraft.cfg file in base64",
            Self::CandidCfg => "a candid.cfg file",
            Self::CandidCfgBase64 => "a candid.cfg file in base64",
            Self::U1Macaroon => "an export of snapcraft 7.2 or later",
            Self::Pair => "an export of snapcraft 7.0 or 7.1",
            Self::TypedToken => "an exported token",
            Self::EncodedToken => "a token in base64",
            Self::DeveloperToken => "a developer token",
            Self::KeyringFile => "a credentials.json file of craft-store",
            Self::Surl => "a surl file",
            Self::SnapdAuth => "an auth.json file of snapd",
            Self::Header => "an Authorization header",
            Self::MacaroonsHeader => "a Macaroons header",
            Self::Json => "a macaroon as JSON",
            Self::Bakery => "a bakery's macaroon",
            Self::Macaroon => "a bare macaroon",
            Self::Apart => "a root and its discharge in separate places",
        })
    }
}
