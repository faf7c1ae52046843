//! The attempt that a vector's credential is judged against.

use caveats::{Access, Channel, Locations, Package, Permission, Upload, Verified};
use serde_json::Value;

use crate::document::{bytes, items};

/// `ok`, or `refused: ` and the kind of the refusal.
pub(crate) fn clear(verified: &Verified, attempt: &Value) -> String {
    let word = |name: &str| attempt[name].as_str().unwrap();
    let locations = Locations { store: word("store"), sso: word("sso") };
    let permissions: Vec<Permission> =
        items(&attempt["permissions"]).iter().map(|name| name.as_str().unwrap().parse().unwrap()).collect();
    let channels: Vec<Channel> =
        items(&attempt["channels"]).iter().map(|name| name.as_str().unwrap().parse().unwrap()).collect();
    let package = match attempt["package"]["id"].as_str() {
        Some(id) => Package::Id(id),
        None if attempt["package"] == "new" => Package::New,
        None => Package::None,
    };
    let digest = digest(&attempt["upload"]);
    let build_key = attempt["upload"]["build_key"].as_str();
    let upload = digest.as_ref().map_or(Upload::None, |digest| Upload::File { digest, build_key });
    let access = Access {
        now: word("now").parse().unwrap(),
        permissions: &permissions,
        package,
        channels: &channels,
        upload,
        source: attempt["source"].as_str().map(|address| address.parse().unwrap()),
    };
    match verified.clear(&locations, &access) {
        Ok(_) => "ok".to_owned(),
        Err(refusal) => format!("refused: {}", refusal.kind()),
    }
}

fn digest(upload: &Value) -> Option<[u8; 48]> {
    let encoded = upload.get("digest")?;
    Some(bytes(&serde_json::json!({ "base64": encoded })).try_into().unwrap())
}
