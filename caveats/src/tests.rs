//! The laws of the whole chain, and the rules of clearing, through the public interface.

use crate::*;

const LOCATIONS: Locations<'_> = Locations { store: "myapps.developer.ubuntu.com", sso: "login.ubuntu.com" };
const CAVEAT_ID: &str = r#"{"secret": "AAAA", "version": 1}"#;
const SNAP: &str = "JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX";

fn root_key() -> RootKey {
    RootKey::derive(b"root-key-for-test-vectors-000001")
}

fn caveat_key() -> RootKey {
    RootKey::derive(b"caveat-root-key-24-bytes")
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The root of the published vector, with further caveats appended.
fn root(caveats: &[Predicate]) -> Macaroon {
    let mut root = Macaroon::mint(&root_key(), LOCATIONS.store, "vector-root-1").unwrap();
    root.attenuate(&Predicate::ValidSince(at("2024-01-02T03:04:05.000006")).encode(LOCATIONS.store)).unwrap();
    let nonce = std::array::from_fn(|index| u8::try_from(index).unwrap());
    root.attenuate_third_party(LOCATIONS.sso, CAVEAT_ID, &caveat_key(), nonce).unwrap();
    for caveat in caveats {
        root.attenuate(&caveat.encode(LOCATIONS.store)).unwrap();
    }
    root
}

fn discharge(caveats: &[Predicate]) -> Macaroon {
    let mut discharge = Macaroon::mint(&caveat_key(), LOCATIONS.sso, CAVEAT_ID).unwrap();
    for caveat in caveats {
        discharge.attenuate(&caveat.encode(LOCATIONS.sso)).unwrap();
    }
    discharge
}

fn push() -> Predicate {
    Predicate::Acl(vec![Permission::PackagePush])
}

fn verified(root: Macaroon, discharge: Macaroon) -> Verified {
    Bundle::new(root, vec![discharge]).unwrap().bound().verify(&root_key()).unwrap()
}

fn access() -> Access<'static> {
    Access {
        now: at("2026-11-23T20:00:00"),
        permissions: &[Permission::PackagePush],
        package: Package::Id(SNAP),
        channels: &[],
        upload: Upload::None,
        source: None,
    }
}

/// The refusal's kind, or `ok`.
fn verdict(caveats: &[Predicate], access: &Access<'_>) -> &'static str {
    let all = [&[push()], caveats].concat();
    verified(root(&all), discharge(&[]))
        .clear(&LOCATIONS, access)
        .err()
        .map_or("ok", |refusal| refusal.kind())
}

mod vectors {
    use super::*;

    const ROOT: &str = "MDAyOWxvY2F0aW9uIG15YXBwcy5kZXZlbG9wZXIudWJ1bnR1LmNvbQowMDFkaWRlbnRpZmllciB2ZWN0b3Itcm9vdC0xCjAwNGJjaWQgbXlhcHBzLmRldmVsb3Blci51YnVudHUuY29tfHZhbGlkX3NpbmNlfDIwMjQtMDEtMDJUMDM6MDQ6MDUuMDAwMDA2CjAwMjljaWQgeyJzZWNyZXQiOiAiQUFBQSIsICJ2ZXJzaW9uIjogMX0KMDA1MXZpZCAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcW7L0FePsvim0ojd8ayY79J6Ee930KOTKopnRltGRfWKQqxsLz5ygw2s0hUgTywfEKMDAxOGNsIGxvZ2luLnVidW50dS5jb20KMDAzOWNpZCBteWFwcHMuZGV2ZWxvcGVyLnVidW50dS5jb218YWNsfFsicGFja2FnZV9wdXNoIl0KMDAyZnNpZ25hdHVyZSDHRho4SO413jL1biM86uaQWsWYmfpc6B3mH1rxvBjmvwo";
    const UNBOUND: &str = "MDAxZWxvY2F0aW9uIGxvZ2luLnVidW50dS5jb20KMDAzMGlkZW50aWZpZXIgeyJzZWNyZXQiOiAiQUFBQSIsICJ2ZXJzaW9uIjogMX0KMDAzY2NpZCBsb2dpbi51YnVudHUuY29tfGV4cGlyZXN8MjAzMC0wMS0wMVQwMDowMDowMC4wMDAwMDAKMDAyZnNpZ25hdHVyZSD66a1MpdQdF3fWshbWugOMRs2DZFp00a5Ff0joXNJHlAo";
    const BOUND_TAIL: &str = "MDAyZnNpZ25hdHVyZSCSk8eqrYOYUUnOn9MYRpFoPBo-2YyQaQZIAx0-bIt8KQo";
    const ROOT_V2: &str = "AgEbbXlhcHBzLmRldmVsb3Blci51YnVudHUuY29tAg12ZWN0b3Itcm9vdC0xAAJCbXlhcHBzLmRldmVsb3Blci51YnVudHUuY29tfHZhbGlkX3NpbmNlfDIwMjQtMDEtMDJUMDM6MDQ6MDUuMDAwMDA2AAEQbG9naW4udWJ1bnR1LmNvbQIgeyJzZWNyZXQiOiAiQUFBQSIsICJ2ZXJzaW9uIjogMX0ESAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxbsvQV4-y-KbSiN3xrJjv0noR73fQo5MqimdGW0ZF9YpCrGwvPnKDDazSFSBPLB8QACMG15YXBwcy5kZXZlbG9wZXIudWJ1bnR1LmNvbXxhY2x8WyJwYWNrYWdlX3B1c2giXQAABiDHRho4SO413jL1biM86uaQWsWYmfpc6B3mH1rxvBjmvw";

    fn vector_discharge() -> Macaroon {
        discharge(&[Predicate::Expires(at("2030-01-01T00:00:00"))])
    }

    #[test]
    fn minting_gives_pymacaroons_bytes() {
        assert_eq!(root(&[push()]).to_v1(), ROOT);
        assert_eq!(vector_discharge().to_v1(), UNBOUND);
        let mut bound = vector_discharge();
        bound.bind(&root(&[push()]));
        assert!(bound.to_v1().ends_with(BOUND_TAIL));
    }

    #[test]
    fn what_pymacaroons_made_is_read_verified_and_written_back() {
        let root = Macaroon::parse(ROOT).unwrap();
        assert_eq!(root.to_v1(), ROOT);
        assert_eq!(Macaroon::parse(ROOT_V2).unwrap().to_v1(), ROOT);
        let verified = verified(root, Macaroon::parse(UNBOUND).unwrap());
        assert!(verified.clear(&LOCATIONS, &access()).is_ok());
        assert_eq!(verified.root_tails().len(), 4);
        assert_eq!(verified.discharge_tails().len(), 2);
    }

    #[test]
    fn a_discharge_verifies_alone_only_unbound() {
        let unbound = Macaroon::parse(UNBOUND).unwrap();
        let alone = verify_alone(&unbound, &caveat_key()).unwrap();
        let facts = alone.facts(&LOCATIONS).unwrap();
        assert_eq!(facts.discharge_expires, Some(at("2030-01-01T00:00:00")));
        assert_eq!(facts.identifier, CAVEAT_ID);
        let mut bound = unbound;
        bound.bind(&root(&[]));
        assert_eq!(verify_alone(&bound, &caveat_key()).unwrap_err(), VerifyError::Forged);
    }
}

mod verifying {
    use super::*;

    fn error(root: Macaroon, discharges: Vec<Macaroon>) -> Option<VerifyError> {
        Bundle::new(root, discharges).unwrap().bound().verify(&root_key()).err()
    }

    #[test]
    fn every_flipped_byte_of_the_pair_is_noticed() {
        let bundle = Bundle::new(root(&[push()]), vec![discharge(&[])]).unwrap().bound();
        let (root, mut discharges) = bundle.into_parts();
        let discharge = discharges.pop().unwrap();
        let flips = |macaroon: &Macaroon| -> Vec<Macaroon> {
            let bytes = wire::v1::encode(macaroon);
            let flip = |at: usize| {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1;
                Macaroon::decode(bytes).ok()
            };
            // The locations are hints that nothing signs.
            (0..bytes.len())
                .filter_map(flip)
                .filter(|other| other.location() == macaroon.location())
                .collect()
        };
        let third_party_locations = |macaroon: &Macaroon| -> Vec<String> {
            macaroon.caveats().filter_map(|caveat| Some(caveat.third_party?.location.to_owned())).collect()
        };
        for other in flips(&root) {
            if third_party_locations(&other) == third_party_locations(&root) {
                let bundle = Bundle::new(other, vec![discharge.clone()]).unwrap();
                assert!(bundle.verify(&root_key()).is_err());
            }
        }
        for other in flips(&discharge) {
            assert!(Bundle::new(root.clone(), vec![other]).unwrap().verify(&root_key()).is_err());
        }
    }

    #[test]
    fn a_wrong_key_is_a_forgery() {
        let bundle = Bundle::new(root(&[push()]), vec![discharge(&[])]).unwrap().bound();
        assert_eq!(bundle.verify(&caveat_key()).unwrap_err(), VerifyError::Forged);
    }

    #[test]
    fn an_unbound_discharge_or_one_bound_to_another_root_is_a_forgery() {
        let unbound = Bundle::new(root(&[push()]), vec![discharge(&[])]).unwrap();
        assert_eq!(unbound.verify(&root_key()).unwrap_err(), VerifyError::Forged);
        let mut elsewhere = discharge(&[]);
        elsewhere.bind(&root(&[]));
        let bundle = Bundle::new(root(&[push()]), vec![elsewhere]).unwrap();
        assert_eq!(bundle.verify(&root_key()).unwrap_err(), VerifyError::Forged);
    }

    #[test]
    fn each_third_party_caveat_needs_exactly_one_discharge() {
        assert_eq!(error(root(&[push()]), vec![]), Some(VerifyError::MissingDischarge));
        let stranger = Macaroon::mint(&caveat_key(), LOCATIONS.sso, "another").unwrap();
        assert_eq!(
            error(root(&[push()]), vec![discharge(&[]), stranger]),
            Some(VerifyError::UnusedDischarge)
        );
        assert_eq!(
            error(root(&[push()]), vec![discharge(&[]), discharge(&[])]),
            Some(VerifyError::RepeatedDischarge)
        );
    }

    #[test]
    fn two_caveats_with_one_id_cannot_share_a_discharge() {
        let mut root = root(&[push()]);
        root.attenuate_third_party(LOCATIONS.sso, CAVEAT_ID, &caveat_key(), [9; 24]).unwrap();
        assert_eq!(error(root, vec![discharge(&[])]), Some(VerifyError::MissingDischarge));
    }

    #[test]
    fn discharges_nest_to_the_limit_and_a_cycle_is_refused() {
        let id = |index: usize| format!("level-{index}");
        let mut root = Macaroon::mint(&root_key(), LOCATIONS.store, "r").unwrap();
        root.attenuate_third_party(LOCATIONS.sso, &id(0), &caveat_key(), [0; 24]).unwrap();
        let level = |index: usize, next: Option<usize>| {
            let mut discharge = Macaroon::mint(&caveat_key(), LOCATIONS.sso, &id(index)).unwrap();
            if let Some(next) = next {
                discharge.attenuate_third_party(LOCATIONS.sso, &id(next), &caveat_key(), [1; 24]).unwrap();
            }
            discharge
        };
        let last = limits::MAX_DISCHARGES - 1;
        let mut chain: Vec<_> = (0..last).map(|index| level(index, Some(index + 1))).collect();
        let cycle = [chain.clone(), vec![level(last, Some(0))]].concat();
        chain.push(level(last, None));
        assert_eq!(error(root.clone(), chain.clone()), None);
        chain.reverse();
        assert_eq!(error(root.clone(), chain), None);
        assert_eq!(error(root, cycle), Some(VerifyError::MissingDischarge));
    }

    #[test]
    fn a_bundle_holds_no_more_discharges_than_the_limit() {
        let discharges = vec![discharge(&[]); limits::MAX_DISCHARGES + 1];
        assert_eq!(Bundle::new(root(&[]), discharges).unwrap_err(), TooManyDischarges);
    }

    #[test]
    fn tails_of_a_parent_are_a_prefix_of_its_child_s() {
        let prints =
            |verified: &Verified| verified.root_tails().iter().map(Tail::fingerprint).collect::<Vec<_>>();
        let parent = prints(&verified(root(&[push()]), discharge(&[])));
        let child = prints(&verified(root(&[push(), push()]), discharge(&[])));
        assert_eq!(child[..parent.len()], parent[..]);
        assert_eq!(child.len(), parent.len() + 1);
        assert!(!parent.contains(child.last().unwrap()));
    }
}

mod secrecy {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let verified = verified(root(&[push()]), discharge(&[]));
        let shown = format!("{:?} {:?} {verified:?}", root_key(), verified.root_tails());
        for tail in verified.root_tails() {
            assert!(!shown.contains(&format!("{:?}", tail.as_bytes())));
        }
        assert!(shown.contains("[redacted]"));
    }
}

mod limiting {
    use super::*;

    #[test]
    fn too_many_caveats_are_refused_on_writing_and_reading() {
        let mut macaroon = Macaroon::mint(&root_key(), "", "").unwrap();
        for _ in 0..limits::MAX_CAVEATS {
            macaroon.attenuate("").unwrap();
        }
        assert_eq!(Macaroon::parse(&macaroon.to_v1()).unwrap().caveats().len(), limits::MAX_CAVEATS);
        assert_eq!(macaroon.attenuate(""), Err(LimitError::TooManyCaveats));
        let mut bytes = b"000elocation \n0010identifier \n".to_vec();
        bytes.extend(b"0009cid \n".repeat(limits::MAX_CAVEATS + 1));
        bytes.extend(b"002fsignature ");
        bytes.extend([0; 32]);
        bytes.push(b'\n');
        assert_eq!(Macaroon::decode(bytes).unwrap_err(), DecodeError::TooManyCaveats);
    }

    #[test]
    fn a_macaroon_grows_to_the_limit_and_no_further() {
        let mut macaroon = Macaroon::mint(&root_key(), "l", "i").unwrap();
        let used = wire::v1::length(&macaroon);
        let rest = limits::MAX_MACAROON_BYTES - used - wire::v1::first_party_length(0);
        assert_eq!(macaroon.attenuate(&"x".repeat(rest + 1)), Err(LimitError::TooLong));
        macaroon.attenuate(&"x".repeat(rest)).unwrap();
        assert_eq!(Macaroon::parse(&macaroon.to_v1()).unwrap().to_v1(), macaroon.to_v1());
        assert_eq!(macaroon.attenuate(""), Err(LimitError::TooLong));
        let mut longer = wire::v1::encode(&macaroon);
        longer.push(0);
        assert_eq!(Macaroon::decode(longer).unwrap_err(), DecodeError::TooLong);
        assert!(Macaroon::mint(&root_key(), &"l".repeat(40_000), "i").is_err());
    }
}

mod clearing {
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
        let scope = |first, second| {
            let acls = [Predicate::Acl(first), Predicate::Acl(second)];
            let scope = verified(root(&acls), discharge(&[])).effective_scope(&LOCATIONS).unwrap();
            scope.permissions.into_iter().collect::<Vec<_>>()
        };
        use Permission::{PackagePush, PackageRelease, PackageUpload};
        assert_eq!(scope(vec![PackageUpload], vec![PackagePush]), [PackagePush]);
        assert_eq!(
            scope(vec![PackageUpload], vec![PackagePush, PackageRelease]),
            [PackagePush, PackageRelease]
        );
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
        let channels =
            |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<Channel>>();
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
        let listed = Predicate::UploadDigest(vec![wire::base64::encode(&digest)]);
        let upload = |upload| Access { upload, ..access() };
        let file = Upload::File { digest: &digest, build_key: None };
        let other = Upload::File { digest: &[8; 48], build_key: None };
        assert_eq!(verdict(&[listed.clone()], &upload(file)), "ok");
        assert_eq!(verdict(&[listed.clone()], &upload(other)), "upload_digest");
        assert_eq!(verdict(&[listed.clone()], &upload(Upload::Proposed)), "ok");
        assert_eq!(verdict(&[listed.clone()], &upload(Upload::None)), "upload_digest");
        assert_eq!(verdict(&[listed], &Access { permissions: &[], ..access() }), "ok");
        assert_eq!(verdict(&[Predicate::UploadDigest(vec![])], &upload(file)), "upload_digest");
    }

    #[test]
    fn a_build_key_list_wants_a_signature_by_one_of_them() {
        let key = wire::base64::encode(&[1; 48]);
        let listed = Predicate::BuildKey(vec![key.clone()]);
        let signed = |build_key| Access { upload: Upload::File { digest: &[7; 48], build_key }, ..access() };
        assert_eq!(verdict(&[listed.clone()], &signed(Some(&key))), "ok");
        assert_eq!(verdict(&[listed.clone()], &signed(Some("other"))), "build_key");
        assert_eq!(verdict(&[listed.clone()], &signed(None)), "build_key");
        assert_eq!(verdict(&[listed.clone()], &Access { upload: Upload::Proposed, ..access() }), "ok");
        assert_eq!(verdict(&[listed], &access()), "build_key");
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
}
