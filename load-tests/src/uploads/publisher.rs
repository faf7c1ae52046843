//! Publishers, each with a snap that takes signed uploads alone, a key, and logins; and the files that they make.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, ensure};
use caveats::Predicate;
use caveats::exported::Exported;
use macaroond::commands::demo::snap;
use model::clock::Clock;
use model::random;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::client::{Client, message};
use super::ledger::{Known, Ledger};
use super::signer::Signer;
use super::stage::Stage;
use crate::breaker::chance::Chance;
use crate::breaker::history::File;

const STORE: &str = model::snap::STORE_LOCATION;
const KEY_NAME: &str = "default";
/// How large files are: some come in several pieces and several writes to the disk.
const LEAST_SIZE: usize = 8 << 10;
const MORE_SIZE: usize = 500 << 10;

/// What everybody needs.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) stage: Arc<Stage>,
    pub(crate) client: Client,
    pub(crate) ledger: Arc<Ledger>,
}

/// Somebody with a snap.
#[derive(Debug)]
pub(crate) struct Publisher {
    /// Their number among the people.
    number: usize,
    pub(crate) account: String,
    pub(crate) snap: String,
    pub(crate) name: String,
    pub(crate) held: Held,
    signer: Mutex<Arc<Signer>>,
    /// A key that is never registered.
    pub(crate) stranger: OnceCell<Arc<Signer>>,
    /// A snap; files are this with more bytes at its end.
    image: Vec<u8>,
}

/// What a login gave, or something narrower, as its holder keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Held(Exported);

/// A file of somebody, and their word for it.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: String,
    pub(crate) assertion: String,
}

/// Whether a file is signed, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// By the publisher's key.
    Own,
    /// By a key that nobody has registered; for the service that is the same as by nobody.
    Strange,
}

impl Publisher {
    /// Logs in, registers a name and a key, and asks for signed uploads.
    pub(crate) async fn set_up(desk: &Desk, number: usize) -> anyhow::Result<Publisher> {
        let name = format!("thing-{number}");
        let held = log_in(desk, number, PUBLISHING).await?.context("a code that was not used")?;
        let header = held.header()?;
        let body = json!({"snap_name": name, "is_private": false, "series": "16"});
        let registered = done(desk.client.post(0, "/dev/api/register-name/", &header, &body).await)?;
        let snap = text(&registered, "/snap_id")?;
        let account = done(desk.client.get(0, "/dev/api/account", Some(&header)).await)?;
        let account = text(&account, "/account_id")?;
        let policy = json!({"signed_uploads": "required"});
        let path = format!("/v1/packages/{name}/policy");
        done(desk.client.json(Method::PUT, 0, &path, &header, &policy).await)?;
        let image = snap::make(&name, "1")?;
        let signer = Mutex::new(Arc::new(Signer::make().await?));
        let publisher =
            Publisher { number, account, snap, name, held, signer, stranger: OnceCell::new(), image };
        let signer = publisher.signer();
        let keys = publisher.log_in_for_keys(desk).await?.context("a code that was not used")?;
        done(desk.client.post(0, REGISTER, &keys.header()?, &publisher.request(&signer)?).await)?;
        desk.ledger.books().promised.keys.insert(signer.id().to_owned(), publisher.account.clone());
        Ok(publisher)
    }

    /// The key in use.
    pub(crate) fn signer(&self) -> Arc<Signer> {
        self.signer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on another key is in use.
    pub(crate) fn use_key(&self, signer: Arc<Signer>) {
        *self.signer.lock().unwrap_or_else(PoisonError::into_inner) = signer;
    }

    /// The body that asks to register a key.
    pub(crate) fn request(&self, signer: &Signer) -> anyhow::Result<Value> {
        Ok(json!({"account_key_request": signer.request(&self.account, KEY_NAME)?}))
    }

    /// A login like the first one; `None` if there is no code for one at the moment.
    pub(crate) async fn log_in(&self, desk: &Desk) -> anyhow::Result<Option<Held>> {
        log_in(desk, self.number, PUBLISHING).await
    }

    /// A login that serves to register one key; `None` if there is no code for one at the moment.
    pub(crate) async fn log_in_for_keys(&self, desk: &Desk) -> anyhow::Result<Option<Held>> {
        log_in(desk, self.number, &["modify_account_key"]).await
    }

    /// Makes a file that nobody else has, and writes it into the books before anybody sees it.
    pub(crate) fn make(
        &self,
        ledger: &Ledger,
        who: usize,
        signer: &Signer,
        hand: Hand,
        chance: &mut Chance,
    ) -> anyhow::Result<Product> {
        let mut bytes = self.image.clone();
        let more = LEAST_SIZE + chance.below(MORE_SIZE);
        while bytes.len() < self.image.len() + more {
            bytes.extend(random::bytes::<4096>());
        }
        let File { size, digest } = File::of(&bytes);
        let assertion = signer.build(&self.account, &self.snap, &bytes)?;
        let by = (hand == Hand::Own).then(|| (signer.id().to_owned(), assertion.clone()));
        let known = Known { who, snap: self.snap.clone(), size, signed: by };
        ledger.books().files.insert(digest.clone(), known);
        Ok(Product { bytes, digest, assertion })
    }
}

impl Held {
    /// As it is sent.
    pub(crate) fn header(&self) -> anyhow::Result<String> {
        Ok(self.0.clone().into_bundle()?.to_header())
    }

    /// As it is stored, and leaks.
    pub(crate) fn text(&self) -> String {
        self.0.write()
    }

    /// One narrower, which differs from all others by its end.
    pub(crate) fn narrowed(&self, number: usize) -> anyhow::Result<Held> {
        let mut child = self.0.clone();
        let seconds = i64::try_from(number)?.saturating_add(30 * 24 * 3600);
        let end = Clock::system().now().add_secs(seconds).context("no such date")?;
        child.attenuate(&Predicate::Expires(end).encode(STORE))?;
        Ok(Held(child))
    }
}

/// The security engineer's login.
pub(crate) async fn security(desk: &Desk) -> anyhow::Result<Held> {
    let people = &desk.stage.people;
    let login = people.log_in(&people.security, &desk.client.plain, 0).await?;
    Ok(Held(login.context("a code that was not used")?))
}

async fn log_in(desk: &Desk, number: usize, permissions: &[&str]) -> anyhow::Result<Option<Held>> {
    let people = &desk.stage.people;
    let person = people.publishers.get(number).context("so many publishers")?;
    Ok(people.log_in_for(person, permissions, &desk.client.plain, 0).await?.map(Held))
}

/// The body of a success.
pub(crate) fn done(answer: super::client::Answer) -> anyhow::Result<Value> {
    let (status, body) = answer.context("no answer")?;
    ensure!((200..300).contains(&status), "answered with {status}: {}", message(&body));
    Ok(body)
}

fn text(body: &Value, pointer: &str) -> anyhow::Result<String> {
    let text = body.pointer(pointer).and_then(Value::as_str);
    Ok(text.with_context(|| format!("an answer has no {pointer}"))?.to_owned())
}

/// Where keys are registered.
pub(crate) const REGISTER: &str = "/dev/api/account/account-key";
const PUBLISHING: &[&str] =
    &["package_access", "package_manage", "package_push", "package_register", "package_release"];
