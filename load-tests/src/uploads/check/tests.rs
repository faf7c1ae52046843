//! Tables written by hand: good ones, in which nothing is found, and one for each way to break a promise.

use super::super::found::Upload;
use super::super::ledger::{Books, Pushed};
use super::*;
use crate::breaker::history::File;

/// Two revisions of one snap, the first by an assertion that came alone, the second by one that came along; a push that
/// was refused, one that waits, and one file sent again.
fn good() -> (Books, Found) {
    let (mut books, mut found) = (Books::default(), Found::default());
    for (digest, upload) in [("one", "u1"), ("two", "u2"), ("bad", "u3"), ("later", "u4")] {
        let signed = (digest != "bad").then(|| ("key".to_owned(), format!("{digest} signed")));
        let known = Known { who: 4, snap: "s".to_owned(), size: 10, signed };
        books.files.insert(digest.to_owned(), known);
        books.promised.received.insert(upload.to_owned(), digest.to_owned());
        let along = (digest == "two").then(|| "two signed".to_owned());
        found.uploads.insert(
            upload.to_owned(),
            Upload { file: file(digest), claimed: true, claimed_at: 1, assertion: along },
        );
        found.blobs.insert(upload.to_owned(), file(digest));
    }
    // Its bytes were removed when it was refused.
    found.blobs.remove("u3");
    books.promised.builds.push("one".to_owned());
    found.builds.insert(("one".to_owned(), "key".to_owned()), "one signed".to_owned());
    books.promised.keys.insert("key".to_owned(), "a".to_owned());
    found.keys.insert("key".to_owned(), "a".to_owned());
    found.spent.insert("key".to_owned(), 1);
    for (number, digest) in [(1, "one"), (2, "two")] {
        let (snap, upload, key) = ("s".to_owned(), format!("u{number}"), Some("key".to_owned()));
        found.revisions.push(Revision { snap, number, upload, file: file(digest), key });
        found.released.insert(("s".to_owned(), number));
    }
    found.snaps.insert("s".to_owned(), 2);
    for (id, digest, told, outcome, revision, message) in [
        ("p1", "one", Some(Told::Ready(1)), "accepted", Some(1), None),
        ("p2", "two", None, "accepted", Some(2), None),
        ("p3", "bad", Some(Told::Refused("no".to_owned())), "refused", None, Some("no".to_owned())),
        ("p4", "later", None, "waiting", None, None),
        ("p5", "one", Some(Told::Duplicate(1)), "duplicate", Some(1), None),
    ] {
        let (snap, outcome) = ("s".to_owned(), outcome.to_owned());
        found.pushes.insert(id.to_owned(), Push { snap: snap.clone(), outcome, revision, message });
        let pushed = Pushed { who: 4, snap, digest: digest.to_owned(), told };
        books.promised.pushes.insert(id.to_owned(), pushed);
    }
    (books, found)
}

fn file(digest: &str) -> File {
    File { size: 10, digest: digest.to_owned() }
}

fn seen(books: &Books, found: &Found) -> Vec<&'static str> {
    violations(&books.promised, &books.files, found).into_iter().map(|violation| violation.what).collect()
}

/// What is found once this was done to what is good.
fn after(harm: impl FnOnce(&mut Books, &mut Found)) -> Vec<&'static str> {
    let (mut books, mut found) = good();
    harm(&mut books, &mut found);
    seen(&books, &found)
}

#[test]
fn nothing_is_found_where_all_is_well() {
    assert_eq!(after(|_, _| {}), Vec::<&str>::new());
    // What nobody was told about may be there or not.
    assert_eq!(after(|books, _| drop(books.promised.pushes.remove("p2"))), Vec::<&str>::new());
}

#[test]
fn a_revision_without_one_of_its_parts_is_half_a_revision() {
    let half = ["half a revision"];
    assert_eq!(after(|_, found| drop(found.blobs.remove("u1"))), half);
    assert_eq!(after(|_, found| found.blobs.get_mut("u1").unwrap().size = 9), half);
    assert_eq!(after(|_, found| found.blobs.get_mut("u1").unwrap().digest = "two".to_owned()), half);
    assert_eq!(after(|_, found| found.uploads.get_mut("u1").unwrap().claimed = false), half);
    assert_eq!(after(|_, found| found.released.clear()), [half[0]; 2]);
    assert_eq!(
        after(|books, found| drop((books.promised.pushes.remove("p2"), found.pushes.remove("p2")))),
        half
    );
    let twice = after(|_, found| {
        let again = found.pushes["p1"].clone();
        found.pushes.insert("p6".to_owned(), again);
    });
    assert_eq!(twice, half);
    let vouched = |found: &mut Found, number| {
        found.vouched.insert("one".to_owned(), ("s".to_owned(), 10, 1));
        found.vouched.insert("two".to_owned(), ("s".to_owned(), 10, number));
    };
    assert_eq!(after(|_, found| vouched(found, 2)), Vec::<&str>::new());
    assert_eq!(after(|_, found| vouched(found, 3)), half);
    assert_eq!(after(|_, found| drop(found.vouched.insert("one".to_owned(), ("s".to_owned(), 10, 1)))), half);
}

#[test]
fn a_revision_that_nobody_signed_is_a_violation() {
    let unsigned = ["accepted without its publisher's signature"];
    assert_eq!(after(|books, _| books.files.get_mut("two").unwrap().signed = None), unsigned);
    assert_eq!(after(|books, _| drop(books.files.remove("two"))), unsigned);
    assert_eq!(after(|books, _| books.files.get_mut("two").unwrap().snap = "t".to_owned()), unsigned);
    assert_eq!(after(|_, found| found.revisions[1].key = None), unsigned);
    assert_eq!(after(|_, found| found.revisions[1].key = Some("other".to_owned())), unsigned);
    assert_eq!(after(|_, found| found.uploads.get_mut("u2").unwrap().assertion = None), unsigned);
}

#[test]
fn what_was_acknowledged_and_is_not_there_is_lost() {
    let lost = after(|_, found| {
        found.revisions.remove(0);
        found.pushes.remove("p1");
        found.pushes.remove("p5");
    });
    for what in ["acknowledged, and lost", "a status that the tables do not bear out", "numbers with gaps"] {
        assert!(lost.contains(&what), "{lost:?}");
    }
    let other = after(|books, _| books.promised.pushes.get_mut("p1").unwrap().digest = "two".to_owned());
    assert_eq!(other, ["acknowledged, and lost"]);
    assert_eq!(after(|_, found| found.builds.clear()).len(), 2, "lost, and nothing admits the revision");
    assert_eq!(after(|_, found| drop(found.uploads.remove("u4"))), ["received, and lost"]);
    let unclaimed = |found: &mut Found| {
        found.uploads.get_mut("u3").unwrap().claimed = false;
    };
    assert_eq!(after(|_, found| unclaimed(found)), ["received, and lost"]);
    assert_eq!(
        after(|_, found| drop(found.pushes.remove("p4"))),
        ["a status that the tables do not bear out"]
    );
    let changed = after(|_, found| found.pushes.get_mut("p3").unwrap().message = Some("yes".to_owned()));
    assert_eq!(changed, ["a status that the tables do not bear out"]);
}

#[test]
fn a_key_and_its_login_are_one() {
    assert_eq!(after(|_, found| found.spent.clear()), ["half a registered key"]);
    let gone = after(|_, found| found.keys.clear());
    assert_eq!(gone, ["registered, and lost", "a login spent on a key that is not there"]);
}

#[test]
fn numbers_have_no_gaps_and_end_where_they_are_said_to() {
    let last = |snap: &str, number| {
        after(|_, found| {
            found.snaps.insert(snap.to_owned(), number);
        })
    };
    assert_eq!(last("s", 3), ["numbers with gaps"]);
    assert_eq!(last("t", 1), ["numbers with gaps"]);
    assert_eq!(last("t", 0), Vec::<&str>::new());
}

#[test]
fn after_a_sweep_there_is_nothing_but_revisions() {
    let (_, mut found) = good();
    found.partial.push("u9.part".to_owned());
    found.blobs.insert("u8".to_owned(), file("nobody's"));
    let left: Vec<String> = unswept(&found).into_iter().map(|violation| violation.detail).collect();
    for expected in ["half received: u9.part", "a file: u8", "a file: u4", "a record: u3", "a record: u4"] {
        assert!(left.iter().any(|one| one == expected), "{expected}: {left:?}");
    }
    assert_eq!(left.len(), 5, "{left:?}");
    let before = found.orphans();
    found.revisions.push(Revision { number: 3, upload: "u4".to_owned(), ..found.revisions[0].clone() });
    let left = before.left(&found);
    assert!(!left.iter().any(|one| one.ends_with("u4")), "its commit came through: {left:?}");
    assert!(left.iter().any(|one| one.ends_with("u3")), "{left:?}");
    found.revisions.pop();
    for id in ["u3", "u4"] {
        found.uploads.remove(id);
    }
    for id in ["u4", "u8"] {
        found.blobs.remove(id);
    }
    found.partial.clear();
    assert!(unswept(&found).is_empty());
}
