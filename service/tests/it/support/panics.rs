//! Panics of any thread, seen and remembered: the service must have none, whatever it is sent.

use std::sync::{Mutex, Once};

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
static WATCHING: Once = Once::new();

/// Remembers panics from now on.
pub(crate) fn watch() {
    WATCHING.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // A test that fails panics too, and says so by itself.
            let of_a_test = panic.location().is_some_and(|place| place.file().starts_with("service/tests/"));
            if !of_a_test {
                SEEN.lock().unwrap().push(panic.to_string());
            }
            usual(panic);
        }));
    });
}

/// Fails if any thread of a service has panicked since.
pub(crate) fn none() {
    let seen = SEEN.lock().unwrap();
    assert!(seen.is_empty(), "{seen:#?}");
}
