//! Credentials for the tests of the command line, as a service would have issued them at eight in the evening.

use caveats::exported::Exported;
use caveats::{Account, Macaroon, Permission, Predicate, RootKey};
use timestamp::Timestamp;

use crate::credential::Credential;

pub(crate) const STORE: &str = "myapps.developer.ubuntu.com";
pub(crate) const SSO: &str = "sso.example";
pub(crate) const SNAP: &str = "JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX";

const CAVEAT_ID: &str = "for the sso";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Half an hour after the login.
pub(crate) fn now() -> Timestamp {
    at("2026-11-23T20:30:00.25")
}

pub(crate) fn root_key() -> RootKey {
    RootKey::derive(b"root")
}

fn caveat_key() -> RootKey {
    RootKey::derive(b"caveat")
}

pub(crate) fn root(caveats: &[Predicate]) -> Macaroon {
    let mut root = Macaroon::mint(&root_key(), STORE, "1.key12345.AAAAAAAAAAAAAAAAAAAAAA").unwrap();
    root.attenuate(&Predicate::ValidSince(at("2026-11-23T20:00:00")).encode(STORE)).unwrap();
    root.attenuate_third_party(SSO, CAVEAT_ID, &caveat_key(), [7; 24]).unwrap();
    for caveat in caveats {
        root.attenuate(&caveat.encode(STORE)).unwrap();
    }
    root
}

pub(crate) fn discharge() -> Macaroon {
    let mut discharge = Macaroon::mint(&caveat_key(), SSO, CAVEAT_ID).unwrap();
    let account = Account {
        openid: "AbCdEfGhIjKlMnOpQrStUvWxYz012345".to_owned(),
        email: "ada@example.com".to_owned(),
        displayname: "Ada L\u{f6}we\u{1b}[31m".to_owned(),
        username: "ada".to_owned(),
        is_verified: true,
    };
    for caveat in [
        Predicate::Account(account),
        Predicate::ValidSince(at("2026-11-23T20:00:00")),
        Predicate::LastAuth(at("2026-11-23T20:00:00")),
        Predicate::Expires(at("2027-11-23T20:00:00")),
        Predicate::Session("BBBBBBBBBBBBBBBBBBBBBB".to_owned()),
    ] {
        discharge.attenuate(&caveat.encode(SSO)).unwrap();
    }
    discharge
}

pub(crate) fn acl() -> Predicate {
    Predicate::Acl(vec![Permission::PackageUpload, Permission::PackageAccess])
}

/// A credential with these caveats besides an `acl`, as snapcraft stores one.
pub(crate) fn credential(caveats: &[Predicate]) -> Credential {
    let root = root(&[&[acl()], caveats].concat());
    Credential::new(Exported::u1_macaroon(root, discharge()), STORE)
}

/// The same with caveats that are no predicates.
pub(crate) fn with_texts(texts: &[&str]) -> Credential {
    let mut credential = credential(&[]);
    for text in texts {
        credential.exported.attenuate(text).unwrap();
    }
    credential
}
