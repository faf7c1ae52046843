//! How many bytes were looked at, counted in tests alone: the proof that no input makes the work grow faster than
//! itself.

#[cfg(test)]
std::thread_local! {
    static DONE: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts bytes that were looked at.
#[inline]
pub(super) fn done(bytes: usize) {
    #[cfg(test)]
    DONE.with(|done| done.set(done.get() + bytes as u64));
    #[cfg(not(test))]
    let _ = bytes;
}

/// What was counted in this thread since the last call.
#[cfg(test)]
pub(super) fn take() -> u64 {
    DONE.with(std::cell::Cell::take)
}
