//! Real snap files, made by `mksquashfs` as snapcraft makes them.

use std::path::Path;
use std::process::{Command, Stdio};

use sha3::{Digest as _, Sha3_384};

/// What a snap says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snap<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// More lines of its `meta/snap.yaml`.
    pub(crate) more: &'a str,
    /// How it is compressed, as `mksquashfs -comp` has it.
    pub(crate) compression: &'a str,
}

/// The file of an ordinary snap.
pub(crate) fn snap(name: &str, version: &str) -> Vec<u8> {
    Snap { name, version, more: "architectures: [amd64]\n", compression: "xz" }.file()
}

impl Snap<'_> {
    pub(crate) fn file(self) -> Vec<u8> {
        let Snap { name, version, more, compression } = self;
        let yaml = format!("name: {name}\nversion: '{version}'\nsummary: Says hello\nbase: core24\n{more}");
        image(&[("meta/snap.yaml", yaml.as_bytes()), ("bin/hello", b"#!/bin/sh\necho hello\n")], compression)
    }
}

/// A squashfs image of these files.
///
/// # Panics
/// If `mksquashfs` is missing: a test that needs it must not pass without it.
pub(crate) fn image(files: &[(&str, &[u8])], compression: &str) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let (tree, file) = (directory.path().join("tree"), directory.path().join("image"));
    std::fs::create_dir(&tree).unwrap();
    for (path, content) in files {
        let path = tree.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    make(&tree, &file, compression);
    std::fs::read(file).unwrap()
}

/// SHA3-384 of a file, in hexadecimal, reckoned here and not by the service.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha3_384::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn make(tree: &Path, file: &Path, compression: &str) {
    let made = Command::new("mksquashfs")
        .args([tree, file])
        .args(["-noappend", "-no-xattrs", "-no-fragments", "-no-progress", "-comp", compression])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .expect("mksquashfs is needed and was not found: install squashfs-tools");
    assert!(made.status.success(), "mksquashfs: {}", String::from_utf8_lossy(&made.stderr));
}
