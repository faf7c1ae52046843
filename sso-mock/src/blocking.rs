//! Arithmetic that takes long, kept off the threads that serve.

/// Runs it on a thread where waiting is allowed. Needs a tokio runtime, as an actix worker is.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .expect("the work does not panic, and a runtime that ends polls nothing")
}
