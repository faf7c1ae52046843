//! Files of one crate that name each other in a circle. That a folder's `mod.rs` names its children is none: the folder is
//! one thing there.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{code_of, tokens};
use super::{module, paths};

/// Every circle, as the files in it. Tests inside a file do not count.
pub(crate) fn circles(files: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let by_module: BTreeMap<Vec<String>, &String> = files.keys().map(|file| (module(file), file)).collect();
    let named: BTreeMap<&String, BTreeSet<&String>> =
        files.iter().map(|(file, source)| (file, named_by(file, source, &by_module))).collect();
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        named.keys().map(|file| (*file, reachable(file, &named))).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        if others.contains(file) {
            let circle = others.iter().filter(|other| reached[**other].contains(file));
            circles.insert(circle.map(|file| (*file).clone()).collect::<Vec<_>>());
        }
    }
    circles.into_iter().collect()
}

fn named_by<'a>(
    file: &str,
    source: &str,
    by_module: &BTreeMap<Vec<String>, &'a String>,
) -> BTreeSet<&'a String> {
    let own = module(file);
    let code = code_of(source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default());
    let found = paths(&tokens(&code), &own).into_iter().filter_map(|named| {
        let prefixes = (0..=named.path.len()).rev().map(|length| &named.path[..length]);
        prefixes.into_iter().find_map(|prefix| by_module.get_key_value(prefix))
    });
    // The front of a folder, or of the crate, names what is in it, and is named for what it declares.
    let other = found.filter(|(module, _)| !own.starts_with(module));
    other.map(|(_, file)| *file).collect()
}

fn reachable<'a>(file: &String, named: &BTreeMap<&'a String, BTreeSet<&'a String>>) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&String> = named[file].iter().copied().collect();
    while let Some(next) = waiting.pop() {
        if let Some((key, others)) = named.get_key_value(next)
            && reached.insert(*key)
        {
            waiting.extend(others.iter().copied());
        }
    }
    reached
}

#[test]
fn a_circle_is_found_and_a_stair_is_none() {
    let files = |sources: &[(&str, &str)]| {
        sources.iter().map(|(file, source)| ((*file).to_owned(), (*source).to_owned())).collect()
    };
    let stair = files(&[("a.rs", "use crate::b::B;"), ("b.rs", "use super::c;"), ("c.rs", "")]);
    assert!(circles(&stair).is_empty());
    let circle =
        files(&[("a.rs", "use crate::b::B;"), ("b.rs", "use super::c::C;"), ("c.rs", "use crate::a;")]);
    assert_eq!(circles(&circle), [["a.rs", "b.rs", "c.rs"]]);
    let tests = files(&[("a.rs", "use crate::b;"), ("b.rs", "#[cfg(test)]\nmod tests { use crate::a; }")]);
    assert!(circles(&tests).is_empty());
}
