//! What the crate makes of one vector, compared with what the vector says.

use std::fmt::Debug;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caveats::{Bundle, Macaroon, RootKey, Tail, verify_alone};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::attempt;
use crate::document::{bytes, hex, items, text};
use crate::forms;

type Outcome = Result<(), String>;

/// `Err` says what differs.
pub(crate) fn judge(vector: &Value) -> Outcome {
    let verdict = vector["verdict"].as_str().unwrap();
    if let Some(encoded) = vector.get("text") {
        judge_text(&text(encoded), verdict)
    } else if let Some(header) = vector.get("header") {
        judge_header(&text(header), vector, verdict)
    } else if let Some(json) = vector.get("json") {
        judge_json(&text(json), verdict)
    } else if let Some(macaroon) = vector.get("alone") {
        judge_alone(macaroon, vector, verdict)
    } else {
        judge_credential(vector, verdict)
    }
}

/// Base64 that is no macaroon, and its bytes, if it has any.
fn judge_text(encoded: &str, verdict: &str) -> Outcome {
    same("verdict", named(&Macaroon::parse(encoded)).as_str(), verdict)?;
    match URL_SAFE_NO_PAD.decode(encoded) {
        Ok(bytes) => same("verdict on the bytes", named(&Macaroon::decode(bytes)).as_str(), verdict),
        Err(_) => Ok(()),
    }
}

fn judge_header(header: &str, vector: &Value, verdict: &str) -> Outcome {
    let read = Bundle::from_header(header);
    same("verdict", named(&read).as_str(), verdict)?;
    let Ok(bundle) = read else { return Ok(()) };
    let again = Bundle::from_header(&bundle.to_header()).map_err(|error| format!("written anew: {error}"))?;
    for bundle in [bundle, again] {
        let discharges = items(&vector["discharges"]);
        same("number of discharges", &bundle.discharges().len(), &discharges.len())?;
        same_parts("root", bundle.root(), &vector["root"])?;
        for (discharge, expected) in bundle.discharges().iter().zip(discharges) {
            same_parts("discharge", discharge, expected)?;
        }
    }
    Ok(())
}

fn judge_json(json: &str, verdict: &str) -> Outcome {
    for read in [forms::from_json(json), forms::from_bakery(json)] {
        same("verdict", if read.is_ok() { "ok" } else { "refused" }, verdict)?;
    }
    Ok(())
}

fn judge_alone(document: &Value, vector: &Value, verdict: &str) -> Outcome {
    let key = RootKey::derive(&bytes(&vector["key"]));
    for (form, macaroon) in forms("discharge", document)? {
        let verified = verify_alone(&macaroon, &key);
        same(&format!("{form}: verdict"), named(&verified).as_str(), verdict)?;
        if let Ok(verified) = verified {
            same(&format!("{form}: tails"), &fingerprints(verified.tails()), &expected_tails(document))?;
        }
    }
    Ok(())
}

/// Once with each form of the root, and of the discharges the same form where they have it.
fn judge_credential(vector: &Value, verdict: &str) -> Outcome {
    let key = RootKey::derive(&bytes(&vector["key"]));
    let documents = items(&vector["discharges"]);
    if let Some(spelling) = vector.get("spelling") {
        let read = Macaroon::parse(&text(spelling)).map_err(|error| format!("the spelling: {error:?}"))?;
        same("the spelling written anew", &read.to_v1(), &text(&vector["root"]["v1"]))?;
    }
    let discharges: Vec<_> =
        documents.iter().map(|document| forms("discharge", document)).collect::<Result<_, _>>()?;
    for (form, root) in forms("root", &vector["root"])? {
        let answers = discharges.iter().map(|read| {
            let alike = read.iter().find(|(other, _)| *other == form);
            alike.unwrap_or(&read[0]).1.clone()
        });
        let found = match Bundle::new(root, answers.collect()).map(|bundle| bundle.verify(&key)) {
            Err(error) => format!("{error:?}"),
            Ok(Err(error)) => format!("{error:?}"),
            Ok(Ok(verified)) => {
                let root = &vector["root"];
                same(&format!("{form}: tails"), &fingerprints(verified.root_tails()), &expected_tails(root))?;
                let mut expected: Vec<_> = documents.iter().flat_map(expected_tails).collect();
                let mut tails = fingerprints(verified.discharge_tails());
                expected.sort_unstable();
                tails.sort_unstable();
                same(&format!("{form}: tails of discharges"), &tails, &expected)?;
                vector.get("attempt").map_or("ok".to_owned(), |attempt| attempt::clear(&verified, attempt))
            }
        };
        same(&format!("{form}: verdict"), found.as_str(), verdict)?;
    }
    Ok(())
}

/// A macaroon read from each of its serialisations, all compared with its parts and written back.
fn forms(whose: &str, document: &Value) -> Result<Vec<(&'static str, Macaroon)>, String> {
    let read = |form: &str, text: &str| match form {
        "v1" | "v2" => Macaroon::parse(text).map_err(|error| format!("{error:?}")),
        "v1json" | "v2json" => forms::from_json(text),
        _ => forms::from_bakery(text),
    };
    let mut found = Vec::new();
    for form in ["v1", "v2", "v1json", "v2json", "bakery"] {
        let Some(encoded) = document.get(form).map(text) else { continue };
        let name = format!("{whose}, {form}");
        let macaroon = read(form, &encoded).map_err(|error| format!("{name}: {error}"))?;
        same_parts(&name, &macaroon, document)?;
        same_written(&name, form, &encoded, &macaroon, document)?;
        found.push((form, macaroon));
    }
    Ok(found)
}

fn same_parts(name: &str, macaroon: &Macaroon, document: &Value) -> Outcome {
    let caveat = |value: &Value| {
        let third_party = value.get("vid").map(|vid| (text(&value["location"]), bytes(vid)));
        (bytes(&value["id"]), third_party)
    };
    let found: Vec<_> = macaroon
        .caveats()
        .map(|caveat| {
            let third_party = caveat.third_party.map(|third| (third.location.to_owned(), third.vid.to_vec()));
            (caveat.id.to_vec(), third_party)
        })
        .collect();
    same(&format!("{name}: location"), macaroon.location(), text(&document["location"]).as_str())?;
    same(&format!("{name}: identifier"), macaroon.identifier(), bytes(&document["identifier"]).as_slice())?;
    same(&format!("{name}: caveats"), &found, &items(&document["caveats"]).iter().map(caveat).collect())?;
    same(&format!("{name}: signature"), &signature(macaroon), &hex(&document["signature"]))
}

/// Whatever it was read from, V1 comes out as its producer wrote it; and so does each other form from itself.
fn same_written(name: &str, form: &str, encoded: &str, macaroon: &Macaroon, document: &Value) -> Outcome {
    if let Some(v1) = document.get("v1") {
        same(&format!("{name}: V1 written"), &macaroon.to_v1(), &text(v1))?;
    }
    if form == "v2" && !macaroon.is_text() {
        let header = Bundle::new(macaroon.clone(), Vec::new()).unwrap().to_header();
        same(&format!("{name}: header written"), &header, &format!("Macaroon root={encoded}"))?;
    }
    if form == "v2" {
        same(&format!("{name}: V2 written"), macaroon.to_v2().as_str(), encoded)?;
    }
    let again = forms::from_json(&macaroon.to_json())?;
    same_parts(&format!("{name}: V2-JSON written and read"), &again, document)
}

/// The signature, which the crate shows only inside a serialisation: the last packet of V1, less its line feed.
fn signature(macaroon: &Macaroon) -> Vec<u8> {
    let v1 = URL_SAFE_NO_PAD.decode(macaroon.to_v1()).unwrap();
    v1[v1.len() - 33..v1.len() - 1].to_vec()
}

fn fingerprints<'t>(tails: impl IntoIterator<Item = &'t Tail>) -> Vec<[u8; 16]> {
    tails.into_iter().map(Tail::fingerprint).collect()
}

/// The crate shows no tail, only the first half of its SHA-256.
fn expected_tails(document: &Value) -> Vec<[u8; 16]> {
    items(&document["tails"]).iter().map(|tail| Sha256::digest(hex(tail))[..16].try_into().unwrap()).collect()
}

/// `ok`, or the error as vectors spell it: `Truncated at 12`, `Root(Truncated at 12)`.
fn named<T, E: Debug>(result: &Result<T, E>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => format!("{error:?}").replace(" { at: ", " at ").replace(" }", ""),
    }
}

fn same<T: PartialEq + Debug + ?Sized>(what: &str, found: &T, expected: &T) -> Outcome {
    if found == expected {
        return Ok(());
    }
    let shown = |value: &T| format!("{value:?}").chars().take(300).collect::<String>();
    Err(format!("{what}: expected {}, got {}", shown(expected), shown(found)))
}
