#![doc = include_str!("../README.md")]

mod codec;
mod lzo;
mod squashfs;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use serde::Deserialize;

use model::snap::{InvalidName, SnapMeta};

/// The most bytes that `meta/snap.yaml` may have.
pub const MAX_SNAP_YAML: u64 = 1024 * 1024;

/// A file is not a snap that can be accepted.
#[derive(Debug, thiserror::Error)]
pub enum SnapError {
    /// The file could not be read: that says nothing about it.
    #[error("the file could not be read")]
    Unreadable(#[source] io::Error),
    /// No squashfs image of version 4.
    #[error("it is not a squashfs image")]
    NotSquashfs,
    /// A squashfs image that contradicts itself, or ends too early.
    #[error("its squashfs image is damaged")]
    Damaged,
    /// Compressed in a way that snapd does not read either.
    #[error("its compression is not supported")]
    Compression,
    /// There is no such file.
    #[error("it has no meta/snap.yaml")]
    NoSnapYaml,
    /// The file is larger than [`MAX_SNAP_YAML`].
    #[error("its meta/snap.yaml is too large")]
    SnapYamlTooLarge,
    /// The file is not YAML, or a field has another type than it should, or is missing.
    #[error("its meta/snap.yaml could not be understood")]
    SnapYaml {
        /// The line, if one can be named.
        line: Option<usize>,
    },
    /// The name in it is not the name of a snap.
    #[error("the name in its meta/snap.yaml is not valid")]
    Name(#[source] InvalidName),
    /// A field has a value that it may not have.
    #[error("the field {field} in its meta/snap.yaml should {should}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is asked of it.
        should: &'static str,
    },
}

/// Reads what the snap file at `path` says of itself.
pub fn read(path: &Path) -> Result<SnapMeta, SnapError> {
    read_image(File::open(path).map_err(SnapError::Unreadable)?)
}

/// Reads what a snap file says of itself, wherever its bytes are.
pub fn read_image(image: impl Read + Seek) -> Result<SnapMeta, SnapError> {
    let yaml = squashfs::Image::open(image)?.read_file(&["meta", "snap.yaml"], MAX_SNAP_YAML)?;
    parse(&yaml)
}

#[derive(Debug, Deserialize)]
struct SnapYaml {
    name: String,
    version: String,
    base: Option<String>,
    confinement: Option<String>,
    grade: Option<String>,
    architectures: Option<Vec<String>>,
}

fn parse(yaml: &[u8]) -> Result<SnapMeta, SnapError> {
    let yaml: SnapYaml = yaml_serde::from_slice(yaml)
        .map_err(|error| SnapError::SnapYaml { line: error.location().map(|location| location.line()) })?;
    let meta = SnapMeta {
        name: yaml.name.parse().map_err(SnapError::Name)?,
        version: yaml.version,
        base: yaml.base,
        confinement: yaml.confinement.unwrap_or_else(|| "strict".to_owned()),
        grade: yaml.grade.unwrap_or_else(|| "stable".to_owned()),
        architectures: yaml
            .architectures
            .filter(|list| !list.is_empty())
            .unwrap_or_else(|| vec!["all".to_owned()]),
    };
    let refuse = |field, should| Err(SnapError::Field { field, should });
    if !is_version(&meta.version) {
        return refuse(
            "version",
            "have at most 32 letters, digits or any of :.+~-, and start with a letter or digit",
        );
    }
    if !["strict", "classic", "devmode"].contains(&meta.confinement.as_str()) {
        return refuse("confinement", "be strict, classic or devmode");
    }
    if !["stable", "devel"].contains(&meta.grade.as_str()) {
        return refuse("grade", "be stable or devel");
    }
    if !meta.base.iter().all(|base| is_word(base)) {
        return refuse("base", "be the name of a snap");
    }
    if meta.architectures.len() > 32 || !meta.architectures.iter().all(|architecture| is_word(architecture)) {
        return refuse("architectures", "be a list of at most 32 names such as amd64");
    }
    Ok(meta)
}

/// As snapd's `snap.ValidateVersion`.
fn is_version(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b":.+~-".contains(&byte);
    let (first, last) = (text.bytes().next(), text.bytes().last());
    (1..=32).contains(&text.len())
        && text.bytes().all(inside)
        && first.is_some_and(|byte| byte.is_ascii_alphanumeric())
        && last.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'~')
}

fn is_word(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(inside)
}

#[cfg(test)]
mod tests;
