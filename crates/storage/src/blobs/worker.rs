//! Work on one buffer after another, beside whoever fills them: on a thread that may block while there are full ones, and
//! on none while there are none, so that a slow sender holds up no thread.
//!
//! Several workers share each buffer. It is filled anew once the last of them is done with it, which is what bounds memory
//! and holds up a sender that is faster than they are.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinHandle, spawn_blocking};

/// Buffers of a fixed size and number.
#[derive(Debug)]
pub(super) struct Buffers {
    spare: Receiver<Vec<u8>>,
    home: Sender<Vec<u8>>,
}

/// A full buffer, which goes home when it is dropped.
#[derive(Debug)]
pub(super) struct Full {
    bytes: Vec<u8>,
    home: Sender<Vec<u8>>,
}

impl Buffers {
    /// So many, of which none takes memory before it is used.
    pub(super) fn new(count: usize) -> Buffers {
        let (home, spare) = channel(count);
        for _ in 0..count {
            // There is room for all of them.
            drop(home.try_send(Vec::new()));
        }
        Buffers { spare, home }
    }

    /// An empty one, once there is one.
    pub(super) async fn spare(&mut self) -> Vec<u8> {
        // We hold a sender ourselves, so the channel does not end.
        self.spare.recv().await.unwrap_or_default()
    }

    /// What is full, to be shared between workers.
    pub(super) fn full(&self, bytes: Vec<u8>) -> Arc<Full> {
        Arc::new(Full { bytes, home: self.home.clone() })
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        // Where nobody waits for it any more, it is freed.
        drop(self.home.try_send(bytes));
    }
}

/// Does the same with one buffer after another, in their order; `S` is what it does it to.
#[derive(Debug)]
pub(super) struct Worker<S> {
    work: fn(&mut S, &[u8]) -> io::Result<()>,
    state: WorkerState<S>,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Debug)]
enum WorkerState<S> {
    /// No thread works.
    Resting(S),
    /// A thread works, or has ended and nobody looked yet.
    Working(JoinHandle<io::Result<S>>),
    /// It failed, and that was told.
    Lost,
}

#[derive(Debug, Default)]
struct Queue {
    full: VecDeque<Arc<Full>>,
    /// Whether a thread is going to look here again.
    watched: bool,
}

impl<S: Send + 'static> Worker<S> {
    pub(super) fn new(state: S, work: fn(&mut S, &[u8]) -> io::Result<()>) -> Worker<S> {
        Worker { work, state: WorkerState::Resting(state), queue: Arc::default() }
    }

    /// Leaves a buffer to the worker. Fails with what an earlier one failed with.
    pub(super) async fn push(&mut self, full: Arc<Full>) -> io::Result<()> {
        {
            let mut queue = lock(&self.queue);
            queue.full.push_back(full);
            if std::mem::replace(&mut queue.watched, true) {
                return Ok(());
            }
        }
        let state = self.rest().await?;
        let (work, queue) = (self.work, self.queue.clone());
        self.state = WorkerState::Working(spawn_blocking(move || run(state, work, &queue)));
        Ok(())
    }

    /// Waits until nothing is left to do.
    pub(super) async fn finish(mut self) -> io::Result<S> {
        self.rest().await
    }

    async fn rest(&mut self) -> io::Result<S> {
        match std::mem::replace(&mut self.state, WorkerState::Lost) {
            WorkerState::Resting(state) => Ok(state),
            WorkerState::Working(thread) => thread.await.map_err(io::Error::other)?,
            WorkerState::Lost => Err(ErrorKind::BrokenPipe.into()),
        }
    }
}

/// Works until the queue is empty.
fn run<S>(mut state: S, work: fn(&mut S, &[u8]) -> io::Result<()>, queue: &Mutex<Queue>) -> io::Result<S> {
    let abandoned = Abandoned(queue);
    while let Some(full) = next(queue) {
        work(&mut state, &full.bytes)?;
    }
    std::mem::forget(abandoned);
    Ok(state)
}

/// The next full buffer; without one, whoever brings the next starts a thread for it.
fn next(queue: &Mutex<Queue>) -> Option<Arc<Full>> {
    let mut queue = lock(queue);
    let full = queue.full.pop_front();
    queue.watched = full.is_some();
    full
}

/// Sends what is left home where the work has failed, so that nobody waits for a buffer in vain.
struct Abandoned<'a>(&'a Mutex<Queue>);

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        *lock(self.0) = Queue::default();
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(sum: &mut Vec<u8>, bytes: &[u8]) -> io::Result<()> {
        if bytes == b"bad" {
            return Err(ErrorKind::StorageFull.into());
        }
        sum.extend_from_slice(bytes);
        Ok(())
    }

    #[tokio::test]
    async fn workers_see_every_buffer_in_its_order() {
        let mut buffers = Buffers::new(3);
        let mut workers = [Worker::new(Vec::new(), add), Worker::new(Vec::new(), add)];
        let mut expected = Vec::new();
        for number in 0..1000_u32 {
            let mut bytes = buffers.spare().await;
            assert!(bytes.is_empty());
            bytes.extend_from_slice(&number.to_le_bytes());
            expected.extend_from_slice(&bytes);
            let full = buffers.full(bytes);
            for worker in &mut workers {
                worker.push(full.clone()).await.unwrap();
            }
        }
        for worker in workers {
            assert_eq!(worker.finish().await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_failure_is_told_and_leaves_no_buffer_behind() {
        let mut buffers = Buffers::new(2);
        let mut worker = Worker::new(Vec::new(), add);
        let mut told = None;
        for _ in 0..100 {
            let mut bytes = buffers.spare().await;
            bytes.extend_from_slice(b"bad");
            let full = buffers.full(bytes);
            if let Err(error) = worker.push(full).await {
                told = Some(error.kind());
                break;
            }
        }
        assert_eq!(told, Some(ErrorKind::StorageFull));
        assert_eq!(worker.finish().await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        for _ in 0..2 {
            buffers.spare().await;
        }
    }
}
