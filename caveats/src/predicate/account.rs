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
        let account = match std::str::from_utf8(&json).ok().and_then(Self::as_written) {
            Some(account) => account,
            None => serde_json::from_slice(&json).ok()?,
        };
        (!account.openid.is_empty()).then_some(account)
    }

    /// The short way for nearly every account: the text that [`encode`](Self::encode) writes, where nothing is escaped.
    fn as_written(json: &str) -> Option<Self> {
        // Counted, as looking at every byte takes no branch for each.
        if json.bytes().filter(|byte| matches!(byte, b'\\' | ..b' ')).count() > 0 {
            return None;
        }
        let (openid, rest) = string(json.strip_prefix(r#"{"openid":""#)?)?;
        let (email, rest) = string(rest.strip_prefix(r#","email":""#)?)?;
        let (displayname, rest) = string(rest.strip_prefix(r#","displayname":""#)?)?;
        let (username, rest) = string(rest.strip_prefix(r#","username":""#)?)?;
        let is_verified = match rest {
            r#","is_verified":true}"# => true,
            r#","is_verified":false}"# => false,
            _ => return None,
        };
        Some(Self {
            openid: openid.to_owned(),
            email: email.to_owned(),
            displayname: displayname.to_owned(),
            username: username.to_owned(),
            is_verified,
        })
    }
}

/// What stands before the next quote and after it.
fn string(text: &str) -> Option<(&str, &str)> {
    let end = memchr::memchr(b'"', text.as_bytes())?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_read_the_short_way_is_what_the_json_library_reads(
            texts in proptest::array::uniform4(r#"[a-z@é\\\\"/\x00-\x1f]{0,4}"#),
            is_verified in any::<bool>(),
        ) {
            let [openid, email, displayname, username] = texts;
            let account = Account { openid, email, displayname, username, is_verified };
            let json = serde_json::to_string(&account).unwrap();
            let plain = !json.contains('\\');
            prop_assert_eq!(Account::as_written(&json), plain.then_some(account));
        }

        #[test]
        fn a_text_that_is_almost_as_written_is_read_as_the_json_library_reads_it(
            at in 0_usize..90,
            taken in 0_usize..4,
            put in r#"[a-z"\\\\,:{} \n\x00é]{0,3}"#,
        ) {
            let mut json = r#"{"openid":"a","email":"b@c.de","displayname":"d","username":"e","is_verified":true}"#.to_owned();
            let at = at.min(json.len());
            json.replace_range(at..(at + taken).min(json.len()), &put);
            let library = serde_json::from_str(&json).ok();
            if let Some(account) = Account::as_written(&json) {
                prop_assert_eq!(Some(account), library);
            }
        }
    }

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
