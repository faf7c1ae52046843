//! Owns the laws of reading: no bytes panic, what is read as a macaroon is written as the same bytes, and what is read
//! as JSON, a bakery's macaroon, a header or an exported credential is written as something that reads as the same.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caveats::exported::{self, Exported};
use caveats::{BakeryMacaroon, Bundle, Macaroon};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(macaroon) = Macaroon::decode(bytes.to_vec()) {
        macaroon_is_written_as_read(bytes, &macaroon);
        every_shape_holds(&macaroon);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(macaroon) = Macaroon::parse(text) {
            json_is_read_back(&macaroon);
        }
        if let Ok(bakery) = BakeryMacaroon::from_json(text) {
            bakery_is_read_back(&bakery);
            every_shape_holds(&bakery.macaroon);
        }
        if let Ok(bundle) = Bundle::from_macaroons_header(text) {
            header_is_read_back(&bundle);
        }
        if let Ok(bundle) = Bundle::from_header(text) {
            header_is_read_back(&bundle);
        }
        if let Ok(exported) = exported::read(text) {
            exported_is_read_back(&exported);
        }
    }
});

fn macaroon_is_written_as_read(bytes: &[u8], macaroon: &Macaroon) {
    let text = if bytes.first() == Some(&2) { macaroon.to_v2() } else { macaroon.to_v1() };
    assert_eq!(text, URL_SAFE_NO_PAD.encode(bytes));
    assert_same(&Macaroon::parse(&text).expect("was read from these bytes"), macaroon);
    if macaroon.is_text() {
        assert_same(&Macaroon::parse(&macaroon.to_v1()).expect("is text, so V1 can carry it"), macaroon);
    }
}

fn json_is_read_back(macaroon: &Macaroon) {
    let written = macaroon.to_json();
    let again = Macaroon::parse(&written).expect("was written by us");
    assert_same(&again, macaroon);
    assert_eq!(again.to_json(), written);
}

fn bakery_is_read_back(bakery: &BakeryMacaroon) {
    let written = bakery.to_json();
    let again = BakeryMacaroon::from_json(&written).expect("was written by us");
    assert_same(&again.macaroon, &bakery.macaroon);
    assert_eq!((&again.namespace, &again.payloads), (&bakery.namespace, &bakery.payloads));
    assert_eq!(again.to_json(), written);
}

/// Puts a macaroon where a random text would hardly ever have a valid one.
fn every_shape_holds(macaroon: &Macaroon) {
    let token = if macaroon.is_text() { macaroon.to_v1() } else { macaroon.to_v2() };
    exported_is_read_back(&exported::read(&token).expect("a token is an export"));
    exported_is_read_back(&Exported::u1_macaroon(macaroon.clone(), macaroon.clone()));
    let plain = format!(r#"{{"macaroon": "{token}", "discharges": ["{token}"], "id": 1}}"#);
    exported_is_read_back(&exported::read(&plain).expect("the shape of auth.json"));
    let ini = format!("[sso]\nmacaroon = {token}\nunbound_discharge = {token}\n");
    exported_is_read_back(&exported::read(&ini).expect("the shape of snapcraft.cfg"));
    json_is_read_back(macaroon);
    exported_is_read_back(&exported::read(&macaroon.to_json()).expect("a macaroon as JSON is an export"));
    let mut bakery = BakeryMacaroon::new(macaroon.clone());
    bakery.payloads.insert(macaroon.identifier().to_vec(), b"payload".to_vec());
    bakery_is_read_back(&bakery);
    let ini = format!("[candid:443]\nmacaroon = {}\n", bakery.to_json());
    exported_is_read_back(&exported::read(&ini).expect("the shape of candid.cfg"));
    let bundle = Bundle::new(macaroon.clone(), vec![macaroon.clone()]).expect("one discharge");
    header_is_read_back(&bundle);
}

fn header_is_read_back(bundle: &Bundle) {
    let again = Bundle::from_header(&bundle.to_header());
    if bundle.to_header().len() > caveats::limits::MAX_HEADER_BYTES {
        return; // V2 is shorter than what is written
    }
    let again = again.expect("was written by us");
    assert_same(again.root(), bundle.root());
    assert_all_same(again.discharges(), bundle.discharges());
}

fn exported_is_read_back(exported: &Exported) {
    let written = exported.write();
    let again = exported::read(&written).expect("was written by us");
    assert_eq!((again.shape, again.bound), (exported.shape, exported.bound));
    assert_same(&again.root, &exported.root);
    assert_all_same(&again.discharges, &exported.discharges);
    assert_eq!(again.write(), written);
}

fn assert_all_same(some: &[Macaroon], others: &[Macaroon]) {
    assert_eq!(some.len(), others.len());
    some.iter().zip(others).for_each(|(one, other)| assert_same(one, other));
}

/// By their V1 text, which has all of a macaroon in it but which locations were left out.
fn assert_same(one: &Macaroon, other: &Macaroon) {
    assert_eq!(one.to_v1(), other.to_v1());
}
