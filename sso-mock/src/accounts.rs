//! The invented people: who they are, whether they may log in, and the hash of each password.
//!
//! Passwords are hashed with Argon2id on a thread where waiting is allowed; the text is not kept.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use serde::Deserialize;

use crate::blocking::blocking;
use crate::json::{self, MalformedJson};
use crate::random;

/// A person to be invented. As JSON: an object with these fields, of which `groups` and `subject` may be left out.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The e-mail address, which is also a name to log in with. It is found whatever its ASCII case.
    pub email: String,
    /// The user name, which is also a name to log in with.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// The password. Only its hash is kept.
    pub password: String,
    /// The groups, as they stand in ID tokens.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The subject identifier (OpenID Connect Core 1.0, 8), which never changes. Without one a random one is made:
    /// give one to somebody who is to be the same after a restart.
    #[serde(default)]
    pub subject: Option<String>,
}

/// An account could not be made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Somebody else has the e-mail address, user name or subject.
    #[error("the {0} is taken by another account")]
    Taken(&'static str),
    /// What nobody can do without is empty.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// Nobody has this e-mail address.
    #[error("no account has this e-mail address")]
    Unknown,
}

/// Who somebody is, once that is known.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) subject: String,
    pub(crate) email: String,
    pub(crate) username: String,
    pub(crate) display_name: String,
    pub(crate) groups: Vec<String>,
    pub(crate) epoch: Epoch,
}

/// Counts what ends every grant of an account: another password, disabling, deletion. No two are ever the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

/// Everybody.
pub(crate) struct Accounts {
    people: Mutex<People>,
    /// Checked where nobody is found, so that this takes as long.
    decoy: PasswordHash,
}

#[derive(Default)]
struct People {
    all: Vec<Account>,
    epochs: u64,
}

struct Account {
    person: Person,
    password: PasswordHash,
    access: Access,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Enabled,
    Disabled,
}

impl NewAccount {
    /// Reads a JSON list of accounts.
    pub fn list_from_json(text: &[u8]) -> Result<Vec<NewAccount>, MalformedJson> {
        json::parse(text)
    }

    fn check(&self) -> Result<(), AccountError> {
        let needed = [
            ("e-mail address", Some(&self.email)),
            ("user name", Some(&self.username)),
            ("password", Some(&self.password)),
            ("subject", self.subject.as_ref()),
        ];
        match needed.iter().find(|(_, value)| value.is_some_and(String::is_empty)) {
            Some((what, _)) => Err(AccountError::Empty(what)),
            None => Ok(()),
        }
    }
}

impl Accounts {
    /// Nobody yet.
    pub(crate) async fn new() -> Accounts {
        let decoy = hash(random::secret()).await;
        Accounts { people: Mutex::default(), decoy }
    }

    /// Adds somebody and answers with the subject.
    pub(crate) async fn add(&self, new: NewAccount) -> Result<String, AccountError> {
        new.check()?;
        let password = hash(new.password).await;
        let mut people = self.lock();
        let subject = new.subject.unwrap_or_else(random::name);
        for name in [&new.email, &new.username] {
            if people.all.iter().any(|account| account.person.has_name(name)) {
                return Err(AccountError::Taken(if name == &new.email {
                    "e-mail address"
                } else {
                    "user name"
                }));
            }
        }
        if people.all.iter().any(|account| account.person.subject == subject) {
            return Err(AccountError::Taken("subject"));
        }
        let person = Person {
            subject: subject.clone(),
            email: new.email,
            username: new.username,
            display_name: new.display_name,
            groups: new.groups,
            epoch: people.next_epoch(),
        };
        people.all.push(Account { person, password, access: Access::Enabled });
        Ok(subject)
    }

    /// Who logs in under this e-mail address or user name with this password, if anybody may.
    /// Takes the same time for a wrong password, a disabled account and nobody.
    pub(crate) async fn log_in(&self, name: &str, password: String) -> Option<Person> {
        let found = {
            let people = self.lock();
            let account = people.all.iter().find(|account| account.person.has_name(name));
            account.map(|account| {
                (account.person.subject.clone(), account.person.epoch, account.password.clone())
            })
        };
        let (known, hash) = match found {
            Some((subject, epoch, hash)) => (Some((subject, epoch)), hash),
            None => (None, self.decoy.clone()),
        };
        let right =
            blocking(move || Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()).await;
        let (subject, epoch) = known.filter(|_| right)?;
        // The password may have been changed while this one was being checked.
        self.still(&subject, epoch)
    }

    /// Who this is, if the account is still good and its password still the one of this epoch.
    pub(crate) fn still(&self, subject: &str, epoch: Epoch) -> Option<Person> {
        let people = self.lock();
        let account = people.all.iter().find(|account| account.person.subject == subject)?;
        let good = account.access == Access::Enabled && account.person.epoch == epoch;
        good.then(|| account.person.clone())
    }

    /// Gives somebody another password, which ends what was granted for the old one.
    pub(crate) async fn set_password(&self, email: &str, password: String) -> Result<(), AccountError> {
        if password.is_empty() {
            return Err(AccountError::Empty("password"));
        }
        let password = hash(password).await;
        self.change(email, |account, epoch| {
            account.password = password;
            account.person.epoch = epoch;
        })
    }

    /// Locks somebody out, and ends what was granted.
    pub(crate) fn disable(&self, email: &str) -> Result<(), AccountError> {
        self.change(email, |account, epoch| {
            account.access = Access::Disabled;
            account.person.epoch = epoch;
        })
    }

    /// Lets somebody log in again.
    pub(crate) fn enable(&self, email: &str) -> Result<(), AccountError> {
        self.change(email, |account, _| account.access = Access::Enabled)
    }

    /// Changes the groups that the next ID token will name.
    pub(crate) fn set_groups(&self, email: &str, groups: Vec<String>) -> Result<(), AccountError> {
        self.change(email, |account, _| account.person.groups = groups)
    }

    /// Forgets somebody.
    pub(crate) fn delete(&self, email: &str) -> Result<(), AccountError> {
        let mut people = self.lock();
        let index = people.all.iter().position(|account| account.person.has_email(email));
        people.all.swap_remove(index.ok_or(AccountError::Unknown)?);
        Ok(())
    }

    fn change(&self, email: &str, change: impl FnOnce(&mut Account, Epoch)) -> Result<(), AccountError> {
        let mut people = self.lock();
        let epoch = people.next_epoch();
        let account = people.all.iter_mut().find(|account| account.person.has_email(email));
        change(account.ok_or(AccountError::Unknown)?, epoch);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl People {
    fn next_epoch(&mut self) -> Epoch {
        self.epochs += 1;
        Epoch(self.epochs)
    }
}

impl Person {
    fn has_email(&self, email: &str) -> bool {
        self.email.eq_ignore_ascii_case(email)
    }

    fn has_name(&self, name: &str) -> bool {
        self.has_email(name) || self.username == name
    }
}

impl fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAccount")
            .field("email", &self.email)
            .field("username", &self.username)
            .field("display_name", &self.display_name)
            .field("password", &"[redacted]")
            .field("groups", &self.groups)
            .field("subject", &self.subject)
            .finish()
    }
}

async fn hash(password: String) -> PasswordHash {
    blocking(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.expect("no password has 4 GiB, and the operating system's random generator works")
    })
    .await
}
