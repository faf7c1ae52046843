//! How single values are written: durations (`24h`), sizes (`4GiB`), variables, host and port.

use std::time::Duration;

use bytesize::ByteSize;
use serde::{Deserialize, Deserializer, de::Error as _};
use url::Url;

const PREFIX: &str = "MACAROOND__";

/// A duration such as `15s` or `24h`.
pub(super) fn duration<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(input)?;
    humantime::parse_duration(&text)
        .map_err(|_| D::Error::custom(format!("'{text}' is no duration such as 15s or 24h")))
}

/// A size such as `200MiB`.
pub(super) fn size<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    let text = String::deserialize(input)?;
    text.parse::<ByteSize>()
        .map(|size| size.0)
        .map_err(|_| D::Error::custom(format!("'{text}' is no size such as 200MiB")))
}

/// Lays `MACAROOND__SECTION__FIELD` variables over a table. A value that parses as TOML is that, else it is text.
pub(super) fn overlay(
    table: &mut toml::Table,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<(), String> {
    for (name, text) in environment {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        let path = path.to_lowercase();
        let mut keys: Vec<&str> = path.split("__").collect();
        let field = keys.pop().unwrap_or_default();
        let mut place = &mut *table;
        for key in keys {
            let next = place.entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            place = next.as_table_mut().ok_or_else(|| format!("{name}: there is no section '{key}'"))?;
        }
        let parsed = format!("value = {text}").parse::<toml::Table>().ok();
        let value = parsed.and_then(|mut table| table.remove("value")).unwrap_or(toml::Value::String(text));
        place.insert(field.to_owned(), value);
    }
    Ok(())
}

/// Host and port of a URL, the port only where it stands in it: what clients compare the SSO caveat's location with.
pub(super) fn netloc(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
