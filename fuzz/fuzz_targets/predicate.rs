//! Owns the laws of the caveat language: no caveat panics, and what is understood is written as something that is
//! understood in the same way.
#![no_main]

use caveats::{Channel, ChannelPattern, Predicate};
use libfuzzer_sys::fuzz_target;

const LOCATION: &str = "s";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(predicate) = Predicate::parse(bytes, LOCATION) {
        let written = predicate.encode(LOCATION);
        let again = Predicate::parse(written.as_bytes(), LOCATION).expect("was written by us");
        assert_eq!(again, predicate);
        assert_eq!(again.encode(LOCATION), written);
        if let Predicate::Channels(patterns) = predicate {
            for pattern in &patterns {
                matches_somehow(pattern, "latest/edge/a.b-c");
            }
        }
    }
    if let Some((pattern, channel)) = std::str::from_utf8(bytes).ok().and_then(|text| text.split_once('\n')) {
        matches_somehow(pattern, channel);
    }
});

/// That it ends is the point; and a name without wildcards allows itself.
fn matches_somehow(pattern: &str, channel: &str) {
    let (Ok(pattern_), Ok(channel_)) = (ChannelPattern::new(pattern), channel.parse::<Channel>()) else {
        return;
    };
    let matches = pattern_.matches(&channel_);
    let written: Channel = channel_.to_string().parse().expect("a channel's full name is a channel");
    assert_eq!(written, channel_);
    assert_eq!(pattern_.matches(&written), matches);
    if pattern == channel && !pattern.contains(['*', '?', '[']) {
        assert!(matches);
    }
}
