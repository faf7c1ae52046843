//! What is written is narrower and in the same form; what would not be narrower is refused in a sentence.

use caveats::exported::{Exported, read};
use caveats::{Bundle, Locations, Permission, Predicate};
use clap::Parser as _;

use super::narrow::Narrowing;
use super::{Attenuate, Limits};
use crate::arguments::{Arguments, Command};
use crate::credential::Credential;
use crate::credential::fixture::{
    SNAP, SSO, STORE, acl, at, credential, discharge, now, root, root_key, with_texts,
};
use crate::terminal::time::TimeOrDuration;

/// SHA3-384 of `snap`, computed with Python's hashlib.
const OF_FILE: &str = "VkG73UIFnxWLKcPwfTQZsC1LCfoay7ubaiPS-F_8hxUJOOuodrAgvp-65M4qkSEj";
const DIGEST: &str = "YWdCUrVMJoNTbdAIWaTXxaQZ-dicz5UyrWQi_hWfzj8YRmZXjziL2BPhZx7Ea_1N";

/// What the arguments after `attenuate` ask for.
fn limits(arguments: &[&str]) -> Limits {
    let all = ["macaroond", "attenuate"].into_iter().chain(arguments.iter().copied());
    match Arguments::try_parse_from(all).unwrap().command {
        Command::Attenuate(Attenuate { limits, .. }) => limits,
        other => panic!("{other:?}"),
    }
}

fn narrowed(credential: &Credential, arguments: &[&str]) -> anyhow::Result<Exported> {
    Narrowing::read(limits(arguments), now())?.of(credential, now())
}

fn refusal(credential: &Credential, arguments: &[&str]) -> String {
    narrowed(credential, arguments).unwrap_err().to_string()
}

#[test]
fn every_limit_becomes_a_caveat_of_a_credential_that_still_verifies() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "snap").unwrap();
    let arguments = [
        "--snap",
        SNAP,
        "--channel",
        "edge,2.*",
        "--permission",
        "package_push",
        "--expires",
        "2h",
        "--not-before",
        "2026-11-23T22:00:00+01:00",
        "--upload-digest",
        DIGEST,
        "--upload-file",
        file.path().to_str().unwrap(),
        "--build-key",
        DIGEST,
        "--source-ip",
        "192.0.2.0/24",
    ];
    let narrower = narrowed(&credential(&[]), &arguments).unwrap();
    let verified = narrower.into_bundle().unwrap().verify(&root_key()).unwrap();
    let scope = verified.effective_scope(&Locations { store: STORE, sso: SSO }).unwrap();
    assert_eq!(scope.permissions.into_iter().collect::<Vec<_>>(), [Permission::PackagePush]);
    assert_eq!(scope.packages.unwrap().into_iter().collect::<Vec<_>>(), [SNAP]);
    assert_eq!(scope.channels, [["edge", "2.*"]]);
    assert_eq!(scope.expires, now().add_secs(7200));
    assert_eq!(scope.not_before, Some(at("2026-11-23T21:00:00")));

    let both = {
        let mut both = [DIGEST.to_owned(), OF_FILE.to_owned()];
        both.sort();
        both
    };
    assert_eq!(scope.upload_digests.unwrap().into_iter().collect::<Vec<_>>(), both);
    assert_eq!(scope.build_keys.unwrap().into_iter().collect::<Vec<_>>(), [DIGEST]);
    assert_eq!(scope.source_ips, [["192.0.2.0/24"]]);
}

#[test]
fn a_digest_in_hexadecimal_is_the_same_digest() {
    let hex: String = "616742".to_owned() + &"00".repeat(45);
    let narrower = narrowed(&credential(&[]), &["--upload-digest", &hex]).unwrap();
    let last = narrower.root.caveats().last().unwrap().id.to_vec();
    let value = format!("YWdC{}", "A".repeat(60));
    assert_eq!(String::from_utf8(last).unwrap(), Predicate::UploadDigest(vec![value]).encode(STORE));
}

#[test]
fn each_form_is_written_in_the_same_form() {
    let (r, d) = (root(&[acl()]).to_v1(), discharge().to_v1());
    let u1 = credential(&[]).exported.write();
    for text in [
        u1.clone(),
        format!(r#"{{"r": "{r}", "d": "{d}"}}"#),
        format!("[sso.example]\nmacaroon = {r}\nunbound_discharge = {d}\nemail = ada@example.com\n\n"),
        format!(r#"{{"snapcraft": {{"store.example": "{u1}"}}}}"#),
        format!(r#"{{"root": "{r}", "discharge": "{d}", "store": "staging", "type": "snapcraft"}}"#),
        format!(r#"{{"macaroon": "{r}", "discharges": ["{d}"]}}"#),
        r.clone(),
        format!(r#"{{"macaroon": "{r}"}}"#),
        root(&[acl()]).to_json(),
    ] {
        let wide = read(&text).unwrap();
        let narrower = narrowed(&Credential::new(wide.clone(), STORE), &["--channel", "edge"]).unwrap();
        let written = read(&narrower.write()).unwrap();
        assert_eq!((written.shape, written.bound), (wide.shape, wide.bound), "{text}");
        let discharges = vec![discharge()];
        let bundle = Bundle::new(written.root, discharges).unwrap().bound();
        let scope =
            bundle.verify(&root_key()).unwrap().effective_scope(&Locations { store: STORE, sso: SSO });
        assert_eq!(scope.unwrap().channels, [["edge"]], "{text}");
    }
}

#[test]
fn what_the_credential_does_not_allow_is_refused_with_what_it_does() {
    let narrow = credential(&[
        Predicate::Acl(vec![Permission::PackagePush]),
        Predicate::Channels(vec!["edge".into(), "2.*".into()]),
        Predicate::Packages(vec![SNAP.into()]),
        Predicate::Expires(at("2026-11-23T22:30:00.25")),
        Predicate::NotBefore(at("2026-11-23T20:00:00")),
        Predicate::SourceIp(vec!["192.0.2.0/24".into()]),
        Predicate::UploadDigest(vec![DIGEST.into()]),
        Predicate::BuildKey(vec![DIGEST.into()]),
    ]);
    let other = "Z".repeat(64);
    for (arguments, sentence) in [
        (
            ["--permission", "package_release"],
            "the credential does not have package_release; it has package_push".to_owned(),
        ),
        (["--channel", "beta"], "the credential allows no channel like beta; it allows edge, 2.*".to_owned()),
        (
            ["--snap", &"x".repeat(32)],
            format!("the credential does not allow the snap {}; it allows {SNAP}", "x".repeat(32)),
        ),
        (
            ["--expires", "3h"],
            "the credential expires before that: at 2026-11-23T22:30:00Z (in 2 hours)".to_owned(),
        ),
        (
            ["--expires", "2026-11-23T20:30:00Z"],
            "--expires names a moment that has passed: 2026-11-23T20:30:00Z (just now)".to_owned(),
        ),
        (
            ["--not-before", "2026-11-23T19:00:00Z"],
            "the credential begins after that: at 2026-11-23T20:00:00Z (30 minutes ago)".to_owned(),
        ),
        (
            ["--not-before", "3h"],
            "it would begin at 2026-11-23T23:30:00Z (in 3 hours) and expire before that, at 2026-11-23T22:30:00Z (in 2 \
             hours)"
                .to_owned(),
        ),
        (
            ["--source-ip", "192.0.2.0/23"],
            "the credential may not be used from all of 192.0.2.0/23; it may from 192.0.2.0/24".to_owned(),
        ),
        (
            ["--upload-digest", &other],
            format!("the credential does not allow the file {other}; it allows {DIGEST}"),
        ),
        (
            ["--build-key", &other],
            format!("the credential does not allow the build key {other}; it allows {DIGEST}"),
        ),
    ] {
        assert_eq!(refusal(&narrow, &arguments), sentence);
    }
}

#[test]
fn what_is_no_value_is_refused() {
    let sha256 = "ab".repeat(32);
    for (arguments, part) in [
        (["--upload-digest", &*sha256], "is a SHA-256"),
        (["--upload-digest", "abc"], "is no SHA3-384"),
        (["--upload-file", "/no/such/file"], "cannot read /no/such/file"),
        (["--build-key", "abc"], "64 characters of base64url"),
        (["--source-ip", "10.1.2.3/8"], "is no address"),
        (["--channel", "a/b/c/d"], "is no channel"),
        (["--expires", "9000years"], "the calendar ends"),
    ] {
        let sentence = refusal(&credential(&[]), &arguments);
        assert!(sentence.contains(part), "{sentence}");
    }
}

#[test]
fn a_copy_from_a_request_cannot_be_narrowed_and_a_dead_credential_is_not() {
    let header = Bundle::new(root(&[acl()]), vec![discharge()]).unwrap().bound().to_header();
    let copy = Credential::new(read(&header).unwrap(), STORE);
    let sentence = refusal(&copy, &["--channel", "edge"]);
    assert!(sentence.starts_with("this is a copy from a request"), "{sentence}");
    let expired = credential(&[Predicate::Expires(at("2026-11-23T20:00:00"))]);
    let sentence = refusal(&expired, &["--channel", "edge"]);
    assert!(sentence.contains("nothing to narrow. It expired 30 minutes ago"), "{sentence}");
    let unknown = with_texts(&["myapps.developer.ubuntu.com|colour|red"]);
    assert!(refusal(&unknown, &["--channel", "edge"]).contains("`colour`"));
}

#[test]
fn a_service_may_have_a_location_of_its_own_which_must_be_named() {
    let elsewhere = Credential::new(credential(&[]).exported, "store.example");
    let sentence = refusal(&elsewhere, &["--channel", "edge"]);
    assert!(sentence.ends_with(&format!("say so: --store-location {STORE}")), "{sentence}");
}

#[test]
fn nothing_to_narrow_to_is_wrong_usage() {
    for arguments in [
        &["macaroond", "attenuate"][..],
        &["macaroond", "attenuate", "file"],
        &["macaroond", "attenuate", "file", "--force"],
        &["macaroond", "attenuate", "--expires", "soon"],
        &["macaroond", "attenuate", "--permission", "package_pushed"],
    ] {
        let error = Arguments::try_parse_from(arguments).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
    }
    assert_eq!(
        limits(&["--expires", "2h"]).expires,
        Some(TimeOrDuration::In(std::time::Duration::from_hours(2)))
    );
}

#[actix_web::test]
async fn names_of_snaps_need_a_service() {
    use super::lookup::ids;
    let credential = credential(&[]);
    assert_eq!(ids(vec![SNAP.into()], &credential, None).await.unwrap(), [SNAP]);
    let error = ids(vec![SNAP.into(), "hello".into()], &credential, None).await.unwrap_err().to_string();
    assert!(error.starts_with("'hello' is a name"), "{error}");
    let error = ids(vec!["He!!o".into()], &credential, None).await.unwrap_err().to_string();
    assert!(error.starts_with("'He!!o' is neither the id of a snap"), "{error}");
}
