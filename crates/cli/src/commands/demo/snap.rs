//! A real snap for the demo: a squashfs image with `meta/snap.yaml`, made on the spot.

use std::io::Cursor;

use backhand::compression::Compressor;
use backhand::{FilesystemCompressor, FilesystemWriter, NodeHeader};

/// Makes a snap of this name and version.
pub fn make(name: &str, version: &str) -> anyhow::Result<Vec<u8>> {
    let yaml = format!(
        "name: {name}\nversion: '{version}'\nsummary: Says hello\ndescription: A snap for trying things out.\n\
         base: core24\nconfinement: strict\ngrade: stable\narchitectures: [amd64]\n\
         apps:\n  {name}:\n    command: bin/hello\n"
    );
    let file = NodeHeader { permissions: 0o644, ..NodeHeader::default() };
    let program = NodeHeader { permissions: 0o755, ..NodeHeader::default() };
    let mut image = FilesystemWriter::default();
    image.set_compressor(FilesystemCompressor::new(Compressor::Xz, None)?);
    image.push_dir("meta", program)?;
    image.push_dir("bin", program)?;
    image.push_file(Cursor::new(yaml), "meta/snap.yaml", file)?;
    image.push_file(Cursor::new("#!/bin/sh\necho Hello, macaroon\n"), "bin/hello", program)?;
    let mut bytes = Cursor::new(Vec::new());
    image.write(&mut bytes)?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_it_makes_is_a_snap() {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&path, super::make("hello-macaroon", "1.0").unwrap()).unwrap();
        let meta = snap_file::read(path.path()).unwrap();
        assert_eq!((meta.name.as_str(), meta.version.as_str()), ("hello-macaroon", "1.0"));
    }
}
