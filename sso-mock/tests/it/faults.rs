//! Each fault, as a careful client meets it.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, KeyAlgorithm};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use rsa::pkcs8::EncodePublicKey as _;
use serde_json::Value;
use sso_mock::{Algorithm, Fault};

use crate::support::{EMAIL, PASSWORD, Sso};

/// The ID token of a login while a fault is in force.
async fn token_with(sso: &Sso, fault: Fault) -> String {
    sso.provider.set_faults(vec![fault]);
    sso.log_in(EMAIL, PASSWORD).await.granted("id_token").to_owned()
}

/// How a careful client refuses it.
async fn refusal(sso: &Sso, fault: Fault) -> ErrorKind {
    let token = token_with(sso, fault).await;
    sso.verify(&token).await.unwrap_err().kind().clone()
}

#[tokio::test]
async fn wrong_claims_are_each_found_by_a_careful_client_and_gone_when_the_fault_is() {
    let sso = Sso::start().await;
    assert_eq!(refusal(&sso, Fault::ExpiredToken).await, ErrorKind::ExpiredSignature);
    assert_eq!(refusal(&sso, Fault::WrongIssuer).await, ErrorKind::InvalidIssuer);
    assert_eq!(refusal(&sso, Fault::WrongAudience).await, ErrorKind::InvalidAudience);
    sso.provider.set_faults(Vec::new());
    let answer = sso.log_in(EMAIL, PASSWORD).await;
    sso.verify(answer.granted("id_token")).await.unwrap();
}

#[tokio::test]
async fn a_wrong_key_signs_under_the_published_key_id() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let sso = Sso::signing(algorithm).await;
        assert_eq!(refusal(&sso, Fault::WrongKey).await, ErrorKind::InvalidSignature);
    }
}

#[tokio::test]
async fn an_unsigned_token_says_none_and_has_the_claims() {
    let sso = Sso::start().await;
    let token = token_with(&sso, Fault::Unsigned).await;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, ""] = parts[..] else { panic!("{token}") };
    let json = |part| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(json(header)["alg"], "none");
    assert!(sso.keys().await.find(json(header)["kid"].as_str().unwrap()).is_some());
    assert_eq!(json(claims)["email"], EMAIL);
    assert!(decode_header(&token).is_err());
}

#[tokio::test]
async fn the_public_key_as_an_hmac_secret_fools_only_a_client_that_trusts_the_header() {
    let sso = Sso::signing(Algorithm::Rs256).await;
    let token = token_with(&sso, Fault::HmacWithPublicKey).await;
    assert_eq!(sso.verify(&token).await.unwrap_err().kind(), &ErrorKind::InvalidAlgorithm);
    // The careless client: the algorithm of the header, the text of the key that it names.
    let header = decode_header(&token).unwrap();
    let keys = sso.keys().await;
    let key = keys.find(&header.kid.unwrap()).unwrap();
    assert_eq!(key.common.key_algorithm, Some(KeyAlgorithm::RS256));
    let AlgorithmParameters::RSA(parameters) = &key.algorithm else { panic!("{key:?}") };
    let number = |text| rsa::BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text).unwrap());
    let public = rsa::RsaPublicKey::new(number(&parameters.n), number(&parameters.e)).unwrap();
    let text = public.to_public_key_pem(rsa::pkcs8::LineEnding::LF).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[sso.provider.client_id()]);
    let fooled = decode::<Value>(&token, &DecodingKey::from_secret(text.as_bytes()), &validation);
    assert_eq!(fooled.unwrap().claims["email"], EMAIL);
}

#[tokio::test]
async fn the_id_token_can_be_left_out() {
    let sso = Sso::start().await;
    sso.provider.set_faults(vec![Fault::WithoutIdToken]);
    let answer = sso.log_in(EMAIL, PASSWORD).await;
    answer.granted("refresh_token");
    assert_eq!(answer.body["id_token"], Value::Null);
}

#[tokio::test]
async fn a_server_error_comes_late_when_slowness_was_asked_for_too() {
    let sso = Sso::start().await;
    sso.provider.set_faults(vec![Fault::Slow(Duration::from_millis(300)), Fault::ServerError]);
    let start = Instant::now();
    assert_eq!(sso.log_in(EMAIL, PASSWORD).await.refused(), (500, "server_error"));
    assert!(start.elapsed() >= Duration::from_millis(300));
    // Only the token endpoint is at fault.
    sso.keys().await;
}
