//! What settings are taken, and with which words others are refused.

use super::*;

const GOOD: &str = r#"
public_url = "https://store.example"
data_dir = "/var/lib/macaroond"
master_key_file = "/run/secrets/master"
[sso]
issuer = "https://sso.example"
client_id = "macaroond"
client_secret_file = "SECRET"
publisher_groups = ["publishers"]
security_groups = ["security"]
[tokens]
discharge_max_age = "5s"
[uploads]
max_size = "200MiB"
"#;

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "hush\n").unwrap();
    let path = dir.path().join("macaroond.toml");
    std::fs::write(&path, text.replace("SECRET", &secret.display().to_string())).unwrap();
    Settings::load(&path, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

#[test]
fn the_environment_lies_over_the_file() {
    let settings = load(
        GOOD,
        &[
            ("MACAROOND__TOKENS__DISCHARGE_MAX_AGE", "7s"),
            ("MACAROOND__TOKENS__LOGIN_FAILURES", "3"),
            ("MACAROOND__TOKENS__SECOND_FACTOR", "required"),
            ("MACAROOND__SSO__CLIENT_ID", "12345"),
            ("MACAROOND__SSO__PUBLISHER_GROUPS", "[\"staff\", \"ci\"]"),
            ("MACAROOND__REDIS__URL", "redis://h"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(settings.tokens.discharge_max_age, Duration::from_secs(7));
    assert_eq!((settings.tokens.login_failures, settings.sso.client_id.as_str()), (3, "12345"));
    assert_eq!(settings.tokens.second_factor, SecondFactorPolicy::Required);
    assert_eq!(
        settings.sso.groups.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["staff", "ci", "security"]
    );
    assert_eq!(settings.uploads.max_size, 200 << 20);
    assert_eq!(settings.uploads.unclaimed_per_address, 20 << 30);
    assert_eq!(settings.sso_location(), "store.example");
    assert_eq!(settings.url("/x"), "https://store.example/x");
    assert!(settings.redis.is_some());
    assert!(!format!("{settings:?}").contains("hush"));
}

#[test]
fn each_mistake_is_named() {
    for (from, to, says) in [
        ("public_url = \"https://store.example\"", "", "public_url"),
        ("store.example\"", "store.example/path\"", "public_url"),
        ("store.example\"", "store.example/?a=b\"", "public_url"),
        ("https://store", "ftp://store", "public_url"),
        ("\"5s\"", "\"five\"", "tokens.discharge_max_age: 'five' is no duration"),
        ("200MiB", "lots", "uploads.max_size: 'lots' is no size"),
        ("\"200MiB\"", "\"1MiB\"\nkeep_unclaimed = \"1s\"", "uploads.keep_unclaimed"),
        ("\"200MiB\"", "\"1MiB\"\nunclaimed_per_address = \"16383\"", "uploads.unclaimed_per_address"),
        ("\"200MiB\"", "\"1MiB\"\nunclaimed_per_address = \"much\"", "'much' is no size"),
        ("\"5s\"", "\"5s\"\nlogin_failures = 0", "tokens.login_failures"),
        ("\"5s\"", "\"5s\"\nsecond_factor = \"maybe\"", "tokens.second_factor"),
        ("\"macaroond\"", "3", "sso.client_id"),
        ("publisher_groups", "publisher_group", "publisher_group"),
        ("[sso]", "trusted_proxies = [\"10.1.2.3/8\"]\n[sso]", "'10.1.2.3/8' is no network"),
        ("SECRET", "/nowhere/secret", "sso.client_secret_file"),
    ] {
        let error = load(&GOOD.replace(from, to), &[]).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn the_shared_database_is_named_by_a_url_or_a_file_and_nothing_tells_its_password() {
    let redis = ("MACAROOND__REDIS__URL", "redis://h");
    let url = "postgres://u:hush@h/d?sslmode=verify-full&sslrootcert=/ca.pem";
    let settings = load(GOOD, &[redis, ("MACAROOND__DATABASE__URL", url)]).unwrap();
    assert!(settings.database.is_some());
    assert!(!format!("{settings:?}").contains("hush"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{url}\n")).unwrap();
    let name = file.path().to_str().unwrap();
    assert!(load(GOOD, &[redis, ("MACAROOND__DATABASE__URL_FILE", name)]).unwrap().database.is_some());

    for (environment, says) in [
        (vec![("MACAROOND__DATABASE__URL", url)], "[database] needs [redis]"),
        (
            vec![redis, ("MACAROOND__DATABASE__URL", url), ("MACAROOND__DATABASE__URL_FILE", name)],
            "[database] needs either url or url_file",
        ),
        (vec![redis, ("MACAROOND__DATABASE__URL_FILE", "/nowhere/url")], "database.url_file /nowhere/url"),
        (vec![redis, ("MACAROOND__DATABASE__URL", "hush")], "database.url: this is no URL"),
        (vec![redis, ("MACAROOND__DATABASE__URL", "mysql://u:hush@h/d")], "begin with postgres://"),
        (vec![redis, ("MACAROOND__DATABASE__URL", "postgres://u:1?hush@h/d")], "option that is not known"),
    ] {
        let error = load(GOOD, &environment).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}
