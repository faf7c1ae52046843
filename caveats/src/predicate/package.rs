//! Names that a caveat lists and that are compared for equality: snap ids, session ids, permission names.

use crate::limits::MAX_NAME_BYTES;

/// The name itself, if it can be one: not empty, at most [`MAX_NAME_BYTES`], printable ASCII without spaces.
pub(crate) fn check_name(name: &str) -> Option<&str> {
    // Looks at every byte before it judges, which takes no branch for each.
    let plain = name.bytes().fold(true, |plain, byte| plain & byte.is_ascii_graphic());
    (plain && (1..=MAX_NAME_BYTES).contains(&name.len())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_printable_and_not_empty() {
        let (longest, longer) = ("x".repeat(MAX_NAME_BYTES), "x".repeat(MAX_NAME_BYTES + 1));
        for name in ["a", "JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX", "~!", &longest] {
            assert_eq!(check_name(name), Some(name));
        }
        for name in ["", "a b", " ", "a\n", "\u{7f}", "\u{e9}", &longer] {
            assert_eq!(check_name(name), None, "{name:?}");
        }
    }
}
