//! What admits an upload: its publisher's signature, or a policy and a credential that ask for none.

use std::net::IpAddr;
use std::sync::Arc;

use caveats::{Bundle, Channel, Permission, Refusal as Denial, Upload};

use crate::authorization::authorized::Authorized;
use crate::authorization::{Attempt, Refusal, Target};
use crate::publishing::accept_upload::{Admission, Prepared};
use crate::publishing::builds::{Flaw, JudgeError, Signed, candidates};
use crate::publishing::workspace::Workspace;
use model::signing::SignedUploads;

/// Somebody who pushes, for as long as the push may have to wait.
#[derive(Debug, Clone)]
pub struct Pusher {
    /// The credential as it came, to be judged again once the signature has come.
    pub bundle: Bundle,
    /// Where they come from.
    pub source: Option<IpAddr>,
    /// The snap.
    pub name: String,
    /// Where its new revision is to be released at once.
    pub channels: Arc<[Channel]>,
}

/// Whether an upload is admitted.
pub(super) enum Verdict {
    /// It is, for this attempt.
    Admitted(Authorized, Admission),
    /// It lacks a signature that may still come.
    Lacking(String),
    /// It has come with one that is no good.
    Flawed(String),
}

/// Nobody can tell, or the credential does not allow it.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// The credential.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An assertion could not be judged.
    #[error(transparent)]
    Judge(#[from] JudgeError),
}

impl Pusher {
    /// What is attempted with this upload. The channels of `upload --release` are named only in the push, so releasing
    /// there needs its permission here.
    pub(super) fn attempt<'a>(&'a self, upload: Upload<'a>) -> Attempt<'a> {
        let permissions: &[Permission] = if self.channels.is_empty() {
            &[Permission::PackagePush]
        } else {
            &[Permission::PackagePush, Permission::PackageRelease]
        };
        let (target, source) = (Target::Named(&self.name), self.source);
        Attempt { permissions, target, channels: &self.channels, upload, source, ..Attempt::default() }
    }

    /// Decides: the credential is asked about the key that signed, and without a signature about none.
    pub(super) async fn admit(
        &self,
        workspace: &Workspace,
        prepared: &Prepared,
    ) -> Result<Verdict, AdmitError> {
        let digest = &prepared.file.digest.0;
        let along = prepared.file.assertion.as_deref();
        let judged = candidates(workspace, &prepared.snap, prepared.identity(), along).await?;
        let (signed, flaws): (Vec<_>, Vec<_>) = judged.into_iter().partition(Result::is_ok);
        let mut denial = None;
        for signed in signed.into_iter().flatten() {
            match self.authorize(workspace, digest, Some(&signed)).await {
                Ok(authorized) => return Ok(Verdict::Admitted(authorized, Admission::Signed(signed))),
                Err(Refusal::Denied(Denial::BuildKey { wanted, allowed })) => {
                    denial = Some(Denial::BuildKey { wanted, allowed });
                }
                Err(other) => return Err(other.into()),
            }
        }
        let flaw = flaws.into_iter().rev().find_map(Result::err);
        let authorized = match self.authorize(workspace, digest, None).await {
            Ok(authorized) => authorized,
            Err(Refusal::Denied(demand @ Denial::BuildKey { .. })) => {
                return Ok(Lack::of(prepared, flaw, Some(denial.unwrap_or(demand))).into());
            }
            Err(other) => return Err(other.into()),
        };
        let policy = workspace.records.policy(&prepared.snap.id).await.map_err(JudgeError::Storage)?;
        Ok(match policy {
            SignedUploads::Off => Verdict::Admitted(authorized, Admission::Unsigned),
            SignedUploads::Observe => {
                let reason = Lack::of(prepared, flaw, None).sentence;
                Verdict::Admitted(authorized, Admission::Observed(reason))
            }
            SignedUploads::Required => Lack::of(prepared, flaw, None).into(),
        })
    }

    async fn authorize(
        &self,
        workspace: &Workspace,
        digest: &[u8; 48],
        signed: Option<&Signed>,
    ) -> Result<Authorized, Refusal> {
        let build_key = signed.map(|signed| signed.key().as_str());
        let attempt = self.attempt(Upload::File { digest, build_key });
        workspace.authorizer.authorize(self.bundle.clone(), &attempt).await
    }
}

/// What is missing, in a sentence that a client prints whole.
struct Lack {
    sentence: String,
    /// Whether waiting may help: nothing has come yet that is no good.
    may_come: bool,
}

impl Lack {
    fn of(prepared: &Prepared, flaw: Option<Flaw>, denial: Option<Denial>) -> Lack {
        let needs = format!(
            "The snap '{}' needs a snap-build assertion for this file by a registered key: run snapcraft sign-build with \
             the file, then upload it again.",
            prepared.snap.name
        );
        let (why, may_come) = match (flaw, denial) {
            (Some(flaw), _) => (format!(" The assertion that came is no good: {flaw}."), false),
            (None, Some(denial @ Denial::BuildKey { wanted: Some(_), .. })) => {
                (format!(" The one that came does not serve with this credential: {denial}."), false)
            }
            (None, Some(denial)) => (format!(" It is this credential that asks for it: {denial}."), true),
            (None, None) => (String::new(), true),
        };
        Lack { sentence: needs + &why, may_come }
    }
}

impl From<Lack> for Verdict {
    fn from(lack: Lack) -> Verdict {
        if lack.may_come { Verdict::Lacking(lack.sentence) } else { Verdict::Flawed(lack.sentence) }
    }
}
