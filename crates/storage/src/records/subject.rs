//! How the journal spells what is revoked.

use super::{StorageError, id};
use revocation::{Subject, hex};

/// A subject as the journal spells it.
pub(super) fn encode(subject: &Subject) -> String {
    match subject {
        Subject::Credential(token, fingerprint) => {
            format!("credential {token} {}", hex(fingerprint))
        }
        Subject::Family(token) => format!("family {token}"),
        Subject::Session(account, session) => format!("session {account} {session}"),
        Subject::Account(account) => format!("account {account}"),
        Subject::Package(package) => format!("package {package}"),
        Subject::SigningKey(key) => format!("signing-key {key}"),
        Subject::RootKey(key) => format!("root-key {key}"),
        Subject::Everything => "everything".to_owned(),
    }
}

pub(super) fn decode(text: &str) -> Result<Subject, StorageError> {
    const WHAT: &str = "revocation subject";
    let words: Vec<&str> = text.split(' ').collect();
    Ok(match words.as_slice() {
        ["credential", token, hex] => Subject::Credential(id(token, WHAT)?, fingerprint(hex)?),
        ["family", token] => Subject::Family(id(token, WHAT)?),
        ["session", account, session] => Subject::Session(id(account, WHAT)?, id(session, WHAT)?),
        ["account", account] => Subject::Account(id(account, WHAT)?),
        ["package", package] => Subject::Package(id(package, WHAT)?),
        ["signing-key", key] => Subject::SigningKey(id(key, WHAT)?),
        ["root-key", key] => Subject::RootKey(id(key, WHAT)?),
        ["everything"] => Subject::Everything,
        _ => return Err(StorageError::Corrupt(WHAT)),
    })
}

fn fingerprint(hex: &str) -> Result<[u8; 16], StorageError> {
    let value = u128::from_str_radix(hex, 16).map_err(|_| StorageError::Corrupt("fingerprint"))?;
    if hex.len() == 32 { Ok(value.to_be_bytes()) } else { Err(StorageError::Corrupt("fingerprint")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ids::{AccountId, KeyId, SessionId, SigningKeyId, SnapId, TokenId};

    #[test]
    fn every_subject_reads_back_as_it_was_written() {
        let account = AccountId::generate();
        for subject in [
            Subject::Credential(TokenId::generate(), [7; 16]),
            Subject::Family(TokenId::generate()),
            Subject::Session(account.clone(), SessionId::generate()),
            Subject::Account(account),
            Subject::Package(SnapId::generate()),
            Subject::SigningKey(SigningKeyId::generate()),
            Subject::RootKey(KeyId::generate()),
            Subject::Everything,
        ] {
            assert_eq!(decode(&encode(&subject)).unwrap(), subject);
        }
        assert!(decode("account ../..").is_err());
    }
}
