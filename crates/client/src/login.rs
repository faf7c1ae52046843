//! Logging in as clients do: a root from the store, then a discharge for it from the SSO.

use anyhow::Context as _;
use caveats::Macaroon;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::{Answer, Client};

/// Who logs in.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// Their e-mail address.
    pub email: &'a str,
    /// Their password.
    pub password: &'a SecretString,
    /// A one-time code, where the account needs one.
    pub code: Option<&'a SecretString>,
}

/// A root that allows what is wished for, once it is discharged. Anonymous.
pub async fn root(client: &Client, wish: &Value) -> anyhow::Result<Macaroon> {
    macaroon(&client.post("/dev/api/acl/", None, wish).await?.success()?, "macaroon")
}

/// Asks for the discharge; see [`discharged`] and [`needs_code`] for the answer.
pub async fn ask(client: &Client, root: &Macaroon, who: Identity<'_>) -> anyhow::Result<Answer> {
    let caveat = root.caveats().find(|caveat| caveat.third_party.is_some());
    let caveat_id = caveat.context("the root asks for no discharge")?.id;
    let mut body = json!({
        "email": who.email,
        "password": who.password.expose_secret(),
        "caveat_id": String::from_utf8_lossy(caveat_id),
    });
    if let (Some(code), Some(body)) = (who.code, body.as_object_mut()) {
        body.insert("otp".to_owned(), code.expose_secret().into());
    }
    client.post("/api/v2/tokens/discharge", None, &body).await
}

/// Whether the answer is that a one-time code is needed besides.
pub fn needs_code(answer: &Answer) -> bool {
    answer.status == 401 && answer.code() == Some("twofactor-required")
}

/// The discharge in the answer, or what the service says instead.
pub fn discharged(answer: Answer) -> anyhow::Result<Macaroon> {
    macaroon(&answer.success()?, "discharge_macaroon")
}

fn macaroon(answer: &Value, member: &str) -> anyhow::Result<Macaroon> {
    let text = answer.get(member).and_then(Value::as_str);
    let text = text.with_context(|| format!("the service's answer has no {member}; is it a macaroond?"))?;
    Macaroon::parse(text).with_context(|| format!("{member} in the service's answer is no macaroon"))
}
