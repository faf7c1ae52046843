//! The `acl` caveat: permissions, what each includes, and sets of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Something a credential may be allowed to do: the store's 14 names, and five of this service's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Read the account's snaps, their state, channels, releases and status.
    PackageAccess,
    /// Manage packages: metadata, collaborators, channels, validations. Includes [`Self::PackageUpdate`].
    PackageManage,
    /// Upload revisions.
    PackagePush,
    /// Release, close and promote.
    PackageRelease,
    /// Includes [`Self::PackagePush`] and [`Self::PackageRelease`]; Launchpad asks for it.
    PackageUpload,
    /// Change metadata.
    PackageUpdate,
    /// Register names.
    PackageRegister,
    /// Read metrics.
    PackageMetrics,
    /// Let a service obtain `package_upload` credentials without a new discharge.
    PackageUploadRequest,
    /// Buy; obsolete, snapd still asks for it.
    PackagePurchase,
    /// Register signing keys.
    ModifyAccountKey,
    /// Change account data.
    EditAccount,
    /// Administer a brand store.
    StoreAdmin,
    /// Review uploads.
    StoreReview,
    /// List other people's credentials.
    CredentialList,
    /// Revoke other people's credentials; revoking one's own needs no permission.
    CredentialRevoke,
    /// Read the audit trail.
    AuditRead,
    /// Change package policies.
    PolicyManage,
    /// Manage the service's keys.
    KeyManage,
}

impl Permission {
    /// Every permission, in the order of the enum.
    pub const ALL: [Self; 19] = [
        Self::PackageAccess,
        Self::PackageManage,
        Self::PackagePush,
        Self::PackageRelease,
        Self::PackageUpload,
        Self::PackageUpdate,
        Self::PackageRegister,
        Self::PackageMetrics,
        Self::PackageUploadRequest,
        Self::PackagePurchase,
        Self::ModifyAccountKey,
        Self::EditAccount,
        Self::StoreAdmin,
        Self::StoreReview,
        Self::CredentialList,
        Self::CredentialRevoke,
        Self::AuditRead,
        Self::PolicyManage,
        Self::KeyManage,
    ];

    /// The name in an `acl` list.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PackageAccess => "package_access",
            Self::PackageManage => "package_manage",
            Self::PackagePush => "package_push",
            Self::PackageRelease => "package_release",
            Self::PackageUpload => "package_upload",
            Self::PackageUpdate => "package_update",
            Self::PackageRegister => "package_register",
            Self::PackageMetrics => "package_metrics",
            Self::PackageUploadRequest => "package_upload_request",
            Self::PackagePurchase => "package_purchase",
            Self::ModifyAccountKey => "modify_account_key",
            Self::EditAccount => "edit_account",
            Self::StoreAdmin => "store_admin",
            Self::StoreReview => "store_review",
            Self::CredentialList => "credential_list",
            Self::CredentialRevoke => "credential_revoke",
            Self::AuditRead => "audit_read",
            Self::PolicyManage => "policy_manage",
            Self::KeyManage => "key_manage",
        }
    }

    /// Whether holding this permission is enough where `needed` is asked for.
    pub fn grants(self, needed: Self) -> bool {
        self == needed || self.includes().contains(&needed)
    }

    const fn includes(self) -> &'static [Self] {
        match self {
            Self::PackageUpload => &[Self::PackagePush, Self::PackageRelease],
            Self::PackageManage => &[Self::PackageUpdate],
            _ => &[],
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no permission this service knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a permission")]
pub struct UnknownPermission;

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == name).ok_or(UnknownPermission)
    }
}

/// A set of permissions, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PermissionSet(u32);

impl PermissionSet {
    pub(crate) fn all() -> Self {
        Permission::ALL.into_iter().fold(Self::default(), |mut set, permission| {
            set.insert(permission);
            set
        })
    }

    pub(crate) fn insert(&mut self, permission: Permission) {
        self.0 |= 1 << permission as u32;
    }

    pub(crate) fn contains(self, permission: Permission) -> bool {
        self.0 & 1 << permission as u32 != 0
    }

    pub(crate) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }

    /// The set with everything its members include.
    pub(crate) fn granted(self) -> Self {
        UMBRELLAS.into_iter().filter(|umbrella| self.contains(*umbrella)).fold(self, |mut set, umbrella| {
            umbrella.includes().iter().for_each(|included| set.insert(*included));
            set
        })
    }
}

/// Those that include others.
const UMBRELLAS: [Permission; 2] = [Permission::PackageUpload, Permission::PackageManage];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_is_what_serde_writes() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(permission));
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.as_str());
        }
        assert_eq!("package_pushed".parse::<Permission>(), Err(UnknownPermission));
        assert_eq!(PermissionSet::all().iter().count(), Permission::ALL.len());
    }

    #[test]
    fn umbrellas_grant_their_parts_and_not_the_reverse() {
        assert!(Permission::PackageUpload.grants(Permission::PackagePush));
        assert!(Permission::PackageUpload.grants(Permission::PackageRelease));
        assert!(Permission::PackageManage.grants(Permission::PackageUpdate));
        assert!(!Permission::PackagePush.grants(Permission::PackageUpload));
        assert!(!Permission::PackageManage.grants(Permission::PackagePush));
    }

    #[test]
    fn a_granted_set_is_what_its_members_grant() {
        for held in Permission::ALL {
            let mut set = PermissionSet::default();
            set.insert(held);
            for needed in Permission::ALL {
                assert_eq!(set.granted().contains(needed), held.grants(needed), "{held} {needed}");
            }
        }
    }
}
