//! What a macaroon costs: decode, verify, clear, mint, attenuate, scan; beside crate `macaroon`, a biscuit that says the
//! same, and the floor, which is the cryptography alone. Ends with a table.

mod biscuit;
mod crate_macaroon;
mod credential;
mod floor;
mod log_text;
mod table;

use std::hint::black_box;
use std::io;
use std::time::Duration;

use caveats::{Bundle, Channel, RootKey, Verified};
use criterion::BatchSize::SmallInput;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

use biscuit::Equivalent;
use crate_macaroon::Other;
use credential::{Credential, LOCATIONS, RAW_CAVEAT_KEY};
use floor::{ByHand, CryptoSecretbox, Floor, HmacCrate, Libsodium, Mac, Ring, SecretBox};

fn main() -> io::Result<()> {
    let folder = table::folder();
    table::clear(&folder);
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let subjects = Subjects::new();
    subjects.agree();
    subjects.pair(criterion.benchmark_group("pair"));
    subjects.decode(criterion.benchmark_group("decode"));
    subjects.verify(criterion.benchmark_group("verify"));
    subjects.clear(criterion.benchmark_group("clear"));
    subjects.mint(criterion.benchmark_group("mint"));
    subjects.attenuate(criterion.benchmark_group("attenuate"));
    scan(criterion.benchmark_group("scan"));
    criterion.final_summary();
    table::print(&folder)
}

/// One credential in every library.
struct Subjects {
    ours: Credential,
    macaroon: Other,
    biscuit: Equivalent,
    floor: Floor,
    channels: [Channel; 1],
}

impl Subjects {
    fn new() -> Self {
        let ours = Credential::new();
        Self {
            macaroon: Other::new(),
            biscuit: Equivalent::new(),
            floor: Floor::new(&ours),
            channels: ["latest/edge".parse().expect("a channel")],
            ours,
        }
    }

    /// Nothing is measured that does not do the same work.
    fn agree(&self) {
        assert_eq!(self.ours.bundle.root().caveats().len(), 6);
        floor::agree(&self.floor, &self.ours);
        self.biscuit.agree();
        self.clear_ours(black_box(&self.ours.header));
        self.macaroon_pair();
    }

    fn pair(&self, mut group: BenchmarkGroup<'_, WallTime>) {
        group.bench_function("ours", |b| b.iter(|| self.clear_ours(black_box(&self.ours.header))));
        group.bench_function("macaroon", |b| b.iter(|| self.macaroon_pair()));
        group.bench_function("biscuit", |b| {
            b.iter(|| self.biscuit.clear(&self.biscuit.verify(self.biscuit.decode())));
        });
        self.floors(&mut group);
    }

    fn decode(&self, mut group: BenchmarkGroup<'_, WallTime>) {
        let (root, discharge) = (&self.ours.root_token, &self.ours.discharge_token);
        group.bench_function("ours", |b| b.iter(|| Bundle::from_header(black_box(&self.ours.header))));
        group.bench_function("macaroon", |b| b.iter(|| crate_macaroon::decode(black_box(root), discharge)));
        group.bench_function("biscuit", |b| b.iter(|| self.biscuit.decode()));
        // No cryptography in it; what no reader can do without is base64, here into memory that is already there.
        let mut memory = [0; 2048];
        group.bench_function("floor-base64-simd", |b| {
            b.iter(|| {
                for token in [root, discharge] {
                    let out = base64_simd::Out::from_slice(&mut memory);
                    let read = base64_simd::URL_SAFE_NO_PAD.decode(black_box(token).as_bytes(), out);
                    black_box(read.expect("base64"));
                }
            });
        });
    }

    fn verify(&self, mut group: BenchmarkGroup<'_, WallTime>) {
        group.bench_function("ours", |b| {
            b.iter_batched(
                || self.ours.bundle.clone(),
                |bundle| bundle.verify(&self.ours.root_key),
                SmallInput,
            );
        });
        let (root, discharge) = crate_macaroon::decode(&self.ours.root_token, &self.ours.discharge_token);
        group.bench_function("macaroon", |b| {
            b.iter_batched(
                || discharge.clone(),
                |discharge| self.macaroon.verify(&root, discharge),
                SmallInput,
            );
        });
        let token = self.biscuit.decode();
        group.bench_function("biscuit", |b| {
            b.iter_batched(|| token.clone(), |token| self.biscuit.verify(token), SmallInput);
        });
        self.floors(&mut group);
    }

    fn clear(&self, mut group: BenchmarkGroup<'_, WallTime>) {
        let verified = self.ours.bundle.clone().verify(&self.ours.root_key).expect("genuine");
        let access = credential::access(&self.channels);
        group.bench_function("ours", |b| b.iter(|| verified.clear(&LOCATIONS, black_box(&access))));
        let token = self.biscuit.verify(self.biscuit.decode());
        group.bench_function("biscuit", |b| b.iter(|| self.biscuit.clear(black_box(&token))));
    }

    fn mint(&self, mut group: BenchmarkGroup<'_, WallTime>) {
        let caveats = credential::root_caveats();
        let (caveat_id, caveat_key) = (credential::caveat_id(), RootKey::derive(RAW_CAVEAT_KEY));
        group.bench_function("ours", |b| {
            b.iter(|| credential::mint(&self.ours.root_key, &caveat_key, black_box(&caveat_id), &caveats));
        });
        group.bench_function("macaroon", |b| b.iter(|| self.macaroon.mint(black_box(&caveat_id), &caveats)));
        group.bench_function("biscuit", |b| b.iter(|| self.biscuit.mint()));
        mint_floor::<ByHand, Libsodium>(&self.floor, &mut group);
        mint_floor::<ByHand, CryptoSecretbox>(&self.floor, &mut group);
        mint_floor::<HmacCrate, Libsodium>(&self.floor, &mut group);
        mint_floor::<HmacCrate, CryptoSecretbox>(&self.floor, &mut group);
        mint_floor::<Ring, Libsodium>(&self.floor, &mut group);
        mint_floor::<Ring, CryptoSecretbox>(&self.floor, &mut group);
    }

    fn attenuate(&self, mut group: BenchmarkGroup<'_, WallTime>) {
        let caveat = credential::another_caveat();
        group.bench_function("ours", |b| {
            let root = || self.ours.bundle.root().clone();
            b.iter_batched_ref(root, |root| root.attenuate(black_box(&caveat)), SmallInput);
        });
        let (root, _) = crate_macaroon::decode(&self.ours.root_token, &self.ours.discharge_token);
        group.bench_function("macaroon", |b| {
            let add = |root: &mut ::macaroon::Macaroon| {
                root.add_first_party_caveat(black_box(caveat.as_str()).into());
            };
            b.iter_batched_ref(|| root.clone(), add, SmallInput);
        });
        let token = self.biscuit.mint();
        group.bench_function("biscuit", |b| b.iter(|| self.biscuit.attenuate(black_box(&token))));
        attenuate_floor::<ByHand>(&caveat, &mut group);
        attenuate_floor::<HmacCrate>(&caveat, &mut group);
        attenuate_floor::<Ring>(&caveat, &mut group);
    }

    fn clear_ours(&self, header: &str) -> Verified {
        let bundle = Bundle::from_header(header).expect("well formed");
        let verified = bundle.verify(&self.ours.root_key).expect("genuine");
        black_box(verified.clear(&LOCATIONS, &credential::access(&self.channels)).expect("allowed"));
        verified
    }

    fn macaroon_pair(&self) {
        let (root, discharge) =
            crate_macaroon::decode(black_box(&self.ours.root_token), &self.ours.discharge_token);
        self.macaroon.verify(&root, discharge);
    }

    fn floors(&self, group: &mut BenchmarkGroup<'_, WallTime>) {
        verify_floor::<ByHand, Libsodium>(&self.floor, group);
        verify_floor::<ByHand, CryptoSecretbox>(&self.floor, group);
        verify_floor::<HmacCrate, Libsodium>(&self.floor, group);
        verify_floor::<HmacCrate, CryptoSecretbox>(&self.floor, group);
        verify_floor::<Ring, Libsodium>(&self.floor, group);
        verify_floor::<Ring, CryptoSecretbox>(&self.floor, group);
    }
}

fn verify_floor<M: Mac, B: SecretBox>(floor: &Floor, group: &mut BenchmarkGroup<'_, WallTime>) {
    let name = format!("floor-{}-{}", M::NAME, B::NAME);
    group.bench_function(name, |b| b.iter(|| black_box(floor).verify::<M, B>()));
}

fn mint_floor<M: Mac, B: SecretBox>(floor: &Floor, group: &mut BenchmarkGroup<'_, WallTime>) {
    let name = format!("floor-{}-{}", M::NAME, B::NAME);
    group.bench_function(name, |b| b.iter(|| black_box(floor).mint::<M, B>()));
}

fn attenuate_floor<M: Mac>(caveat: &str, group: &mut BenchmarkGroup<'_, WallTime>) {
    let name = format!("floor-{}", M::NAME);
    group.bench_function(name, |b| b.iter(|| M::mac(black_box(&[7; 32]), black_box(caveat.as_bytes()))));
}

/// Text in which there is nothing to find. The floor is to look at every byte once: `memchr`, for one that never occurs.
fn scan(mut group: BenchmarkGroup<'_, WallTime>) {
    let text = log_text::of_length(8 << 20);
    assert!(!text.as_bytes().contains(&0));
    group.throughput(Throughput::Bytes(text.len() as u64));
    let scan = |text: &str| caveats::scan::find(text.as_bytes()).len();
    assert_eq!(scan(&text), 0, "the log holds no credential");
    group.bench_function("ours", |b| b.iter(|| scan(black_box(&text))));
    group.bench_function("floor-memchr", |b| b.iter(|| memchr::memchr(0, black_box(text.as_bytes()))));
}
