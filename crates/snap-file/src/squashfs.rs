//! One file out of a squashfs 4.0 image: from the superblock down a path, a directory at a time, then its blocks.
//!
//! Nothing is read that does not lie on the way, nothing recurs, and each step has a bound, so that an image of 4 GiB
//! costs as little as one of 4 KiB. Numbers are little-endian. Format: the kernel's `fs/squashfs/squashfs_fs.h`.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use super::SnapError;
use super::codec::Codec;

/// The most bytes that one metadata block holds.
const METADATA: usize = 8192;
/// The most bytes of one directory that are searched: some 50,000 entries.
const MAX_DIRECTORY: u32 = 1024 * 1024;
/// The fragment number of a file without one.
const NO_FRAGMENT: u32 = u32::MAX;

/// An open image.
#[derive(Debug)]
pub(super) struct Image<R> {
    file: R,
    codec: Codec,
    block_size: u32,
    inodes: u64,
    directories: u64,
    fragments: u64,
    root: InodeRef,
}

/// Where an inode is: its metadata block, counted from the start of the inode table, and the place in it.
#[derive(Debug, Clone, Copy)]
struct InodeRef {
    block: u64,
    offset: u16,
}

/// What an inode is, as far as it matters on the way to a file.
enum Inode {
    Directory { block: u32, offset: u16, size: u32 },
    File(FileInode),
    Other,
}

struct FileInode {
    start: u64,
    size: u64,
    fragment: u32,
    offset: u32,
    blocks: Vec<u32>,
}

impl<R: Read + Seek> Image<R> {
    /// Reads the superblock.
    pub(super) fn open(file: R) -> Result<Image<R>, SnapError> {
        let mut image = Image {
            file,
            codec: Codec::Lzo,
            block_size: 0,
            inodes: 0,
            directories: 0,
            fragments: 0,
            root: InodeRef { block: 0, offset: 0 },
        };
        let superblock = image.bytes(0, 96).map_err(|error| match error {
            SnapError::Damaged => SnapError::NotSquashfs,
            other => other,
        })?;
        let mut fields = Fields(&superblock);
        let magic = fields.u32()?;
        let _inode_count = fields.u32()?;
        let _modified = fields.u32()?;
        image.block_size = fields.u32()?;
        let _fragment_count = fields.u32()?;
        let codec = fields.u16()?;
        let [_block_log, _flags, _id_count, major, _minor] =
            [fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?];
        if magic != u32::from_le_bytes(*b"hsqs") || major != 4 {
            return Err(SnapError::NotSquashfs);
        }
        image.root = InodeRef::from_packed(fields.u64()?);
        let [bytes_used, _ids, _xattrs] = [fields.u64()?, fields.u64()?, fields.u64()?];
        [image.inodes, image.directories, image.fragments] = [fields.u64()?, fields.u64()?, fields.u64()?];
        if !image.block_size.is_power_of_two() || !(4096..=1024 * 1024).contains(&image.block_size) {
            return Err(SnapError::Damaged);
        }
        if image.file.seek(SeekFrom::End(0)).map_err(SnapError::Unreadable)? < bytes_used {
            return Err(SnapError::Damaged);
        }
        image.codec = Codec::from_id(codec)?;
        Ok(image)
    }

    /// The content of the regular file at `path`, if it has `limit` bytes at most. Symbolic links are not followed.
    pub(super) fn read_file(&mut self, path: &[&str], limit: u64) -> Result<Vec<u8>, SnapError> {
        let mut place = self.root;
        for name in path {
            let Inode::Directory { block, offset, size } = self.inode(place)? else {
                return Err(SnapError::NoSnapYaml);
            };
            place = self.entry(block, offset, size, name)?.ok_or(SnapError::NoSnapYaml)?;
        }
        match self.inode(place)? {
            Inode::File(file) if file.size > limit => Err(SnapError::SnapYamlTooLarge),
            Inode::File(file) => self.content(&file),
            Inode::Directory { .. } | Inode::Other => Err(SnapError::NoSnapYaml),
        }
    }

    fn inode(&mut self, place: InodeRef) -> Result<Inode, SnapError> {
        // The longest inode looked at whole is that of a file with 256 blocks (1 MiB in blocks of 4 KiB).
        let bytes = self.metadata(self.inodes, place.block, place.offset, 2048)?;
        let mut fields = Fields(&bytes);
        let kind = fields.u16()?;
        fields.skip(14)?;
        match kind {
            1 => {
                let (block, _links) = (fields.u32()?, fields.u32()?);
                let (size, offset) = (fields.u16()?, fields.u16()?);
                Ok(Inode::Directory { block, offset, size: size.into() })
            }
            8 => {
                let (_links, size, block, _parent) =
                    (fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?);
                let (_indexes, offset) = (fields.u16()?, fields.u16()?);
                Ok(Inode::Directory { block, offset, size })
            }
            2 => {
                let (start, fragment, offset) = (fields.u32()?, fields.u32()?, fields.u32()?);
                let size = fields.u32()?;
                self.file(fields, start.into(), size.into(), fragment, offset)
            }
            9 => {
                let (start, size, _sparse, _links) =
                    (fields.u64()?, fields.u64()?, fields.u64()?, fields.u32()?);
                let (fragment, offset, _xattrs) = (fields.u32()?, fields.u32()?, fields.u32()?);
                self.file(fields, start, size, fragment, offset)
            }
            _ => Ok(Inode::Other),
        }
    }

    fn file(
        &self,
        mut fields: Fields<'_>,
        start: u64,
        size: u64,
        fragment: u32,
        offset: u32,
    ) -> Result<Inode, SnapError> {
        let block_size = u64::from(self.block_size);
        let count = if fragment == NO_FRAGMENT { size.div_ceil(block_size) } else { size / block_size };
        // Of a file that is too large anyway, the list is cut off; its size is refused before it is used.
        let blocks = (0..count.min(256)).map(|_| fields.u32()).collect::<Result<_, _>>()?;
        Ok(Inode::File(FileInode { start, size, fragment, offset, blocks }))
    }

    /// Looks a name up in a directory.
    fn entry(
        &mut self,
        block: u32,
        offset: u16,
        size: u32,
        name: &str,
    ) -> Result<Option<InodeRef>, SnapError> {
        // The size in the inode counts "." and "..", three bytes, which are not written.
        let size = size.saturating_sub(3);
        if size > MAX_DIRECTORY {
            return Err(SnapError::Damaged);
        }
        let size = usize::try_from(size).map_err(|_| SnapError::Damaged)?;
        let bytes = self.metadata(self.directories, block.into(), offset, size)?;
        if bytes.len() < size {
            return Err(SnapError::Damaged);
        }
        let mut fields = Fields(&bytes);
        while !fields.0.is_empty() {
            let (count, block, _number) = (fields.u32()?, fields.u32()?, fields.u32()?);
            for _ in 0..=count.min(255) {
                let (offset, _number, _kind) = (fields.u16()?, fields.u16()?, fields.u16()?);
                let length = usize::from(fields.u16()?) + 1;
                if fields.take(length)? == name.as_bytes() {
                    return Ok(Some(InodeRef { block: block.into(), offset }));
                }
            }
        }
        Ok(None)
    }

    fn content(&mut self, file: &FileInode) -> Result<Vec<u8>, SnapError> {
        let size = usize::try_from(file.size).map_err(|_| SnapError::SnapYamlTooLarge)?;
        let block_size = usize::try_from(self.block_size).map_err(|_| SnapError::Damaged)?;
        let mut content = Vec::with_capacity(size);
        let mut place = file.start;
        for block in &file.blocks {
            let wanted = block_size.min(size - content.len());
            let (data, length) = self.data(place, *block)?;
            // A block without bytes is a hole.
            let data = if length == 0 { vec![0; wanted] } else { data };
            content.extend_from_slice(data.get(..wanted).ok_or(SnapError::Damaged)?);
            place = place.checked_add(length).ok_or(SnapError::Damaged)?;
        }
        if content.len() < size {
            let start = usize::try_from(file.offset).map_err(|_| SnapError::Damaged)?;
            let end = start.checked_add(size - content.len()).ok_or(SnapError::Damaged)?;
            let fragment = self.fragment(file.fragment)?;
            content.extend_from_slice(fragment.get(start..end).ok_or(SnapError::Damaged)?);
        }
        Ok(content)
    }

    /// The block in which the tails of several files lie.
    fn fragment(&mut self, number: u32) -> Result<Vec<u8>, SnapError> {
        let place = u64::from(number / 512) * 8;
        let place = self.fragments.checked_add(place).ok_or(SnapError::Damaged)?;
        let block = Fields(&self.bytes(place, 8)?).u64()?;
        let offset = u16::try_from(number % 512 * 16).map_err(|_| SnapError::Damaged)?;
        let bytes = self.metadata(block, 0, offset, 16)?;
        let mut fields = Fields(&bytes);
        let (start, size) = (fields.u64()?, fields.u32()?);
        Ok(self.data(start, size)?.0)
    }

    /// A data block, and how many bytes it takes in the image. Bit 24 of `size` says that it is stored as it is.
    fn data(&mut self, place: u64, size: u32) -> Result<(Vec<u8>, u64), SnapError> {
        let length = size & 0x00ff_ffff;
        if length > self.block_size {
            return Err(SnapError::Damaged);
        }
        let limit = usize::try_from(self.block_size).map_err(|_| SnapError::Damaged)?;
        let bytes = self.bytes(place, length)?;
        let stored = size & 0x0100_0000 != 0 || length == 0;
        let data = if stored { bytes } else { self.codec.decompress(&bytes, limit)? };
        Ok((data, length.into()))
    }

    /// Up to `size` bytes of a table's content, from `offset` in its block at `block` on; fewer where the table ends.
    fn metadata(&mut self, table: u64, block: u64, offset: u16, size: usize) -> Result<Vec<u8>, SnapError> {
        let mut place = table.checked_add(block).ok_or(SnapError::Damaged)?;
        let end = usize::from(offset) + size;
        let mut content = Vec::new();
        while content.len() < end {
            let (bytes, next) = match self.metadata_block(place) {
                Ok(found) => found,
                // The first must be there; what follows may be another table, read ahead in vain.
                Err(SnapError::Damaged) if content.len() > usize::from(offset) => break,
                Err(error) => return Err(error),
            };
            content.extend_from_slice(&bytes);
            place = next;
            // Every block of a table but its last is full.
            if bytes.len() < METADATA {
                break;
            }
        }
        content.truncate(end);
        content.drain(..usize::from(offset).min(content.len()));
        Ok(content)
    }

    /// One metadata block, and where the next begins.
    fn metadata_block(&mut self, place: u64) -> Result<(Vec<u8>, u64), SnapError> {
        let header = Fields(&self.bytes(place, 2)?).u16()?;
        let length = header & 0x7fff;
        if length == 0 || usize::from(length) > METADATA {
            return Err(SnapError::Damaged);
        }
        let start = place.checked_add(2).ok_or(SnapError::Damaged)?;
        let bytes = self.bytes(start, length.into())?;
        let content = if header & 0x8000 == 0 { self.codec.decompress(&bytes, METADATA)? } else { bytes };
        if content.is_empty() {
            return Err(SnapError::Damaged);
        }
        Ok((content, start.checked_add(length.into()).ok_or(SnapError::Damaged)?))
    }

    /// `length` bytes of the image; an image that ends before them is damaged.
    fn bytes(&mut self, place: u64, length: u32) -> Result<Vec<u8>, SnapError> {
        let unreadable = |error: std::io::Error| match error.kind() {
            ErrorKind::UnexpectedEof | ErrorKind::InvalidInput => SnapError::Damaged,
            _ => SnapError::Unreadable(error),
        };
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| SnapError::Damaged)?];
        self.file.seek(SeekFrom::Start(place)).map_err(unreadable)?;
        self.file.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }
}

impl InodeRef {
    fn from_packed(packed: u64) -> InodeRef {
        let [low, high, ..] = packed.to_le_bytes();
        InodeRef { block: packed >> 16, offset: u16::from_le_bytes([low, high]) }
    }
}

/// Fields one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], SnapError> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or(SnapError::Damaged)?;
        self.0 = rest;
        Ok(*field)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], SnapError> {
        let (field, rest) = self.0.split_at_checked(length).ok_or(SnapError::Damaged)?;
        self.0 = rest;
        Ok(field)
    }

    fn skip(&mut self, length: usize) -> Result<(), SnapError> {
        self.take(length).map(|_| ())
    }

    fn u16(&mut self) -> Result<u16, SnapError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, SnapError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, SnapError> {
        self.array().map(u64::from_le_bytes)
    }
}
