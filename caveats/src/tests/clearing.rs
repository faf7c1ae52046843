//! The rules of clearing, one test a rule.

use super::*;

#[test]
fn a_root_without_acl_clears_nothing() {
    let nothing = Access { permissions: &[], package: Package::None, ..access() };
    let bare = Macaroon::mint(&root_key(), LOCATIONS.store, "r").unwrap();
    let bare = Bundle::new(bare, vec![]).unwrap().verify(&root_key()).unwrap();
    assert_eq!(bare.clear(&LOCATIONS, &nothing).unwrap_err(), Refusal::MissingAcl);
    let in_discharge = verified(root(&[]), discharge(&[push()]));
    assert_eq!(in_discharge.clear(&LOCATIONS, &nothing).unwrap_err(), Refusal::MissingAcl);
    assert!(in_discharge.effective_scope(&LOCATIONS).unwrap().permissions.is_empty());
}

#[test]
fn every_permission_needed_must_be_in_every_acl() {
    assert_eq!(verdict(&[], &access()), "ok");
    assert_eq!(verdict(&[], &Access { permissions: &[], ..access() }), "ok");
    let both = [Permission::PackagePush, Permission::PackageRelease];
    assert_eq!(verdict(&[], &Access { permissions: &both, ..access() }), "acl");
    assert_eq!(verdict(&[Predicate::Acl(vec![])], &access()), "acl");
    assert_eq!(verdict(&[Predicate::Acl(vec![Permission::PackageUpload])], &access()), "ok");
}

#[test]
fn umbrellas_intersect_to_what_both_grant() {
    use Permission::{PackagePush, PackageRelease, PackageUpload};
    let scope = |first, second| {
        let acls = [Predicate::Acl(first), Predicate::Acl(second)];
        let scope = verified(root(&acls), discharge(&[])).effective_scope(&LOCATIONS).unwrap();
        scope.permissions.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(scope(vec![PackageUpload], vec![PackagePush]), [PackagePush]);
    assert_eq!(scope(vec![PackageUpload], vec![PackagePush, PackageRelease]), [PackagePush, PackageRelease]);
    assert_eq!(scope(vec![PackageRelease], vec![PackagePush]), []);
}

#[test]
fn a_package_list_names_what_may_be_touched() {
    let list = |id: &str| [Predicate::Packages(vec!["other".into(), id.into()])];
    assert_eq!(verdict(&list(SNAP), &access()), "ok");
    assert_eq!(verdict(&list("third"), &access()), "package_id");
    assert_eq!(verdict(&list("third"), &Access { package: Package::None, ..access() }), "ok");
    assert_eq!(verdict(&list(SNAP), &Access { package: Package::New, ..access() }), "package_id");
    assert_eq!(verdict(&[Predicate::Packages(vec![])], &access()), "package_id");
}

#[test]
fn package_id_and_snap_id_mean_the_same() {
    let mut root = root(&[push()]);
    root.attenuate(&format!("{}|snap_id|[\"other\"]", LOCATIONS.store)).unwrap();
    let refusal = verified(root, discharge(&[])).clear(&LOCATIONS, &access()).unwrap_err();
    assert_eq!(refusal.kind(), "package_id");
}

#[test]
fn every_channel_must_be_in_every_list() {
    let edge = [Predicate::Channels(vec!["edge".into()])];
    let channels = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<Channel>>();
    assert_eq!(verdict(&edge, &access()), "ok");
    assert_eq!(verdict(&edge, &Access { channels: &channels(&["edge"]), ..access() }), "ok");
    assert_eq!(verdict(&edge, &Access { channels: &channels(&["edge", "beta"]), ..access() }), "channel");
    let none = [Predicate::Channels(vec![])];
    assert_eq!(verdict(&none, &Access { channels: &channels(&["edge"]), ..access() }), "channel");
}

#[test]
fn times_are_enforced_at_their_moment() {
    let now = access().now;
    let later = now.add_secs(1).unwrap();
    assert_eq!(verdict(&[Predicate::Expires(later)], &access()), "ok");
    assert_eq!(verdict(&[Predicate::Expires(now)], &access()), "expires");
    assert_eq!(verdict(&[Predicate::NotBefore(now)], &access()), "ok");
    assert_eq!(verdict(&[Predicate::NotBefore(later)], &access()), "not_before");
    assert_eq!(verdict(&[Predicate::ValidSince(later)], &access()), "ok");
    let stale = verified(root(&[push()]), discharge(&[Predicate::Expires(now)]));
    assert_eq!(stale.clear(&LOCATIONS, &access()).unwrap_err(), Refusal::Expired { at: now });
    assert!(stale.facts(&LOCATIONS).is_ok());
}

#[test]
fn an_upload_list_allows_its_files_and_nothing_but_uploads() {
    let digest = [7; 48];
    let listed = [Predicate::UploadDigest(vec![wire::base64::encode(&digest)])];
    let upload = |upload| Access { upload, ..access() };
    let file = Upload::File { digest: &digest, build_key: None };
    let other = Upload::File { digest: &[8; 48], build_key: None };
    assert_eq!(verdict(&listed, &upload(file)), "ok");
    assert_eq!(verdict(&listed, &upload(other)), "upload_digest");
    assert_eq!(verdict(&listed, &upload(Upload::Proposed)), "ok");
    assert_eq!(verdict(&listed, &upload(Upload::Received { digest: &digest })), "ok");
    assert_eq!(verdict(&listed, &upload(Upload::Received { digest: &[8; 48] })), "upload_digest");
    assert_eq!(verdict(&listed, &upload(Upload::None)), "upload_digest");
    assert_eq!(verdict(&listed, &Access { permissions: &[], ..access() }), "ok");
    assert_eq!(verdict(&[Predicate::UploadDigest(vec![])], &upload(file)), "upload_digest");
}

#[test]
fn a_build_key_list_wants_a_signature_by_one_of_them() {
    let key = wire::base64::encode(&[1; 48]);
    let listed = [Predicate::BuildKey(vec![key.clone()])];
    let signed = |build_key| Access { upload: Upload::File { digest: &[7; 48], build_key }, ..access() };
    assert_eq!(verdict(&listed, &signed(Some(&key))), "ok");
    assert_eq!(verdict(&listed, &signed(Some("other"))), "build_key");
    assert_eq!(verdict(&listed, &signed(None)), "build_key");
    assert_eq!(verdict(&listed, &Access { upload: Upload::Proposed, ..access() }), "ok");
    assert_eq!(verdict(&listed, &Access { upload: Upload::Received { digest: &[7; 48] }, ..access() }), "ok");
    assert_eq!(verdict(&listed, &access()), "build_key");
}

#[test]
fn a_source_list_wants_a_known_address_in_it() {
    let listed = [Predicate::SourceIp(vec!["192.0.2.0/24".into(), "2001:db8::/32".into()])];
    let from = |source: &str| Access { source: Some(source.parse().unwrap()), ..access() };
    assert_eq!(verdict(&listed, &from("192.0.2.8")), "ok");
    assert_eq!(verdict(&listed, &from("::ffff:192.0.2.8")), "ok");
    assert_eq!(verdict(&listed, &from("2001:db8::8")), "ok");
    assert_eq!(verdict(&listed, &from("198.51.100.1")), "source_ip");
    assert_eq!(verdict(&listed, &access()), "source_ip");
    assert_eq!(verdict(&listed, &Access { permissions: &[], ..access() }), "source_ip");
}

#[test]
fn what_cannot_be_understood_refuses_and_is_named() {
    for (caveat, kind, sentence) in [
        ("{store}|color|red", "unknown", "caveat `color` is not known to this service"),
        ("{store}|color", "unknown", "caveat `color` is not known to this service"),
        ("other|acl|[]", "foreign", "caveat `other|acl|[]` is not addressed to this service"),
        (
            "{sso}|expires|2030-01-01T00:00:00",
            "foreign",
            "caveat `login.ubuntu.com|expires|2030-01-01T00:00:00` is not addressed to this service",
        ),
        ("a {} = `b`\n", "foreign", "caveat `a ?? = ?b??` is not addressed to this service"),
        ("", "foreign", "caveat `` is not addressed to this service"),
        ("{store}|acl|package_push", "malformed", "the value of caveat `acl` is not in its form"),
        ("{store}|acl|[\"package_push\"] ]", "malformed", "the value of caveat `acl` is not in its form"),
        ("{store}|channel|[\"\"]", "malformed", "the value of caveat `channel` is not in its form"),
        (
            "{store}|source_ip|[\"10.1.2.3/8\"]",
            "malformed",
            "the value of caveat `source_ip` is not in its form",
        ),
        (
            "{store}|upload_digest|[\"abc\"]",
            "malformed",
            "the value of caveat `upload_digest` is not in its form",
        ),
        ("{store}|expires|tomorrow", "malformed", "the value of caveat `expires` is not in its form"),
        ("{store}|account|e30=", "account", "caveat `account` is believed in a discharge only"),
        ("{store}|session|abc", "session", "caveat `session` is believed in a discharge only"),
    ] {
        let mut root = root(&[push()]);
        let text = caveat.replace("{store}", LOCATIONS.store).replace("{sso}", LOCATIONS.sso);
        root.attenuate(&text).unwrap();
        let source = Some("10.0.0.1".parse().unwrap());
        let refusal =
            verified(root, discharge(&[])).clear(&LOCATIONS, &Access { source, ..access() }).unwrap_err();
        assert_eq!((refusal.kind(), refusal.to_string().as_str()), (kind, sentence), "{text}");
    }
}

#[test]
fn a_long_unknown_caveat_is_cut() {
    let refusal = Predicate::parse("x".repeat(5000).as_bytes(), "y").unwrap_err();
    assert!(refusal.to_string().len() < 160);
    let Refusal::Foreign { caveat } = Predicate::parse("𝄞".repeat(81).as_bytes(), "y").unwrap_err() else {
        unreachable!("it is addressed to nobody");
    };
    assert_eq!(caveat.as_str(), format!("{}...", "?".repeat(80)));
}

#[test]
fn of_a_long_list_the_sentence_names_eight() {
    let sentence = |count: usize| {
        let ids: Vec<String> = (1..=count).map(|index| format!("id{index}")).collect();
        let refused = verified(root(&[push(), Predicate::Packages(ids)]), discharge(&[]));
        refused.clear(&LOCATIONS, &access()).unwrap_err().to_string()
    };
    let all = "the credential allows snap ids id1, id2, id3, id4, id5, id6, id7, id8";
    assert_eq!(sentence(0), format!("the credential allows no snap ids, not {SNAP}"));
    assert_eq!(sentence(1), format!("the credential allows snap ids id1, not {SNAP}"));
    assert_eq!(sentence(8), format!("{all}, not {SNAP}"));
    assert_eq!(sentence(9), format!("{all} and 1 more, not {SNAP}"));
}

#[test]
fn a_credential_is_narrowed_by_what_limits_it_to_one_job() {
    let is_narrowed = |caveats: &[Predicate]| {
        verified(root(caveats), discharge(&[])).effective_scope(&LOCATIONS).unwrap().is_narrowed()
    };
    let (soon, digest) = (at("2027-01-01T00:00:00"), wire::base64::encode(&[7; 48]));
    assert!(!is_narrowed(&[push(), Predicate::Expires(soon), Predicate::NotBefore(soon)]));
    for caveat in [
        Predicate::Packages(vec![]),
        Predicate::Channels(vec!["edge".into()]),
        Predicate::UploadDigest(vec![digest.clone()]),
        Predicate::BuildKey(vec![digest]),
        Predicate::SourceIp(vec!["192.0.2.0/24".into()]),
    ] {
        assert!(is_narrowed(&[push(), caveat.clone()]), "{caveat:?}");
    }
}

#[test]
fn the_account_must_agree_with_itself() {
    let account = |openid: &str| {
        Predicate::Account(Account {
            openid: openid.into(),
            email: "a@example.com".into(),
            displayname: "A".into(),
            username: "a".into(),
            is_verified: true,
        })
    };
    let facts = |caveats: &[Predicate]| verified(root(&[push()]), discharge(caveats)).facts(&LOCATIONS);
    let same = facts(&[account("a"), Predicate::Session("s".into()), account("a")]).unwrap();
    assert_eq!(same.account.unwrap().openid, "a");
    assert_eq!(same.session.as_deref(), Some("s"));
    let differs = facts(&[account("a"), account("b")]).unwrap_err();
    assert_eq!(differs, Refusal::Conflicting { kind: Kind::Account });
    let sessions = facts(&[Predicate::Session("a".into()), Predicate::Session("b".into())]).unwrap_err();
    assert_eq!(sessions, Refusal::Conflicting { kind: Kind::Session });
}

#[test]
fn of_several_times_the_one_counts_that_a_holder_gains_nothing_by() {
    let early = at("2026-01-01T00:00:00");
    let late = at("2026-02-01T00:00:00");
    let caveats = [Predicate::ValidSince(early), Predicate::LastAuth(early), Predicate::Expires(early)];
    let appended = [Predicate::ValidSince(late), Predicate::LastAuth(late), Predicate::Expires(late)];
    let facts =
        verified(root(&[push()]), discharge(&[caveats, appended].concat())).facts(&LOCATIONS).unwrap();
    assert_eq!(facts.discharge_valid_since, Some(early));
    assert_eq!(facts.last_auth, Some(early));
    assert_eq!(facts.discharge_expires, Some(early));
    assert_eq!(facts.expires, Some(early));
    assert_eq!(facts.root_valid_since, Some(at("2024-01-02T03:04:05.000006")));
}

#[test]
fn a_scope_is_what_all_caveats_leave() {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let caveats = [
        push(),
        Predicate::Packages(list(&["a", "b"])),
        Predicate::Packages(list(&["b", "c"])),
        Predicate::Channels(list(&["edge"])),
        Predicate::Channels(list(&["*/edge"])),
        Predicate::SourceIp(list(&["10.0.0.0/8"])),
        Predicate::Expires(at("2027-01-01T00:00:00")),
        Predicate::NotBefore(at("2026-01-01T00:00:00")),
    ];
    let scope = verified(root(&caveats), discharge(&[])).effective_scope(&LOCATIONS).unwrap();
    assert_eq!(scope.packages.unwrap().into_iter().collect::<Vec<_>>(), list(&["b"]));
    assert_eq!(scope.channels, [list(&["edge"]), list(&["*/edge"])]);
    assert_eq!(scope.source_ips, [list(&["10.0.0.0/8"])]);
    assert_eq!(scope.expires, Some(at("2027-01-01T00:00:00")));
    assert_eq!(scope.not_before, Some(at("2026-01-01T00:00:00")));
    assert_eq!((scope.upload_digests, scope.build_keys), (None, None));
}

#[test]
fn predicates_are_read_back_as_written() {
    let predicates = [
        Predicate::ValidSince(at("2026-01-01T00:00:00")),
        Predicate::LastAuth(at("2026-01-01T00:00:00")),
        Predicate::NotBefore(at("2026-01-01T00:00:00")),
        Predicate::Expires(at("2026-01-01T00:00:00")),
        push(),
        Predicate::Packages(vec!["a".into()]),
        Predicate::Channels(vec!["edge".into(), "2.*/edge".into()]),
        Predicate::UploadDigest(vec!["a".repeat(64)]),
        Predicate::BuildKey(vec!["b".repeat(64)]),
        Predicate::SourceIp(vec!["10.0.0.0/8".into()]),
        Predicate::Session("s".into()),
    ];
    for predicate in predicates {
        let text = predicate.encode("here");
        assert_eq!(Predicate::parse(text.as_bytes(), "here"), Ok(predicate), "{text}");
    }
    assert_eq!(push().encode("here"), r#"here|acl|["package_push"]"#);
}
