//! Owns the laws of snap files: no bytes panic, an image in memory can always be read, no part of it is gone through more often
//! than there are tables on the way, and what is read of it is within its limits.
#![no_main]

use std::io::{Cursor, Read, Result, Seek, SeekFrom};

use libfuzzer_sys::fuzz_target;
use snap_file::SnapError;

fuzz_target!(|bytes: &[u8]| {
    let mut image = Counted { image: Cursor::new(bytes), read: 0 };
    match snap_file::read_image(&mut image) {
        Ok(meta) => {
            assert!((1..=40).contains(&meta.name.as_str().len()));
            assert!((1..=32).contains(&meta.version.len()));
            assert!(["strict", "classic", "devmode"].contains(&meta.confinement.as_str()));
            assert!(["stable", "devel"].contains(&meta.grade.as_str()));
            assert!((1..=32).contains(&meta.architectures.len()));
            assert!(meta.base.iter().chain(&meta.architectures).all(|word| (1..=40).contains(&word.len())));
        }
        Err(SnapError::Unreadable(error)) => panic!("{error}"),
        Err(_) => {}
    }
    assert!(image.read <= WAYS * bytes.len(), "{} of {}", image.read, bytes.len());
});

/// The superblock, three inodes, two directories, the blocks of the file, and the index, entry and data of its fragment.
const WAYS: usize = 10;

/// An image that counts the bytes read of it.
struct Counted<'i> {
    image: Cursor<&'i [u8]>,
    read: usize,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.image.read(buffer)?;
        self.read += read;
        Ok(read)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.image.seek(to)
    }
}
