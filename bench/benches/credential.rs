//! The credential that everything is measured on: a root and its discharge as macaroond issues and a client sends them.

use std::iter;

use caveats::{
    Access, Account, Bundle, Channel, Locations, Macaroon, Package, Permission, Predicate, RootKey, Upload,
};
use timestamp::Timestamp;

pub(crate) const LOCATIONS: Locations<'_> =
    Locations { store: "myapps.developer.ubuntu.com", sso: "login.ubuntu.com" };
pub(crate) const IDENTIFIER: &str = "1.q7Xm2KbV.Zk3v0c7XJm1nT5yRr8uW2A";
pub(crate) const SNAP: &str = "JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX";
pub(crate) const NOW: &str = "2026-11-23T20:00:00";
pub(crate) const RAW_ROOT_KEY: &[u8] = b"32 random bytes, kept by a store";
pub(crate) const RAW_CAVEAT_KEY: &[u8] = b"32 random bytes, made for a root";
pub(crate) const NONCE: [u8; 24] = [7; 24];

/// The pair in all the forms that something measured starts from.
pub(crate) struct Credential {
    pub(crate) root_key: RootKey,
    /// Bound, as sent.
    pub(crate) bundle: Bundle,
    pub(crate) header: String,
    pub(crate) root_token: String,
    pub(crate) discharge_token: String,
}

impl Credential {
    pub(crate) fn new() -> Self {
        let root_key = RootKey::derive(RAW_ROOT_KEY);
        let caveat_id = caveat_id();
        let root = mint(&root_key, &RootKey::derive(RAW_CAVEAT_KEY), &caveat_id, &root_caveats());
        let mut discharge = Macaroon::mint(&RootKey::derive(RAW_CAVEAT_KEY), LOCATIONS.sso, &caveat_id)
            .expect("within the limits");
        for caveat in discharge_caveats() {
            discharge.attenuate(&caveat).expect("within the limits");
        }
        discharge.bind(&root);
        let (root_token, discharge_token) = (root.to_v1(), discharge.to_v1());
        let bundle = Bundle::new(root, vec![discharge]).expect("one discharge");
        Self { root_key, header: bundle.to_header(), bundle, root_token, discharge_token }
    }

    pub(crate) fn discharge(&self) -> &Macaroon {
        self.bundle.discharges().first().expect("there is one")
    }
}

/// The root: when it was issued, the caveat for the single sign-on, and what it is for, in macaroond's order.
pub(crate) fn mint(
    root_key: &RootKey,
    caveat_key: &RootKey,
    caveat_id: &str,
    caveats: &[String; 5],
) -> Macaroon {
    let [valid_since, narrowing @ ..] = caveats;
    let mut root = Macaroon::mint(root_key, LOCATIONS.store, IDENTIFIER).expect("within the limits");
    root.attenuate(valid_since).expect("within the limits");
    root.attenuate_third_party(LOCATIONS.sso, caveat_id, caveat_key, NONCE).expect("within the limits");
    for caveat in narrowing {
        root.attenuate(caveat).expect("within the limits");
    }
    root
}

/// The first-party caveats of the root.
pub(crate) fn root_caveats() -> [String; 5] {
    [
        Predicate::ValidSince(moment("2026-11-20T08:15:00.123456")),
        Predicate::Acl(vec![Permission::PackageAccess, Permission::PackagePush, Permission::PackageRelease]),
        Predicate::Channels(vec!["edge".into(), "beta".into()]),
        Predicate::Packages(vec![SNAP.into()]),
        Predicate::Expires(moment("2027-11-20T08:15:00.123456")),
    ]
    .map(|caveat| caveat.encode(LOCATIONS.store))
}

/// What an attenuation adds.
pub(crate) fn another_caveat() -> String {
    Predicate::Channels(vec!["edge".into()]).encode(LOCATIONS.store)
}

/// What is attempted: to release the snap to a channel, which the credential allows.
pub(crate) fn access(channels: &[Channel]) -> Access<'_> {
    Access {
        now: moment(NOW),
        permissions: &[Permission::PackageRelease],
        package: Package::Id(SNAP),
        channels,
        upload: Upload::None,
        source: None,
    }
}

/// Text of the shape and length of macaroond's tickets: version, key, sealed box.
pub(crate) fn caveat_id() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let numbers = iter::successors(Some(1_u64), |seed| {
        Some(seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1))
    });
    let letters =
        numbers.skip(1).map(|seed| ALPHABET.get((seed >> 58) as usize).copied().unwrap_or_default());
    iter::once("1.T4hW9sNd.".to_owned())
        .chain(letters.take(419).map(|byte| char::from(byte).into()))
        .collect()
}

fn discharge_caveats() -> [String; 4] {
    let account = Account {
        openid: "Zb8kQ1mN4xT7vR2cW5yL9dH3sG6fJ0pA".into(),
        email: "publisher@example.com".into(),
        displayname: "A Publisher".into(),
        username: "a-publisher".into(),
        is_verified: true,
    };
    let login = moment("2026-11-20T08:15:30.654321");
    [
        Predicate::Account(account),
        Predicate::ValidSince(login),
        Predicate::LastAuth(login),
        Predicate::Expires(moment("2027-11-20T08:15:00.123456")),
    ]
    .map(|caveat| caveat.encode(LOCATIONS.sso))
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment as written in a caveat")
}
