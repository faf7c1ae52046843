//! Every file in `caveats/vectors`: macaroons that other implementations made, and what is wrong with others, each with
//! its exact verdict. `caveats/vectors/generate.py` makes them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption of a test should end it"
)]

#[path = "vectors/attempt.rs"]
mod attempt;
#[path = "vectors/document.rs"]
mod document;
#[path = "vectors/forms.rs"]
mod forms;
#[path = "vectors/judge.rs"]
mod judge;

#[test]
fn every_valid_vector_is_accepted_and_written_back_byte_for_byte() {
    judge_folder("valid", 190);
}

#[test]
fn every_invalid_vector_is_refused_for_its_reason() {
    judge_folder("invalid", 380);
}

/// `least` guards against a folder that is empty or not found.
fn judge_folder(folder: &str, least: usize) {
    let vectors = document::read_folder(folder);
    assert!(vectors.len() >= least, "{} vectors in {folder}, at least {least} expected", vectors.len());
    let failed: Vec<String> = vectors
        .iter()
        .filter_map(|(file, vector)| Some(format!("{folder}/{file}: {}", judge::judge(vector).err()?)))
        .collect();
    assert!(failed.is_empty(), "{} of {} fail:\n{}", failed.len(), vectors.len(), failed.join("\n"));
}
