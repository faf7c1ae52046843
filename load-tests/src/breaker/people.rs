//! The people of a run: publishers and a security engineer, each with a password and one-time codes, and how they log in.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, ensure};
use caveats::Macaroon;
use caveats::exported::Exported;
use model::account::{Identity, Role};
use model::clock::Clock;
use model::random;
use serde_json::{Value, json};
use service::authority::keys::{self as store_keys, Pair};
use service::credentials::second_factor;
use storage::records::Records;
use storage::sealing::MasterKey;
use timestamp::Timestamp;

use super::client::Client;

/// A code is good for a step of so many seconds, once.
const STEP_SECONDS: i64 = 30;

/// Everybody, and who knows them.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) provider: sso_mock::Provider,
    pub(crate) publishers: Vec<Person>,
    pub(crate) security: Person,
    /// The step of the latest code of each.
    spent: Mutex<HashMap<String, i64>>,
}

/// Somebody who can log in.
pub(crate) struct Person {
    pub(crate) email: String,
    password: String,
    secret: String,
    permissions: &'static [&'static str],
}

impl People {
    /// Starts the identity provider with everybody in it, and gives each a second factor, as an operator would.
    pub(crate) async fn invent(
        records: &Records,
        master: &MasterKey,
        publishers: usize,
    ) -> anyhow::Result<People> {
        let names: Vec<String> = (0..publishers).map(|number| format!("publisher{number}")).collect();
        let mut settings = sso_mock::Settings::default();
        let mut passwords = HashMap::new();
        for name in names.iter().map(String::as_str).chain(["security"]) {
            let password = random::alphanumeric(16);
            settings.accounts.push(sso_mock::NewAccount {
                email: address(name),
                username: name.to_owned(),
                display_name: name.to_owned(),
                password: password.clone(),
                groups: vec![role(name).to_string()],
                subject: Some(name.to_owned()),
            });
            passwords.insert(name.to_owned(), password);
        }
        let provider = sso_mock::spawn(settings).await?;
        let mut all = Vec::new();
        for (name, password) in
            names.iter().map(String::as_str).chain(["security"]).map(|name| (name, &passwords))
        {
            let identity = Identity {
                issuer: provider.issuer().to_owned(),
                subject: name.to_owned(),
                email: address(name),
                email_verified: true,
                username: name.to_owned(),
                display_name: name.to_owned(),
                roles: vec![role(name)],
            };
            let now = Clock::system().now();
            let account = records.remember_account(&identity, now).await?;
            let secret = second_factor::enrol(records, master, &account.id, now).await?;
            let password = password.get(name).cloned().unwrap_or_default();
            let permissions = if role(name) == Role::Security { REVOKING } else { PUBLISHING };
            all.push(Person { email: address(name), password, secret, permissions });
        }
        let security = all.pop().context("a security engineer")?;
        Ok(People { provider, publishers: all, security, spent: Mutex::default() })
    }

    /// Logs in, if this person has a code that was not used; that they have none is no error.
    pub(crate) async fn log_in(
        &self,
        person: &Person,
        client: &Client,
        service: usize,
    ) -> anyhow::Result<Option<Exported>> {
        self.log_in_for(person, person.permissions, client, service).await
    }

    /// The same for other permissions than this person's usual ones.
    pub(crate) async fn log_in_for(
        &self,
        person: &Person,
        permissions: &[&str],
        client: &Client,
        service: usize,
    ) -> anyhow::Result<Option<Exported>> {
        let Some(code) = self.code(person) else { return Ok(None) };
        let wish = json!({"permissions": permissions, "description": "breaker"});
        let root = macaroon(&client.json(service, "/dev/api/acl/", None, &wish).await?, "macaroon")?;
        let caveat =
            root.caveats().find(|caveat| caveat.third_party.is_some()).context("a caveat for the SSO")?;
        let body = json!({
            "email": person.email,
            "password": person.password,
            "otp": code,
            "caveat_id": String::from_utf8_lossy(caveat.id),
        });
        let answer = client.json(service, "/api/v2/tokens/discharge", None, &body).await?;
        Ok(Some(Exported::u1_macaroon(root, macaroon(&answer, "discharge_macaroon")?)))
    }

    /// The earliest code that is good and was not used; those of the steps before and after are good as well.
    fn code(&self, person: &Person) -> Option<String> {
        let now = Clock::system().now().micros() / 1_000_000;
        let step = now / STEP_SECONDS;
        // One that ends within the time a request may take is left alone.
        let earliest = if now % STEP_SECONDS < STEP_SECONDS / 2 { step - 1 } else { step };
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let next = spent.get(&person.email).map_or(earliest, |last| earliest.max(last + 1));
        if next > step + 1 {
            return None;
        }
        spent.insert(person.email.clone(), next);
        second_factor::code_at(&person.secret, Timestamp::from_micros(next * STEP_SECONDS * 1_000_000))
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("email", &self.email).finish_non_exhaustive()
    }
}

fn macaroon((status, answer): &(u16, Value), member: &str) -> anyhow::Result<Macaroon> {
    ensure!(*status == 200, "a login was answered with {status}");
    let text = answer.get(member).and_then(Value::as_str).context("a macaroon")?;
    Macaroon::parse(text).context("a macaroon")
}

fn address(name: &str) -> String {
    format!("{name}@example.com")
}

fn role(name: &str) -> Role {
    if name == "security" { Role::Security } else { Role::Publisher }
}

const PUBLISHING: &[&str] =
    &["package_access", "package_manage", "package_push", "package_register", "package_release"];
const REVOKING: &[&str] = &["credential_revoke"];

/// Makes the store's keys as an operator may: once, and not by each of several services that start at once.
pub(crate) async fn make_store_keys(records: &Records, master: &MasterKey) -> anyhow::Result<()> {
    let pair = Pair::generate().await?;
    store_keys::make(records, master, &store_keys::Identity::new("load-tests"), &pair, Clock::system().now())
        .await?;
    Ok(())
}
