//! The provider's metadata.

use serde_json::json;
use sso_mock::{Algorithm, Settings, StartError, spawn};

use crate::support::{EMAIL, PASSWORD, Sso, ada};

const DOCUMENT: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn the_document_names_what_there_is() {
    for (algorithm, name) in [(Algorithm::Es256, "ES256"), (Algorithm::Rs256, "RS256")] {
        let sso = Sso::signing(algorithm).await;
        let document = sso.get(DOCUMENT).await;
        assert_eq!(document["issuer"], sso.provider.issuer());
        assert_eq!(document["token_endpoint"], sso.url("/token"));
        assert_eq!(document["jwks_uri"], sso.url("/jwks"));
        assert_eq!(document["grant_types_supported"], json!(["password", "refresh_token"]));
        assert_eq!(document["id_token_signing_alg_values_supported"], json!([name]));
        assert_eq!(document["subject_types_supported"], json!(["public"]));
        assert_eq!(document["response_types_supported"], json!([]));
        let methods = json!(["client_secret_basic", "client_secret_post"]);
        assert_eq!(document["token_endpoint_auth_methods_supported"], methods);
        assert_eq!(sso.keys().await.keys[0].common.key_algorithm.unwrap().to_string(), name);
    }
}

#[tokio::test]
async fn the_issuer_has_the_port_that_is_bound_or_is_what_the_settings_say() {
    let sso = Sso::start().await;
    let port: u16 = sso.provider.issuer().strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap();
    assert_ne!(port, 0);
    let issuer = "https://sso.example.com/realm/";
    let named = Settings { issuer: Some(issuer.to_owned()), accounts: vec![ada()], ..Settings::default() };
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let provider = spawn(Settings { listen, ..named }).await.unwrap();
    assert_eq!(provider.issuer(), issuer);
    let document = sso.http.get(format!("http://{listen}{DOCUMENT}")).send().await.unwrap();
    let document: serde_json::Value = document.json().await.unwrap();
    assert_eq!(document["issuer"], issuer);
    assert_eq!(document["token_endpoint"], "https://sso.example.com/realm/token");
    let form = [("grant_type", "password"), ("username", EMAIL), ("password", PASSWORD)];
    let request = sso.http.post(format!("http://{listen}/token"));
    let request = request.basic_auth(provider.client_id(), Some(provider.client_secret())).form(&form);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_is_no_issuer_is_refused() {
    for issuer in ["", "sso.example.com", "ftp://sso.example.com", "http://a/?q", "http://a/#f"] {
        let settings = Settings { issuer: Some(issuer.to_owned()), ..Settings::default() };
        assert!(matches!(spawn(settings).await, Err(StartError::Issuer)), "{issuer}");
    }
}
