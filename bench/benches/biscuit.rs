//! The same credential as a biscuit: authority block for the root, a third-party block signed by the single sign-on for
//! the discharge. Knows crate `biscuit-auth` and nothing of macaroons.

use std::hint::black_box;
use std::time::Duration;

use biscuit_auth::builder::{AuthorizerBuilder, BiscuitBuilder, BlockBuilder};
use biscuit_auth::{AuthorizerLimits, Biscuit, KeyPair, PublicKey, UnverifiedBiscuit};

use crate::credential::{IDENTIFIER, NOW, SNAP};

/// Everything that something measured starts from; texts are parsed here, once, in the biscuit's favour.
pub(crate) struct Equivalent {
    issuer: KeyPair,
    token: String,
    root: BiscuitBuilder,
    narrowing: BlockBuilder,
    attempt: AuthorizerBuilder,
}

impl Equivalent {
    pub(crate) fn new() -> Self {
        let (issuer, sso) = (KeyPair::new(), KeyPair::new());
        let root = BiscuitBuilder::new().code(root(&sso.public())).expect("well formed");
        let discharge = BlockBuilder::new().code(DISCHARGE).expect("well formed");
        let alone = root.clone().build(&issuer).expect("signed");
        let request = alone.third_party_request().expect("not sealed");
        let block = request.create_block(&sso.private(), discharge).expect("signed");
        let pair = alone.append_third_party(sso.public(), block).expect("for this token");
        Self {
            issuer,
            token: pair.to_base64().expect("serialised"),
            root,
            narrowing: BlockBuilder::new().code(NARROWING).expect("well formed"),
            attempt: attempt(NOW),
        }
    }

    pub(crate) fn decode(&self) -> UnverifiedBiscuit {
        UnverifiedBiscuit::from_base64(black_box(&self.token)).expect("well formed")
    }

    pub(crate) fn verify(&self, token: UnverifiedBiscuit) -> Biscuit {
        token.verify(self.issuer.public()).expect("genuine")
    }

    pub(crate) fn clear(&self, token: &Biscuit) -> usize {
        let mut authorizer = self.attempt.clone().build(token).expect("within the limits");
        authorizer.authorize_with_limits(LIMITS).expect("allowed")
    }

    pub(crate) fn mint(&self) -> Biscuit {
        self.root.clone().build(&self.issuer).expect("signed")
    }

    pub(crate) fn attenuate(&self, token: &Biscuit) -> Biscuit {
        token.append(self.narrowing.clone()).expect("signed")
    }

    /// Ends the program unless the token allows what the macaroons allow, and not a year later.
    pub(crate) fn agree(&self) {
        let token = self.verify(self.decode());
        self.clear(&token);
        let later = attempt("2028-01-01T00:00:00").build(&token);
        let verdict = later.expect("within the limits").authorize_with_limits(LIMITS);
        assert!(verdict.is_err(), "the biscuit allows what has expired");
    }
}

fn attempt(now: &str) -> AuthorizerBuilder {
    let code = format!(
        r#"time({now}Z); permission("package_release"); channel("latest/edge"); package("{SNAP}"); allow if true;"#
    );
    AuthorizerBuilder::new().code(code).expect("well formed")
}

fn root(sso: &PublicKey) -> String {
    format!(
        r#"
        identifier("{IDENTIFIER}");
        valid_since(2026-11-20T08:15:00Z);
        check all permission($needed), {{"package_access", "package_push", "package_release"}}.contains($needed);
        check all channel($wanted), {{"latest/edge", "latest/beta"}}.contains($wanted);
        check if package($wanted), {{"{SNAP}"}}.contains($wanted);
        check if time($now), $now < 2027-11-20T08:15:00Z;
        check if account($id, $email, $name, $username, $verified) trusting {sso};
        "#
    )
}

const DISCHARGE: &str = r#"
    account("Zb8kQ1mN4xT7vR2cW5yL9dH3sG6fJ0pA", "publisher@example.com", "A Publisher", "a-publisher", true);
    valid_since(2026-11-20T08:15:30Z);
    last_auth(2026-11-20T08:15:30Z);
    check if time($now), $now < 2027-11-20T08:15:00Z;
"#;

const NARROWING: &str = r#"check all channel($wanted), {"latest/edge"}.contains($wanted);"#;

/// The default allows a millisecond, which a busy machine may take.
const LIMITS: AuthorizerLimits =
    AuthorizerLimits { max_facts: 1000, max_iterations: 100, max_time: Duration::from_secs(10) };
