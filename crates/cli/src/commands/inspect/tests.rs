//! The words for credentials of every condition, at a fixed moment.

use std::time::Duration;

use caveats::exported::{Exported, read};
use caveats::{Bundle, Macaroon, Predicate, RootKey};

use super::display;
use super::report::{Report, Verdict};
use crate::credential::Credential;
use crate::credential::fixture::{SNAP, SSO, STORE, acl, at, credential, discharge, now, root, with_texts};

const DAY: Duration = Duration::from_hours(24);

fn report(credential: &Credential) -> Report {
    Report::of(credential, DAY, now())
}

fn text(credential: &Credential) -> String {
    display::text(&report(credential), now())
}

/// Verdict, kinds of the reasons, and the lines before the first empty one.
fn head(credential: &Credential) -> (Verdict, Vec<&'static str>, String) {
    let report = report(credential);
    let kinds = report.reasons.iter().map(|reason| reason.kind).collect();
    let head = display::text(&report, now()).split("\n\n").next().unwrap().to_owned();
    (report.verdict, kinds, head)
}

#[test]
fn a_credential_in_force_is_told_in_full() {
    let expected = "\
USABLE, as far as can be told without the service; it expires in 364 days 23 hours, at 2027-11-23T20:00:00Z.

It is an export of snapcraft 7.2 or later, with its discharge unbound: whoever holds it can send, narrow and refresh it.
  account      ada@example.com (ada, Ada Löwe?[31m), id AbCdEfGhIjKlMnOpQrStUvWxYz012345
  token id     AAAAAAAAAAAAAAAAAAAAAA
  root key     key12345
  session      BBBBBBBBBBBBBBBBBBBBBB
  issued       2026-11-23T20:00:00Z, 30 minutes ago
  logged in    2026-11-23T20:00:00Z, 30 minutes ago
  SSO          sso.example
  discharge    issued 2026-11-23T20:00:00Z, 30 minutes ago
  refresh      due 2026-11-24T20:00:00Z, in 23 hours 29 minutes, if the service has the usual setting; clients do that by themselves

It allows:
  permissions  package_access          read about the account's snaps: state, channels, releases
               package_push            upload revisions
               package_release         release revisions, close channels, promote
               package_upload          upload and release; includes package_push and package_release
  snaps        any of the account's, and new ones
  channels     any
  files        any
  build keys   any, or no signature on the build
  from         any address
  not before   valid from the start
  expires      2027-11-23T20:00:00Z, in 364 days 23 hours

Not checked, as only the service can: the signatures (it has the root key), whether it was revoked, who
owns the snaps, and whether the account still has its roles.
To put an end to it: macaroond revoke FILE --server URL";
    assert_eq!(text(&credential(&[])), expected);
}

#[test]
fn every_limit_is_told_and_of_several_lists_each() {
    let digest = "A".repeat(64);
    let told = text(&credential(&[
        Predicate::Packages(vec![SNAP.into()]),
        Predicate::Channels(vec!["edge".into(), "2.*".into()]),
        Predicate::Channels(vec!["edge".into()]),
        Predicate::UploadDigest(vec![digest.clone()]),
        Predicate::BuildKey(vec![digest.clone()]),
        Predicate::SourceIp(vec!["192.0.2.0/24".into()]),
        Predicate::NotBefore(at("2026-11-24T00:00:00")),
        Predicate::Expires(at("2026-11-27T00:45:00")),
    ]));
    let expected = "\
NOT YET VALID: it begins in 3 hours 29 minutes, at 2026-11-24T00:00:00Z; it expires in 3 days 4 hours, at 2026-11-27T00:45:00Z.";
    assert_eq!(told.lines().next().unwrap(), expected);
    let limits = format!(
        "  snaps        {SNAP}
               (no others, so no new names)
  channels     edge, 2.*
               and only where also: edge
  files        {digest}
               (nothing but uploading these (SHA3-384))
  build keys   {digest}
               (nothing but uploads that are signed by these)
  from         192.0.2.0/24
  not before   2026-11-24T00:00:00Z, in 3 hours 29 minutes
  expires      2026-11-27T00:45:00Z, in 3 days 4 hours
"
    );
    assert!(told.contains(&limits), "{told}");
}

#[test]
fn an_expired_credential_is_called_that_before_anything_else() {
    let (verdict, kinds, head) = head(&credential(&[Predicate::Expires(at("2026-11-20T16:30:00"))]));
    assert_eq!((verdict, kinds.as_slice()), (Verdict::Expired, &["expired"][..]));
    assert_eq!(head, "EXPIRED 3 days 4 hours ago, at 2026-11-20T16:30:00Z: it can do nothing any more.");
}

#[test]
fn it_is_expired_from_that_very_moment_on() {
    assert_eq!(head(&credential(&[Predicate::Expires(now())])).0, Verdict::Expired);
    let later = now().add_secs(1).unwrap();
    assert_eq!(head(&credential(&[Predicate::Expires(later)])).0, Verdict::Usable);
}

#[test]
fn every_caveat_that_always_refuses_is_named_with_what_that_means() {
    let foreign = "store.example|acl|[]";
    let (_, kinds, head) = head(&with_texts(&[
        "myapps.developer.ubuntu.com|colour|red",
        foreign,
        "myapps.developer.ubuntu.com|expires|soon",
        "myapps.developer.ubuntu.com|session|mine",
    ]));
    assert_eq!(kinds, ["caveat_unknown", "caveat_foreign", "caveat_malformed", "caveat_not_believed"]);
    let expected = "\
USELESS: it can do nothing.
  - The caveat `colour` in its root is not known to macaroond, so it refuses everything.
  - The caveat `store.example|acl|[]` in its root is addressed to another service, so it refuses everything here.
  - The value of the caveat `expires` in its root cannot be read, so it refuses everything.
  - The caveat `session` stands in its root, where anybody could have put it, so it refuses everything.";
    assert_eq!(head, expected);
}

#[test]
fn a_service_may_have_a_location_of_its_own_which_must_be_named() {
    let (_, kinds, head) = head(&Credential::new(credential(&[]).exported, "store.example"));
    assert_eq!(kinds, ["caveat_foreign", "caveat_foreign"]);
    assert!(head.ends_with("If your service calls itself myapps.developer.ubuntu.com, say so: --store-location myapps.developer.ubuntu.com"), "{head}");
}

#[test]
fn a_missing_half_or_one_of_another_login_is_told() {
    let bare = |token: &str| Credential::new(read(token).unwrap(), STORE);
    let (_, kinds, head_of_root) = head(&bare(&root(&[acl()]).to_v1()));
    assert_eq!(kinds, ["discharge_missing"]);
    assert!(head_of_root.ends_with(
        "It lacks a discharge from the SSO at sso.example, which says who you are: log in there."
    ));

    let (_, kinds, _) = head(&bare(&discharge().to_v1()));
    assert_eq!(kinds, ["root_missing"]);
    let expected = "\
USELESS: it can do nothing.
  - It is a discharge alone, the half in which the SSO says who. Without the root that it was made for it opens nothing.

It is a bare macaroon: a discharge, which the SSO made for a root that is not here.
  account      ada@example.com (ada, Ada Löwe?[31m), id AbCdEfGhIjKlMnOpQrStUvWxYz012345
  issued       2026-11-23T20:00:00Z, 30 minutes ago
  SSO          sso.example
  expires      2027-11-23T20:00:00Z, in 364 days 23 hours";
    assert_eq!(text(&bare(&discharge().to_v1())), expected);

    let other = Macaroon::mint(&RootKey::derive(b"k"), SSO, "another login").unwrap();
    let (_, kinds, _) = head(&Credential::new(Exported::u1_macaroon(root(&[acl()]), other), STORE));
    assert_eq!(kinds, ["discharge_does_not_fit"]);
}

#[test]
fn limits_that_exclude_each_other_leave_nothing() {
    let networks = |text: &str| Predicate::SourceIp(vec![text.into()]);
    for (caveats, kind) in [
        (vec![Predicate::Acl(vec![])], "no_permission"),
        (vec![networks("192.0.2.0/24"), networks("198.51.100.0/24")], "nothing_satisfies_it"),
        (vec![Predicate::UploadDigest(vec![])], "nothing_satisfies_it"),
        (vec![Predicate::NotBefore(at("2028-01-01T00:00:00"))], "never_valid"),
    ] {
        let (verdict, kinds, _) = head(&credential(&caveats));
        assert_eq!((verdict, kinds), (Verdict::Useless, vec![kind]));
    }
    assert_eq!(head(&credential(&[networks("192.0.2.0/24"), networks("192.0.2.7")])).0, Verdict::Usable);
}

#[test]
fn a_copy_from_a_request_is_told_from_what_a_client_stores() {
    let header = Bundle::new(root(&[acl()]), vec![discharge()]).unwrap().bound().to_header();
    let told = text(&Credential::new(read(&header).unwrap(), STORE));
    assert!(told.contains(
        "It is an Authorization header, a copy from a request: its discharge is bound to this root, so it can be sent, but \
         neither refreshed nor narrowed."
    ));
    assert!(told.contains("if the service has the usual setting; this copy ends then"));
}

#[test]
fn json_says_the_same_under_names_that_stay() {
    let caveats = [Predicate::Channels(vec!["edge".into()]), Predicate::Expires(at("2026-11-20T16:30:00.5"))];
    let expected = serde_json::json!({
        "verdict": "expired",
        "reasons": [{
            "kind": "expired",
            "message": "It expired 3 days 3 hours ago, at 2026-11-20T16:30:00Z.",
        }],
        "unchecked": ["signatures", "revocation", "ownership", "roles"],
        "inspected_at": "2026-11-23T20:30:00.250000Z",
        "shape": "u1_macaroon",
        "account": {
            "id": "AbCdEfGhIjKlMnOpQrStUvWxYz012345",
            "email": "ada@example.com",
            "username": "ada",
            "display_name": "Ada L\u{f6}we\u{1b}[31m",
        },
        "identifier": "1.key12345.AAAAAAAAAAAAAAAAAAAAAA",
        "token_id": "AAAAAAAAAAAAAAAAAAAAAA",
        "root_key_id": "key12345",
        "session_id": "BBBBBBBBBBBBBBBBBBBBBB",
        "issued_at": "2026-11-23T20:00:00.000000Z",
        "logged_in_at": "2026-11-23T20:00:00.000000Z",
        "discharge": {
            "state": "unbound",
            "sso": "sso.example",
            "issued_at": "2026-11-23T20:00:00.000000Z",
            "refresh_due_at": "2026-11-24T20:00:00.000000Z",
            "expires_at": "2027-11-23T20:00:00.000000Z",
        },
        "permissions": ["package_access", "package_push", "package_release", "package_upload"],
        "snap_ids": null,
        "channels": [["edge"]],
        "upload_digests": null,
        "build_keys": null,
        "source_ips": null,
        "not_before": null,
        "expires_at": "2026-11-20T16:30:00.500000Z",
        "expires_in_seconds": -273_600,
    });
    assert_eq!(serde_json::to_value(report(&credential(&caveats))).unwrap(), expected);
}

#[test]
fn no_part_of_the_credential_itself_is_told() {
    let credential = credential(&[]);
    let told = text(&credential) + &serde_json::to_string(&report(&credential)).unwrap();
    for macaroon in [&credential.exported.root, &credential.exported.discharges[0]] {
        let token = macaroon.to_v1();
        assert!(!told.contains(&token[token.len() - 40..]));
        assert!(!told.contains(&token[..40]));
    }
}
