//! Another service that accepts credentials of a macaroond: it verifies them with the root key, and follows the
//! revocations into a list of its own. Says of each `Authorization` header on its standard input `ACCEPTED`, `REFUSED`
//! or `CANNOT TELL`.
//!
//! An acknowledged revocation is honoured here within BOUND, plus by how much this clock and that of the service differ:
//! a credential is accepted only while the service has said, not longer than BOUND ago, that there was nothing more to
//! know. Whoever holds a root key can mint any credential, so a verifier is as precious as the service itself.
//!
//! Left out: refreshing the discharge it watches with; roles, which only the service knows; more than one root key.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program to look at")]

use std::collections::HashMap;
use std::io::BufRead as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caveats::{Access, Bundle, Locations, Package, Permission, RootKey, Upload, exported};
use clap::Parser;
use serde_json::Value;
use timestamp::Timestamp;

#[derive(Debug, Parser)]
struct Arguments {
    /// The service, as its clients reach it.
    url: String,
    /// A credential with `credential_list`, to follow the revocations with: a file as `macaroond mint` writes it.
    #[arg(long)]
    watcher: std::path::PathBuf,
    /// The id of the root key: the second part of a root's identifier.
    #[arg(long)]
    key_id: String,
    /// A file of what `macaroond keys root reveal` prints.
    #[arg(long)]
    key: std::path::PathBuf,
    /// The oldest that the list may be for a credential to be accepted.
    #[arg(long, default_value = "5s", value_parser = humantime::parse_duration)]
    bound: Duration,
    /// By how much the clocks may differ: `tokens.clock_skew`.
    #[arg(long, default_value = "2s", value_parser = humantime::parse_duration)]
    skew: Duration,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    drop(rustls::crypto::ring::default_provider().install_default());
    let raw = STANDARD.decode(std::fs::read_to_string(&arguments.key)?.trim())?;
    let (key, list) = (RootKey::derive(&raw), Arc::new(Mutex::new(List::default())));
    let watcher = exported::read(&std::fs::read_to_string(&arguments.watcher)?)?.into_bundle()?.to_header();
    tokio::spawn(follow(arguments.url.clone(), watcher, arguments.bound, list.clone()));
    tokio::task::spawn_blocking(move || {
        for header in std::io::stdin().lock().lines() {
            let list = list.lock().unwrap_or_else(PoisonError::into_inner);
            println!("{}", verdict(&arguments, &key, &list, &header?));
        }
        Ok(())
    })
    .await?
}

/// The decision, in the order of the service's own: signatures, caveats, revocations.
fn verdict(arguments: &Arguments, key: &RootKey, list: &List, header: &str) -> String {
    let (now, micros) = (now(), |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX));
    // The service's `tokens.store_location` and `tokens.sso_location`, as they are by default.
    let host = arguments.url.split_once("://").map_or("", |(_, host)| host.trim_end_matches('/'));
    let locations = Locations { store: "myapps.developer.ubuntu.com", sso: host };
    let Ok(verified) = Bundle::from_header(header).map_err(drop).and_then(|b| b.verify(key).map_err(drop))
    else {
        return "REFUSED (not genuine)".to_owned();
    };
    // What is asked for here: to read what is the account's. See `Access` for packages, channels and files.
    let access = Access {
        now,
        permissions: &[Permission::PackageAccess],
        package: Package::None,
        channels: &[],
        upload: Upload::None,
        source: None,
    };
    let cleared = match verified.clear(&locations, &access) {
        Ok(cleared) => cleared,
        Err(refusal) => return format!("REFUSED ({refusal})"),
    };
    let facts = cleared.facts();
    let mut parts = facts.identifier.split('.');
    let (Some("1"), Some(key_id), Some(token)) = (parts.next(), parts.next(), parts.next()) else {
        return "REFUSED (an identifier of another form)".to_owned();
    };
    let (Some(account), Some(session)) = (&facts.account, &facts.session) else {
        return "REFUSED (nobody's)".to_owned();
    };
    if key_id != arguments.key_id || facts.discharge_valid_since.is_none_or(|since| old(now, since, DAY)) {
        return "REFUSED (another key's, or in need of a refresh)".to_owned();
    }
    let account = &account.openid;
    let mut subjects = vec![
        "everything".to_owned(),
        format!("root-key {key_id}"),
        format!("family {token}"),
        format!("account {account}"),
        format!("session {account} {session}"),
    ];
    subjects.extend(
        cleared
            .root_fingerprints()
            .map(|fingerprint| format!("credential {token} {:032x}", u128::from_be_bytes(fingerprint))),
    );
    let cuts = subjects.iter().filter_map(|subject| list.cuts.get(subject));
    if let Some(cut) = cuts.into_iter().find(|cut| facts.last_auth.is_none_or(|at| at < cut.before)) {
        return format!("REFUSED (revoked at {})", cut.at);
    }
    // A no of the list holds however old it is; a yes only while it is fresh.
    match list.as_of {
        None => "CANNOT TELL (nothing was heard of the service)".to_owned(),
        Some(as_of) if old(now, as_of, micros(arguments.bound)) => {
            format!("CANNOT TELL (nothing was heard of the service since {as_of})")
        }
        Some(as_of) if old(as_of, now, micros(arguments.skew)) => {
            format!("CANNOT TELL (the service's clock is ahead: it says {as_of}, and here it is {now})")
        }
        Some(_) => format!("ACCEPTED (account {account})"),
    }
}

fn old(now: Timestamp, then: Timestamp, micros: i64) -> bool {
    now.micros().saturating_sub(then.micros()) > micros
}

const DAY: i64 = 24 * 3600 * 1_000_000;

#[expect(clippy::disallowed_methods, reason = "a program of its own, with the system's clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// What was revoked, as far as it was told.
#[derive(Debug, Default)]
struct List {
    cuts: HashMap<String, Cut>,
    /// The last event, to go on behind.
    seen: i64,
    /// When there was nothing more to know.
    as_of: Option<Timestamp>,
}

/// Kills every credential whose login was before `before`.
#[derive(Debug)]
struct Cut {
    before: Timestamp,
    at: Timestamp,
}

impl List {
    /// Applies an event. One that can't be understood may be a revocation, so the list is then no good any more.
    fn apply(&mut self, event: &str, data: &Value) -> anyhow::Result<()> {
        let text = |name: &str| data[name].as_str().with_context(|| format!("{name} in {data}"));
        let moment =
            |value: &Value| Ok::<Timestamp, anyhow::Error>(value.as_str().context("a time")?.parse()?);
        let cut = |value: &Value| {
            let all = value["reach"] == "all";
            let before = if all {
                Timestamp::MAX
            } else {
                moment(value.pointer("/reach/logged_in_before").unwrap_or(&Value::Null))?
            };
            Ok::<Cut, anyhow::Error>(Cut { before, at: moment(&value["at"])? })
        };
        let position = data["position"].as_i64().context("a position")?;
        if event == "level" {
            if position < self.seen {
                bail!("the journal has lost entries");
            }
            self.as_of = Some(moment(&data["as_of"])?);
            return Ok(());
        }
        let kind = text("kind")?;
        let subject = match kind {
            "everything" => kind.to_owned(),
            "credential" => format!("{kind} {} {}", text("token_id")?, text("fingerprint")?),
            "session" => format!("{kind} {} {}", text("account_id")?, text("session_id")?),
            "family" => format!("{kind} {}", text("token_id")?),
            "account" => format!("{kind} {}", text("account_id")?),
            "package" => format!("{kind} {}", text("snap_id")?),
            "signing-key" => format!("{kind} {}", text("signing_key_id")?),
            "root-key" => format!("{kind} {}", text("root_key_id")?),
            _ => bail!("a revocation of an unknown kind: {kind}"),
        };
        match event {
            // Of several cuts the one that reaches farther counts, whichever came first.
            "cut" => match (cut(data)?, self.cuts.get(&subject)) {
                (cut, Some(other)) if other.before >= cut.before => {}
                (cut, _) => drop(self.cuts.insert(subject, cut)),
            },
            "lift" if data["left"].is_null() => drop(self.cuts.remove(&subject)),
            "lift" => drop(self.cuts.insert(subject, cut(&data["left"])?)),
            _ => bail!("an unknown event: {event}"),
        }
        self.seen = position;
        Ok(())
    }
}

/// Follows the revocations. A connection that ends is made again, and goes on behind the last event.
async fn follow(url: String, credential: String, bound: Duration, list: Arc<Mutex<List>>) {
    loop {
        if let Err(error) = stream(&url, &credential, bound, &list).await {
            eprintln!("verifier: {error:#}");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn stream(url: &str, credential: &str, bound: Duration, list: &Mutex<List>) -> anyhow::Result<()> {
    let list = || list.lock().unwrap_or_else(PoisonError::into_inner);
    let request = reqwest::Client::new().get(format!("{url}/v1/revocations/stream"));
    let request = request.header("Authorization", credential).header("Last-Event-ID", list().seen);
    let mut response = request.send().await?;
    match response.status().as_u16() {
        200 => {}
        409 => {
            *list() = List::default();
            bail!("the journal is another one, or has lost entries: begin anew");
        }
        status => bail!("the service answers {status}"),
    }
    let mut bytes = Vec::new();
    // A connection on which nothing comes any more may be dead.
    while let Some(piece) = tokio::time::timeout(bound, response.chunk()).await?? {
        bytes.extend_from_slice(&piece);
        while let Some(end) = bytes.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = bytes.drain(..end + 2).collect();
            let event = std::str::from_utf8(&event)?;
            let field =
                |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            let data = serde_json::from_str(field("data: ")).map_err(anyhow::Error::from);
            if let Err(error) = data.and_then(|data| list().apply(field("event: "), &data)) {
                *list() = List::default();
                return Err(error);
            }
        }
    }
    Ok(())
}
