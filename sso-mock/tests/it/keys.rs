//! Rotation of the signing keys.

use jsonwebtoken::decode_header;
use sso_mock::OldKeys;

use crate::support::{EMAIL, PASSWORD, Sso};

async fn token(sso: &Sso) -> String {
    sso.log_in(EMAIL, PASSWORD).await.granted("id_token").to_owned()
}

#[tokio::test]
async fn a_new_key_signs_and_the_old_one_still_verifies() {
    let sso = Sso::start().await;
    let old = token(&sso).await;
    sso.provider.rotate_keys(OldKeys::Keep).await;
    let new = token(&sso).await;
    assert_ne!(decode_header(&old).unwrap().kid, decode_header(&new).unwrap().kid);
    sso.verify(&old).await.unwrap();
    sso.verify(&new).await.unwrap();
    assert_eq!(sso.keys().await.keys.len(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_published_no_more() {
    let sso = Sso::start().await;
    sso.provider.rotate_keys(OldKeys::Keep).await;
    let old = token(&sso).await;
    sso.provider.rotate_keys(OldKeys::Withdraw).await;
    let keys = sso.keys().await;
    assert_eq!(keys.keys.len(), 1);
    assert!(keys.find(&decode_header(&old).unwrap().kid.unwrap()).is_none());
    sso.verify(&token(&sso).await).await.unwrap();
}

#[tokio::test]
async fn only_public_halves_are_published() {
    for algorithm in [sso_mock::Algorithm::Es256, sso_mock::Algorithm::Rs256] {
        let sso = Sso::signing(algorithm).await;
        let keys = sso.get("/jwks").await;
        let key = keys["keys"][0].as_object().unwrap();
        assert_eq!(key["use"], "sig");
        let private = ["d", "p", "q", "dp", "dq", "qi", "k"];
        assert!(private.iter().all(|name| !key.contains_key(*name)), "{key:?}");
    }
}
