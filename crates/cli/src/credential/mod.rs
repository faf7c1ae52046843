//! A credential in the hands of its holder, offline: read from a file, with the locations that its caveats should name.

#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod read;
pub(crate) mod text;
pub(crate) mod unusable;

use std::path::{Path, PathBuf};

use caveats::exported::Exported;
use caveats::{Account, Claims, Locations, Macaroon, Predicate, Shown};
use clap::Args;
use secrecy::ExposeSecret as _;

use read::{parse, read};

/// Which credential.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The credential's file, in any form in which clients keep one; `-`, or none, reads standard input.
    file: Option<PathBuf>,
    /// The location that the store's caveats name, where a service has its own.
    #[arg(long, default_value = model::snap::STORE_LOCATION, value_name = "NAME")]
    store_location: String,
}

/// A credential, and where its caveats should be from. Nothing about it is checked.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    pub(crate) exported: Exported,
    pub(crate) store: String,
    pub(crate) sso: String,
}

impl Source {
    /// Reads it.
    pub(crate) fn read(&self) -> anyhow::Result<Credential> {
        let text = read(self.file.as_deref().unwrap_or(Path::new("-")))?;
        Ok(Credential::new(parse(text.expose_secret())?, &self.store_location))
    }
}

impl Credential {
    /// The SSO is the one that the root asks for a discharge: a service would go by its own settings.
    pub(crate) fn new(exported: Exported, store: &str) -> Credential {
        let sso = sso_location(&exported).to_owned();
        Credential { exported, store: store.to_owned(), sso }
    }

    /// What it says of itself. A lone discharge is read as what it is, from the SSO.
    pub(crate) fn claims(&self) -> Claims {
        let store = if self.lone_discharge().is_some() { &self.sso } else { &self.store };
        self.exported.claims(&Locations { store, sso: &self.sso })
    }

    /// What to try where its caveats are from another place than expected, which a service may well call itself.
    pub(crate) fn hint(&self) -> Option<String> {
        let root = &self.exported.root;
        let prefix = format!("{}|", root.location());
        let its_own = root.location() != self.store
            && self.lone_discharge().is_none()
            && root.caveats().any(|caveat| caveat.id.starts_with(prefix.as_bytes()));
        let location = Shown::new(root.location());
        its_own
            .then(|| format!("If your service calls itself {location}, say so: --store-location {location}"))
    }

    /// Whose discharge this is, if it is one without its root, of which people paste either half.
    pub(crate) fn lone_discharge(&self) -> Option<Account> {
        let alone = &self.exported.root;
        if !self.exported.discharges.is_empty() || alone.caveats().any(|caveat| caveat.third_party.is_some())
        {
            return None;
        }
        let mut read = alone.caveats().map(|caveat| Predicate::parse(caveat.id, alone.location()));
        read.find_map(|predicate| match predicate {
            Ok(Predicate::Account(account)) => Some(account),
            _ => None,
        })
    }
}

fn sso_location(exported: &Exported) -> &str {
    let asked =
        || exported.root.caveats().filter_map(|caveat| Some((caveat.id, caveat.third_party?.location)));
    let answered = |id: &[u8]| exported.discharges.iter().any(|discharge| discharge.identifier() == id);
    let location =
        asked().find(|(id, _)| answered(id)).or_else(|| asked().next()).map(|(_, location)| location);
    // A discharge says itself where it is from, also one without its root.
    let stated = || exported.discharges.first().or(Some(&exported.root)).map(Macaroon::location);
    location.filter(|location| !location.is_empty()).or_else(stated).unwrap_or_default()
}
