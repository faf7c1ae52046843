//! Names that a caveat lists and that are compared for equality: snap ids, session ids, permission names.

use crate::limits::MAX_NAME_BYTES;

/// The name itself, if it can be one: not empty, at most [`MAX_NAME_BYTES`], printable ASCII without spaces.
pub(crate) fn check_name(name: &str) -> Option<&str> {
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    (plain && (1..=MAX_NAME_BYTES).contains(&name.len())).then_some(name)
}
