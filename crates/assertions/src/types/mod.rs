//! The types that are understood, one file each: an assertion goes in, and comes out with its headers read.

mod account;
mod account_key;
mod account_key_request;
mod fields;
mod snap_build;
mod snap_declaration;
mod snap_revision;
mod validation;

pub use account::{Account, NewAccount, ValidationStatus};
pub use account_key::{AccountKey, NewAccountKey};
pub use account_key_request::{AccountKeyRequest, NewAccountKeyRequest};
pub use fields::TypeError;
pub use snap_build::{NewSnapBuild, SnapBuild};
pub use snap_declaration::{NewSnapDeclaration, SnapDeclaration};
pub use snap_revision::{NewSnapRevision, SnapRevision};
pub use validation::Validation;

use crate::assertion::Assertion;

/// Whether the headers are what the type demands. Of a type that is not known, nothing is demanded.
pub(crate) fn check(assertion: &Assertion) -> Result<(), TypeError> {
    let assertion = assertion.clone();
    match assertion.kind() {
        "account" => Account::read(assertion).map(drop),
        "account-key" => AccountKey::read(assertion).map(drop),
        "account-key-request" => AccountKeyRequest::read(assertion).map(drop),
        "snap-build" => SnapBuild::read(assertion).map(drop),
        "snap-declaration" => SnapDeclaration::read(assertion).map(drop),
        "snap-revision" => SnapRevision::read(assertion).map(drop),
        "validation" => Validation::read(assertion).map(drop),
        _ => Ok(()),
    }
}
