//! Real images, made by mksquashfs, which must be installed; and what hostile ones do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::*;

const YAML: &str = "name: hello-world\nversion: 1.10\nsummary: Says hello\nbase: core24\narchitectures: [amd64, arm64]\n\
                    confinement: classic\napps:\n  hello: {command: bin/hello}\n";

fn pack(yaml: Option<&str>, arguments: &[&str], fill: impl Fn(&Path)) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    fs::create_dir_all(tree.join("meta")).unwrap();
    if let Some(yaml) = yaml {
        fs::write(tree.join("meta/snap.yaml"), yaml).unwrap();
    }
    fill(&tree);
    let image = dir.path().join("image.snap");
    let output = Command::new("mksquashfs")
        .args([&tree, &image])
        .args(["-noappend", "-quiet", "-no-progress", "-all-root"])
        .args(arguments)
        .output()
        .expect("mksquashfs is installed (apt: squashfs-tools)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (dir, image)
}

fn nothing(_: &Path) {}

#[test]
fn a_snap_is_read_in_every_compression_with_and_without_fragments() {
    for compression in ["xz", "lzo", "gzip", "zstd", "lz4"] {
        for fragments in [&["-no-fragments"][..], &["-always-use-fragments"], &["-noI"], &["-b", "4096"]] {
            let arguments = [&["-comp", compression], fragments].concat();
            let (_dir, image) = pack(Some(YAML), &arguments, |tree| {
                fs::create_dir(tree.join("bin")).unwrap();
                fs::write(tree.join("bin/hello"), "#!/bin/sh\n".repeat(5000)).unwrap();
            });
            let meta = read(&image).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
            assert_eq!(meta.name.as_str(), "hello-world");
            assert_eq!(meta.version, "1.10", "a version is text, also where YAML would see a number");
            assert_eq!(meta.base.as_deref(), Some("core24"));
            assert_eq!(meta.architectures, ["amd64", "arm64"]);
            assert_eq!((meta.confinement.as_str(), meta.grade.as_str()), ("classic", "stable"));
        }
    }
}

#[test]
fn a_long_snap_yaml_and_thousands_of_neighbours_are_read() {
    for compression in ["xz", "lzo"] {
        let yaml = format!("{YAML}description: {}\n", "long and longer ".repeat(50_000));
        let (_dir, image) = pack(Some(&yaml), &["-comp", compression, "-b", "4096"], |tree| {
            for number in 0..800 {
                fs::write(tree.join(format!("a-file-with-a-long-name-{number}")), number.to_string())
                    .unwrap();
                fs::write(tree.join(format!("meta/a-file-with-a-long-name-{number}")), "").unwrap();
            }
        });
        assert_eq!(read(&image).unwrap().name.as_str(), "hello-world");
    }
}

#[test]
fn what_is_no_snap_is_refused_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    for junk in [&b""[..], b"hsqs", b"hello", &[0; 4096], &b"hsqs".repeat(100)] {
        let path = dir.path().join("junk");
        fs::write(&path, junk).unwrap();
        assert!(matches!(read(&path), Err(SnapError::NotSquashfs)), "{junk:?}");
    }
    assert!(matches!(read(&dir.path().join("absent")), Err(SnapError::Unreadable(_))));

    let (_dir, image) = pack(None, &[], nothing);
    assert!(matches!(read(&image), Err(SnapError::NoSnapYaml)));
    let (_dir, image) = pack(None, &[], |tree| {
        fs::write(tree.join("real.yaml"), YAML).unwrap();
        std::os::unix::fs::symlink("../real.yaml", tree.join("meta/snap.yaml")).unwrap();
    });
    assert!(matches!(read(&image), Err(SnapError::NoSnapYaml)));
    let (_dir, image) = pack(Some(&"#".repeat(1024 * 1024 + 1)), &[], nothing);
    assert!(matches!(read(&image), Err(SnapError::SnapYamlTooLarge)));
}

#[test]
fn a_snap_yaml_that_says_nonsense_is_refused_with_its_reason() {
    let bomb = format!(
        "a0: &a0 x\n{}name: *a29\n",
        (1..30).fold(String::new(), |text, n| { text + &format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1) })
    );
    for (yaml, says) in [
        ("", "could not be understood"),
        ("name: [", "could not be understood"),
        ("version: 1\n", "could not be understood"),
        ("name: {a: 1}\nversion: 1\n", "could not be understood"),
        (&"[".repeat(100_000), "could not be understood"),
        (&bomb, "could not be understood"),
        ("name: Not-Valid\nversion: 1\n", "name in its meta/snap.yaml is not valid"),
        ("name: a\nversion: a b\n", "version"),
        ("name: a\nversion: 1\nconfinement: loose\n", "confinement"),
        ("name: a\nversion: 1\ngrade: best\n", "grade"),
        ("name: a\nversion: 1\nbase: ../x\n", "base"),
        ("name: a\nversion: 1\narchitectures: ['{}']\n", "architectures"),
    ] {
        let error = parse(yaml.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(parse(&[0xff, 0xfe, 0x00]).is_err());
    assert_eq!(parse(b"name: a\nversion: 1\n").unwrap().architectures, ["all"]);
}

#[test]
fn damaged_images_never_panic_and_never_cost_much() {
    for compression in ["xz", "lzo", "gzip", "zstd", "lz4"] {
        let (dir, image) = pack(Some(YAML), &["-comp", compression], nothing);
        let whole = fs::read(&image).unwrap();
        let end = whole.iter().rposition(|byte| *byte != 0).unwrap();
        let damaged = dir.path().join("damaged.snap");
        for place in 0..=end {
            for flip in [0x01, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] ^= flip;
                fs::write(&damaged, &bytes).unwrap();
                drop(read(&damaged));
            }
            if place % 7 == 0 {
                // What is cut off may be a table that nobody needed; of the superblock, nothing may be missing.
                fs::write(&damaged, &whole[..place]).unwrap();
                assert!(read(&damaged).is_err() || place >= 96);
            }
        }
    }
}
