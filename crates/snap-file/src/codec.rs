//! The compressions of squashfs: one block in, at most so many bytes out.

use backhand::compression::{CompressionAction as _, Compressor, DefaultCompressor};

use super::{SnapError, lzo};

/// How an image is compressed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Codec {
    /// By a library.
    Library(Compressor),
    /// LZO, by us.
    Lzo,
}

impl Codec {
    /// From the number in the superblock. `lzma` is left out: neither the kernel nor snapd reads it.
    pub(super) fn from_id(id: u16) -> Result<Codec, SnapError> {
        match id {
            1 => Ok(Codec::Library(Compressor::Gzip)),
            3 => Ok(Codec::Lzo),
            4 => Ok(Codec::Library(Compressor::Xz)),
            5 => Ok(Codec::Library(Compressor::Lz4)),
            6 => Ok(Codec::Library(Compressor::Zstd)),
            _ => Err(SnapError::Compression),
        }
    }

    /// Decompresses one block that may hold `limit` bytes at most, which is never more than 1 MiB.
    pub(super) fn decompress(self, block: &[u8], limit: usize) -> Result<Vec<u8>, SnapError> {
        let output = match self {
            Codec::Lzo => lzo::decompress(block, limit).map_err(|lzo::NotLzo| SnapError::Damaged)?,
            Codec::Library(compressor) => {
                // The library fills what is reserved, and stops at 4 MiB where it would reserve more.
                let mut output = Vec::with_capacity(limit);
                DefaultCompressor
                    .decompress(block, &mut output, compressor)
                    .map_err(|_| SnapError::Damaged)?;
                output
            }
        };
        if output.len() > limit { Err(SnapError::Damaged) } else { Ok(output) }
    }
}
