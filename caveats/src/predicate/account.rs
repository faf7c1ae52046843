//! The `account` caveat: whose discharge this is.

use serde::{Deserialize, Serialize};

use crate::wire::base64;

/// The person a discharge speaks for, in the shape the Ubuntu SSO gives it (as candid reads it).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    /// The account's id, never empty.
    pub openid: String,
    /// Where to write to.
    #[serde(default)]
    pub email: String,
    /// What to call them.
    #[serde(default)]
    pub displayname: String,
    /// Their name in the store.
    #[serde(default)]
    pub username: String,
    /// Whether the address was confirmed.
    #[serde(default)]
    pub is_verified: bool,
}

impl Account {
    /// Standard base64, padded, of the JSON object.
    pub(crate) fn encode(&self) -> String {
        let json = serde_json::to_string(self).expect("a struct of strings always serialises");
        base64::encode_standard(json.as_bytes())
    }

    /// `None` for anything but base64 of one JSON object with each known member at most once and a non-empty `openid`.
    /// Members this version does not know are left for later versions to add.
    pub(crate) fn decode(value: &str) -> Option<Self> {
        let json = base64::decode_standard(value)?;
        let account: Self = serde_json::from_slice(&json).ok()?;
        (!account.openid.is_empty()).then_some(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_back_as_written() {
        let account = Account {
            openid: "AbC".into(),
            email: "a@example.com".into(),
            displayname: "Ä \"B\"".into(),
            username: "a-b".into(),
            is_verified: true,
        };
        assert_eq!(Account::decode(&account.encode()), Some(account));
    }

    #[test]
    fn a_repeated_member_or_an_empty_id_is_refused() {
        for json in [r#"{"openid": "a", "openid": "b"}"#, r#"{"openid": ""}"#, "{}", "[]", r#"{"openid": 1}"#]
        {
            assert_eq!(Account::decode(&base64::encode_standard(json.as_bytes())), None, "{json}");
        }
        assert_eq!(Account::decode("not base64!"), None);
    }
}
