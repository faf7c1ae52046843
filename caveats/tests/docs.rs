//! The examples in `docs/caveats.md`, each run against the crate: what the page calls allowed is allowed, what it calls
//! refused is refused in those words, and no caveat is without one of each.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed assumption of a test should end it")]

#[path = "docs/attempt.rs"]
mod attempt;
#[path = "docs/page.rs"]
mod page;

use caveats::{Bundle, Kind, Locations, Macaroon, Permission, Predicate, RootKey};

use attempt::Attempt;
use page::{Example, Page};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/caveats.md");

#[test]
fn every_example_of_the_page_is_as_the_page_says() {
    let page = Page::read(&std::fs::read_to_string(PAGE).unwrap()).unwrap_or_else(|wrong| panic!("{wrong}"));
    let wrong: Vec<String> = page.examples.iter().filter_map(|example| judge(example, &page).err()).collect();
    assert!(wrong.is_empty(), "{} of {} fail:\n{}", wrong.len(), page.examples.len(), wrong.join("\n"));
}

#[test]
fn the_page_gives_every_caveat_and_no_other_an_allowed_and_a_refused_example() {
    let page = Page::read(&std::fs::read_to_string(PAGE).unwrap()).unwrap_or_else(|wrong| panic!("{wrong}"));
    for (line, key) in page.headings.iter().chain(&page.vocabulary) {
        let is_known = Kind::ALL.into_iter().any(|kind| kind.as_str() == key);
        assert!(is_known, "docs/caveats.md:{line}: there is no caveat `{key}`");
    }
    for kind in Kind::ALL {
        let named = |entry: &&(usize, String)| entry.1 == kind.as_str();
        assert!(page.vocabulary.iter().any(|entry| named(&entry)), "docs/caveats.md does not list `{kind}`");
        let heading = page.headings.iter().find(named);
        let (line, _) = heading.unwrap_or_else(|| panic!("docs/caveats.md has no heading `{kind}`"));
        for (is_allowed, word) in [(true, "allowed"), (false, "refused")] {
            let of_kind = page.examples.iter().filter(|example| example.heading == kind.as_str());
            let has_one =
                of_kind.map(|example| example.verdict == ALLOWED).any(|allowed| allowed == is_allowed);
            assert!(has_one, "docs/caveats.md:{line}: `{kind}` has no example that is {word}");
        }
    }
}

/// Mints, attenuates, discharges, binds, verifies and clears; and compares.
fn judge(example: &Example, page: &Page) -> Result<(), String> {
    let told = |wrong: String| format!("docs/caveats.md:{}: {wrong}", example.line);
    let attempt = Attempt::read(&example.attempt).map_err(told)?;
    let locations = Locations { store: page.name("STORE"), sso: page.name("SSO") };
    let bundle = credential(example, &locations).map_err(told)?;
    let verified = bundle.verify(&RootKey::derive(ROOT_KEY)).unwrap();
    let verdict = match verified.clear(&locations, &attempt.access()) {
        Ok(_) => ALLOWED.to_owned(),
        Err(refusal) => format!("refused: {refusal}"),
    };
    if verdict == example.verdict {
        Ok(())
    } else {
        Err(told(format!("the page says\n    {}\n  and the crate\n    {verdict}", example.verdict)))
    }
}

/// A root with what the page starts from, and its discharge; each with the caveats that are addressed to it.
fn credential(example: &Example, locations: &Locations<'_>) -> Result<Bundle, String> {
    let caveat_key = RootKey::derive(b"caveat key");
    let mut root = Macaroon::mint(&RootKey::derive(ROOT_KEY), locations.store, "root").unwrap();
    root.attenuate_third_party(locations.sso, "discharge", &caveat_key, [7; 24]).unwrap();
    root.attenuate(&Predicate::Acl(GRANTED.to_vec()).encode(locations.store)).unwrap();
    let mut discharge = Macaroon::mint(&caveat_key, locations.sso, "discharge").unwrap();
    for caveat in &example.caveats {
        if !example.heading.is_empty() && page::key(caveat) != Some(example.heading.as_str()) {
            return Err(format!("{caveat} stands under the heading {}", example.heading));
        }
        let is_sso = caveat.strip_prefix(locations.sso).is_some_and(|rest| rest.starts_with('|'));
        if is_sso { &mut discharge } else { &mut root }.attenuate(caveat).unwrap();
    }
    Ok(Bundle::new(root, vec![discharge]).unwrap().bound())
}

const ROOT_KEY: &[u8] = b"root key";
const ALLOWED: &str = "allowed";
const GRANTED: [Permission; 4] = [
    Permission::PackageAccess,
    Permission::PackagePush,
    Permission::PackageRegister,
    Permission::PackageRelease,
];
