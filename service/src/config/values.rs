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

/// A number, also one that the environment gave as text.
pub(super) fn count<'de, D: Deserializer<'de>>(input: D) -> Result<usize, D::Error> {
    match toml::Value::deserialize(input)? {
        toml::Value::Integer(number) => usize::try_from(number).ok(),
        toml::Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .ok_or_else(|| D::Error::custom("not a number"))
}

/// Whether a URL is a scheme of the web, a host and perhaps a port, and nothing else.
pub(super) fn is_origin(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// Lays `MACAROOND__SECTION__FIELD` variables over a table. A value that begins like a TOML list is one, else it is text.
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
        let list = text.trim_start().starts_with('[');
        let parsed = format!("value = {text}").parse::<toml::Table>().ok().filter(|_| list);
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
