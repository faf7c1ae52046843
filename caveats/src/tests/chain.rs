//! The laws of the chain: published vectors, forgeries, nesting, limits, secrecy.

use super::*;

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
    fn a_bundle_is_narrowed_before_it_is_bound() {
        let mut bundle = Bundle::new(root(&[push()]), vec![discharge(&[])]).unwrap();
        let caveat = Predicate::Channels(vec!["edge".into()]).encode(LOCATIONS.store);
        bundle.attenuate(&caveat).unwrap();
        assert_eq!(bundle.root().caveats().last().unwrap().id, caveat.as_bytes());
        assert!(bundle.bound().verify(&root_key()).is_ok());
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
        assert!(shown.contains("RootKey([redacted])") && shown.contains("Tail([redacted])"), "{shown}");
        let macaroon = format!(r#"Macaroon {{ location: "{}", caveats: 3, .. }}"#, LOCATIONS.store);
        assert_eq!(format!("{:?}", root(&[push()])), macaroon);
    }

    #[test]
    fn debug_shows_what_a_caveat_says_and_whom_it_asks() {
        let root = root(&[push()]);
        let shown: Vec<String> = root.caveats().map(|caveat| format!("{caveat:?}")).collect();
        assert!(shown[1].contains(r#"ThirdParty { location: "login.ubuntu.com", .. }"#), "{shown:?}");
        assert_eq!(shown[2], format!("Caveat {{ id: {:?} }}", push().encode(LOCATIONS.store)));
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
        let used = macaroon.length();
        let rest = limits::MAX_MACAROON_BYTES - used - crate::macaroon::size::first_party_length(0);
        assert_eq!(macaroon.attenuate(&"x".repeat(rest + 1)), Err(LimitError::TooLong));
        macaroon.attenuate(&"x".repeat(rest)).unwrap();
        for text in [macaroon.to_v1(), macaroon.to_v1() + "="] {
            assert_eq!(Macaroon::parse(&text).unwrap().to_v1(), macaroon.to_v1());
        }
        assert_eq!(macaroon.attenuate(""), Err(LimitError::TooLong));
        let mut longer = wire::v1::encode(&macaroon);
        longer.push(0);
        assert_eq!(Macaroon::decode(longer).unwrap_err(), DecodeError::TooLong);
        assert!(Macaroon::mint(&root_key(), &"l".repeat(40_000), "i").is_err());
    }

    #[test]
    fn a_third_party_caveat_counts_with_all_it_writes() {
        let mut macaroon = Macaroon::mint(&root_key(), "l", "i").unwrap();
        let added = "0000cid \n0000vid \n0000cl sso\n".len() + 24 + 16 + 32;
        let rest = limits::MAX_MACAROON_BYTES - macaroon.length() - added;
        let longer = "x".repeat(rest + 1);
        let refused = macaroon.attenuate_third_party("sso", &longer, &caveat_key(), [7; 24]);
        assert_eq!(refused, Err(LimitError::TooLong));
        macaroon.attenuate_third_party("sso", &longer[1..], &caveat_key(), [7; 24]).unwrap();
        assert_eq!(wire::v1::encode(&macaroon).len(), limits::MAX_MACAROON_BYTES);
        assert_eq!(macaroon.length(), limits::MAX_MACAROON_BYTES);
    }
}
