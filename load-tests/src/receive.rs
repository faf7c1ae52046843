//! What does receiving a file cost beside its hash alone? By turns: SHA3-384 over memory, the blob store's receiving, and
//! `POST /unscanned-upload/`. And how much memory does the service take while it receives a large file?

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::Value;
use sha3::{Digest as _, Sha3_384};
use storage::blobs::Blobs;

use crate::report::{Times, say};
use crate::service::Service;

const MIB: u64 = 1024 * 1024;
/// What a server hands on at once, about.
const PIECE: usize = 64 * 1024;
/// What is sent again and again; larger than a cache.
const BLOCK: usize = 64 << 20;
/// The promise.
const MEMORY_MIB: u64 = 32;
const BOUNDARY: &str = "boundary-of-the-load-tests";

/// Compare receiving a file with hashing it, and watch the memory of the service meanwhile.
#[derive(Debug, Args)]
pub(crate) struct Receive {
    /// How large the files are that are timed, in MiB.
    #[arg(long, default_value_t = 512)]
    size: u64,
    /// How many rounds of all three, which take turns, so that all meet the same noise.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How large the file is whose memory is watched, in MiB.
    #[arg(long, default_value_t = 4096)]
    large: u64,
}

/// One way to take a file in: as a whole, and what of it came after its last byte.
#[derive(Debug, Default)]
struct Way {
    whole: Times,
    end: Times,
}

impl Receive {
    pub(crate) async fn ask(&self, service: &Service) -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        self.room(directory.path())?;
        let blobs = Blobs::open(directory.path())?;
        let block: Vec<u8> =
            (0..BLOCK).map(|at| (at.wrapping_mul(0x9e37_79b9) >> 13).to_le_bytes()[0]).collect();
        let block = Arc::new(block);
        // First, when the service has not yet taken what any upload makes it take.
        self.memory(service, &block).await?;
        let (mut plain, mut stored, mut posted) = (Times::default(), Way::default(), Way::default());
        for _ in 0..self.rounds {
            plain.add(hash(&block, self.size));
            store(&blobs, &block, self.size, &mut stored).await?;
            post(service, &block, self.size, &mut posted).await?;
        }
        say(format_args!("{} files of {} MiB each way, by turns:", self.rounds, self.size))?;
        say(format_args!("SHA3-384 over memory:        {}", self.speed(&plain)))?;
        for (name, way) in
            [("received by the blob store: ", &stored), ("POST /unscanned-upload/:    ", &posted)]
        {
            let ratio = |percent| plain.percentile(percent) / way.whole.percentile(percent);
            say(format_args!(
                "{name} {}; {:.2} of plain SHA3-384 at the median, {:.2} at the fastest; after the last byte {}",
                self.speed(&way.whole),
                ratio(50),
                ratio(0),
                way.end.summary()
            ))?;
        }
        Ok(())
    }

    /// Sends one large file, and fails if the service takes more memory for it than is promised.
    async fn memory(&self, service: &Service, block: &Arc<Vec<u8>>) -> anyhow::Result<()> {
        let process = service.process()?;
        // From here on the most it ever has counts.
        fs::write(process.join("clear_refs"), "5").context("the peak of the memory cannot be reset")?;
        let before = kib(&process, "VmRSS")?;
        let mut way = Way::default();
        post(service, block, self.large, &mut way).await?;
        let most = kib(&process, "VmHWM")?;
        let rise = most.saturating_sub(before);
        say(format_args!(
            "a file of {} MiB: {}; resident memory of the service before {:.1} MiB, at most {:.1} MiB: a rise of {:.1} MiB",
            self.large,
            rate(self.large, way.whole.percentile(50)),
            mib(before),
            mib(most),
            mib(rise)
        ))?;
        ensure!(rise < MEMORY_MIB * 1024, "the service took more than {MEMORY_MIB} MiB for one upload");
        Ok(())
    }

    fn speed(&self, times: &Times) -> String {
        rate(self.size, times.percentile(50))
    }

    /// Everything that is posted stays until the service is stopped.
    fn room(&self, directory: &Path) -> anyhow::Result<()> {
        let needed = self.large + self.size * (u64::try_from(self.rounds)? + 1) + 1024;
        let output = Command::new("df").args(["-Pm"]).arg(directory).output().context("df does not start")?;
        let text = String::from_utf8(output.stdout)?;
        let free = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3));
        let free: u64 = free.context("df does not say how much is free")?.parse()?;
        ensure!(free > needed, "{needed} MiB are needed at {}, and {free} are free", directory.display());
        Ok(())
    }
}

/// The floor: nothing but the hash.
fn hash(block: &[u8], size: u64) -> Duration {
    let began = Instant::now();
    let mut hash = Sha3_384::new();
    for piece in pieces(block, size) {
        hash.update(piece);
    }
    std::hint::black_box(hash.finalize());
    began.elapsed()
}

/// What the service does with the bytes, without HTTP.
async fn store(blobs: &Blobs, block: &[u8], size: u64, way: &mut Way) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut incoming = blobs.begin(u64::MAX).await?;
    for piece in pieces(block, size) {
        incoming.write(piece).await?;
    }
    let last = Instant::now();
    let whole = incoming.finish().await?;
    way.whole.add(began.elapsed());
    way.end.add(last.elapsed());
    ensure!(whole.size == size * MIB, "{} bytes were stored", whole.size);
    Ok(())
}

/// The whole request, over loopback: client and server share this machine.
async fn post(service: &Service, block: &Arc<Vec<u8>>, size: u64, way: &mut Way) -> anyhow::Result<()> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"binary\"; filename=\"load.snap\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    let length = size * MIB + u64::try_from(head.len() + end.len())?;
    let last = Arc::new(Mutex::new(None));
    let body = {
        let (block, last) = (block.clone(), last.clone());
        let count = usize::try_from(size * MIB)? / PIECE;
        let file = (0..count).map(move |number| {
            if number + 1 == count {
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
            piece(&block, number).to_vec()
        });
        let whole = std::iter::once(head.into_bytes()).chain(file).chain(std::iter::once(end.into_bytes()));
        reqwest::Body::wrap_stream(futures_util::stream::iter(whole.map(Ok::<_, std::io::Error>)))
    };
    let began = Instant::now();
    let request = service.http.post(service.url("/unscanned-upload/")).body(body);
    let request = request.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
    let answer = request.header("Content-Length", length).send().await?;
    let status = answer.status();
    let answer: Value = answer.json().await?;
    ensure!(status.is_success(), "the upload was answered with {status}: {answer}");
    way.whole.add(began.elapsed());
    let last = last.lock().unwrap_or_else(PoisonError::into_inner).context("nothing was sent")?;
    way.end.add(last.elapsed());
    Ok(())
}

fn pieces(block: &[u8], size: u64) -> impl Iterator<Item = &[u8]> {
    let count = usize::try_from(size * MIB).unwrap_or(usize::MAX) / PIECE;
    (0..count).map(|number| piece(block, number))
}

fn piece(block: &[u8], number: usize) -> &[u8] {
    let at = number % (BLOCK / PIECE) * PIECE;
    block.get(at..at + PIECE).unwrap_or_default()
}

/// A line of `/proc/ID/status`.
fn kib(process: &Path, name: &str) -> anyhow::Result<u64> {
    let text = fs::read_to_string(process.join("status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.with_context(|| format!("the process has no {name}"))?.parse()?)
}

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
}

fn rate(mib: u64, milliseconds: f64) -> String {
    let bytes = f64::from(u32::try_from(mib).unwrap_or(u32::MAX)) * 1.048_576;
    format!("{:.0} MB/s", bytes / (milliseconds / 1000.0))
}
