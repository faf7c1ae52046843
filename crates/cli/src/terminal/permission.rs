//! Permissions on the command line: their names as arguments, and what each means.

use caveats::Permission;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Reads a permission's name; help and completions list them all.
pub(crate) fn parser() -> impl TypedValueParser<Value = Permission> {
    let value = |permission: Permission| PossibleValue::new(permission.as_str()).help(meaning(permission));
    PossibleValuesParser::new(Permission::ALL.map(value)).try_map(|name| name.parse())
}

/// What a permission allows, for whoever holds it.
pub(crate) const fn meaning(permission: Permission) -> &'static str {
    match permission {
        Permission::PackageAccess => "read about the account's snaps: state, channels, releases",
        Permission::PackageManage => {
            "manage snaps: metadata, collaborators, channels; includes package_update"
        }
        Permission::PackagePush => "upload revisions",
        Permission::PackageRelease => "release revisions, close channels, promote",
        Permission::PackageUpload => "upload and release; includes package_push and package_release",
        Permission::PackageUpdate => "change metadata",
        Permission::PackageRegister => "register names",
        Permission::PackageMetrics => "read metrics",
        Permission::PackageUploadRequest => "let a service obtain package_upload credentials",
        Permission::PackagePurchase => "buy; obsolete",
        Permission::ModifyAccountKey => "register signing keys",
        Permission::EditAccount => "change account data",
        Permission::StoreAdmin => "administer a brand store",
        Permission::StoreReview => "review uploads",
        Permission::CredentialList => "list other people's credentials",
        Permission::CredentialRevoke => "revoke other people's credentials",
        Permission::AuditRead => "read the audit trail",
        Permission::PolicyManage => "change package policies",
        Permission::KeyManage => "manage the service's keys",
    }
}
