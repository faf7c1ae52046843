//! The closing table, from what criterion estimated in this very run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where criterion keeps its estimates: `criterion` beside the profile's folder, in which this program lies.
pub(crate) fn folder() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a path");
    program.ancestors().nth(3).expect("cargo puts it at target/PROFILE/deps/").join("criterion")
}

/// Forgets the estimates of earlier runs, so that none stands in this one's table.
pub(crate) fn clear(folder: &Path) {
    for (group, _) in ROWS {
        for figure in figures(folder, group) {
            for file in [ESTIMATES, SAMPLES] {
                // One that is not there is as good as removed.
                let _absent = fs::remove_file(newest(folder, group, &figure).join(file));
            }
        }
    }
}

/// Prints what was measured, by the median and by the fastest sample: where they give other ratios, the machine was busy.
pub(crate) fn print(folder: &Path) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (what, take) in [("median", median as Take), ("fastest sample", fastest)] {
        let measured: Vec<_> =
            ROWS.iter().filter_map(|row| Some((row.1, Line::read(folder, row.0, take)?))).collect();
        if !measured.is_empty() {
            write(&mut out, what, &measured)?;
        }
    }
    Ok(())
}

fn write(out: &mut impl io::Write, what: &str, measured: &[(&str, Line)]) -> io::Result<()> {
    writeln!(
        out,
        "\n{:<27}{:>9}{:>10}{:>9}{:>9}{:>12}{:>15}  the fastest floor",
        format!("microseconds, {what}"),
        "ours",
        "macaroon",
        "biscuit",
        "floor",
        "ours/floor",
        "macaroon/ours"
    )?;
    for (name, line) in measured {
        let Line { ours, macaroon, biscuit, floor } = line;
        let (floor, fastest) =
            floor.as_ref().map_or((None, "-"), |(time, name)| (Some(*time), name.as_str()));
        writeln!(
            out,
            "{name:<27}{:>9}{:>10}{:>9}{:>9}{:>12}{:>15}  {fastest}",
            micros(*ours),
            micros(*macaroon),
            micros(*biscuit),
            micros(floor),
            ratio(*ours, floor),
            ratio(*macaroon, *ours),
        )?;
    }
    Ok(())
}

/// Reads one number, in nanoseconds, from the folder of a figure's newest measurement.
type Take = fn(&Path) -> Option<f64>;

/// Nanoseconds; `None` where there is no such thing, or it was not measured.
struct Line {
    ours: Option<f64>,
    macaroon: Option<f64>,
    biscuit: Option<f64>,
    /// The fastest, and which it is.
    floor: Option<(f64, String)>,
}

impl Line {
    fn read(folder: &Path, group: &str, take: Take) -> Option<Self> {
        let figure = |name: &str| take(&newest(folder, group, name));
        let floors = figures(folder, group).into_iter().filter_map(|name| {
            let time = figure(&name)?;
            Some((time, name.strip_prefix("floor-")?.to_owned()))
        });
        let line = Self {
            ours: figure("ours"),
            macaroon: figure("macaroon"),
            biscuit: figure("biscuit"),
            floor: floors.min_by(|(one, _), (other, _)| one.total_cmp(other)),
        };
        (line.ours.is_some() || line.floor.is_some()).then_some(line)
    }
}

/// The figures of a group that were ever measured.
fn figures(folder: &Path, group: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.join(group)).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn newest(folder: &Path, group: &str, figure: &str) -> PathBuf {
    folder.join(group).join(figure).join("new")
}

fn median(newest: &Path) -> Option<f64> {
    json(&newest.join(ESTIMATES))?.pointer("/median/point_estimate")?.as_f64()
}

fn fastest(newest: &Path) -> Option<f64> {
    let samples = json(&newest.join(SAMPLES))?;
    let list = |name: &str| Some(samples.get(name)?.as_array()?.iter().filter_map(serde_json::Value::as_f64));
    list("times")?.zip(list("iters")?).map(|(time, times)| time / times).min_by(f64::total_cmp)
}

fn json(file: &Path) -> Option<serde_json::Value> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

fn micros(nanos: Option<f64>) -> String {
    nanos.map_or("-".into(), |nanos| format!("{:.3}", nanos / 1000.0))
}

fn ratio(over: Option<f64>, under: Option<f64>) -> String {
    over.zip(under).map_or("-".into(), |(over, under)| format!("{:.2}", over / under))
}

const ESTIMATES: &str = "estimates.json";
const SAMPLES: &str = "sample.json";

/// Groups, and what the table calls them.
const ROWS: [(&str, &str); 7] = [
    ("pair", "header in, verdict out"),
    ("decode", "  decode"),
    ("verify", "  verify"),
    ("clear", "  clear"),
    ("mint", "mint a root"),
    ("attenuate", "attenuate by one caveat"),
    ("scan", "scan 8 MiB of log"),
];
