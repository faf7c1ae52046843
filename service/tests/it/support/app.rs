//! The whole stage of one test: people, their SSO, a service, the clocks of both, and a Redis and a PostgreSQL where
//! they are asked for.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use caveats::Macaroon;
use model::clock::Clock;
use serde_json::{Value, json};
use service::config::Settings;
use service::startup::StartError;
use storage::revocations::RedisSettings;
use storage::sealing::MasterKey;
use tempfile::TempDir;

use super::redis::Redis;
use super::replica::Replica;
use super::start::settings;
use super::store_keys;
use super::{Answer, Client, Database, Disk, Held, List, Person, Postgres, Start};

/// Everything that most journeys ask for.
const EVERYTHING: [&str; 5] =
    ["package_access", "package_manage", "package_push", "package_register", "package_release"];

/// A service and everything around it. What a client can do is done through it, too: it dereferences to one.
pub(crate) struct TestApp {
    /// A publisher.
    pub(crate) publisher: Person,
    /// Another publisher.
    pub(crate) other: Person,
    /// A security engineer, who publishes nothing.
    pub(crate) security: Person,
    /// A publisher without a second factor.
    pub(crate) simple: Person,
    /// Known to the SSO, in none of the groups that matter here; without a second factor.
    pub(crate) outsider: Person,
    pub(crate) clock: Clock,
    pub(crate) sso: sso_mock::Provider,
    pub(crate) redis: Option<Redis>,
    postgres: Option<Postgres>,
    settings: Settings,
    client: Client,
    replica: Option<Replica>,
    directory: Arc<TempDir>,
}

impl Deref for TestApp {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl TestApp {
    pub(crate) async fn start(list: List) -> TestApp {
        TestApp::with(Start { list, ..Start::default() }).await
    }

    pub(crate) async fn with(start: Start) -> TestApp {
        let mut publisher = Person::new("ada@example.com", "ada", "Ada Lovelace", &["publisher"]);
        let mut other = Person::new("grace@example.com", "grace", "Grace Hopper", &["publisher"]);
        let mut security = Person::new("mallory@example.com", "mallory", "Mallory Guard", &["security"]);
        let simple = Person::new("simple@example.com", "simple", "Simple Simon", &["publisher", "choir"]);
        let outsider = Person::new("oscar@example.com", "oscar", "Oscar Outside", &[]);
        let people = [&publisher, &other, &security, &simple, &outsider];
        let sso = sso_mock::spawn(sso_mock::Settings {
            accounts: people.map(Person::account).to_vec(),
            algorithm: start.algorithm,
            ..sso_mock::Settings::default()
        });
        let sso = sso.await.unwrap();
        let redis = (start.list == List::Redis).then(Redis::start);
        let postgres = match (start.database, start.list) {
            (Database::Postgres(disk), _) => Some(Postgres::start(disk)),
            (Database::AsTheList, List::Redis) => Some(Postgres::start(Disk::Unsynced)),
            _ => None,
        };
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let settings = settings(start, address, &directory, &sso, redis.as_ref(), postgres.as_ref());
        MasterKey::read_or_create(&settings.master_key_file).unwrap();
        let clock = Clock::system();
        let replica = Replica::on(listener, settings.clone(), clock.clone()).await.unwrap();
        store_keys::give(&replica).await;
        for person in [&mut publisher, &mut other, &mut security] {
            person.enrol(&replica, sso.issuer()).await;
        }
        TestApp {
            publisher,
            other,
            security,
            simple,
            outsider,
            clock,
            sso,
            redis,
            postgres,
            settings,
            client: Client::of(address),
            replica: Some(replica),
            directory,
        }
    }

    /// The parts of the running service.
    pub(crate) fn state(&self) -> &service::http::state::State {
        &self.replica.as_ref().expect("a running service").state
    }

    /// The Redis, of a test that has one.
    pub(crate) fn redis(&self) -> &Redis {
        self.redis.as_ref().expect("a test with the list in Redis")
    }

    /// The PostgreSQL, of a test that has one.
    pub(crate) fn postgres(&self) -> &Postgres {
        self.postgres.as_ref().expect("a test with the records in PostgreSQL")
    }

    /// The directory with everything the service keeps.
    pub(crate) fn data_dir(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Another service on the same data directory, with the same clock.
    pub(crate) async fn another_replica(&self) -> Result<(Replica, Client), StartError> {
        self.replica_with(self.settings.clone()).await
    }

    /// What the service was started with.
    pub(crate) fn settings(&self) -> Settings {
        self.settings.clone()
    }

    /// Another service with other settings, and the same clock.
    pub(crate) async fn replica_with(&self, settings: Settings) -> Result<(Replica, Client), StartError> {
        let replica = Replica::start(settings, self.clock.clone()).await?;
        let client = Client::of(replica.address);
        Ok((replica, client))
    }

    /// Another service on the same records, whose list is reached in another way.
    pub(crate) async fn replica_at(&self, redis: RedisSettings) -> Result<(Replica, Client), StartError> {
        let settings = Settings { redis: Some(redis), ..self.settings.clone() };
        let replica = Replica::start(settings, self.clock.clone()).await?;
        let client = Client::of(replica.address);
        Ok((replica, client))
    }

    /// How the service reaches its list.
    pub(crate) fn redis_settings(&self) -> RedisSettings {
        self.settings.redis.clone().expect("a test with the list in Redis")
    }

    /// Starts the service again, with the list reached in another way.
    pub(crate) async fn move_to(&mut self, redis: RedisSettings) {
        self.settings.redis = Some(redis);
        self.restart().await;
    }

    /// Stops the service and starts it again on what it has kept; on another port, under the same public URL.
    pub(crate) async fn restart(&mut self) {
        drop(self.replica.take());
        let (replica, client) = self.another_replica().await.unwrap();
        (self.replica, self.client) = (Some(replica), client);
    }

    /// Stops the service for good.
    pub(crate) fn stop(&mut self) {
        drop(self.replica.take());
    }

    /// Turns the clocks of the service and of the SSO.
    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.sso.advance_clock(Duration::from_secs(seconds));
    }

    /// A one-time code that was not used before.
    pub(crate) fn code(&self, person: &Person) -> String {
        person.fresh_code(&self.clock, |seconds| self.advance(seconds))
    }

    /// A root with these permissions.
    pub(crate) async fn root(&self, permissions: &[&str]) -> Macaroon {
        self.root_of(&json!({"permissions": permissions, "description": "it@localhost"})).await
    }

    /// A root as this body asks for.
    pub(crate) async fn root_of(&self, body: &Value) -> Macaroon {
        let body = self.acl(body).await.success();
        Macaroon::parse(body["macaroon"].as_str().unwrap()).unwrap()
    }

    /// A login with this code, or without one.
    pub(crate) async fn attempt(&self, root: &Macaroon, person: &Person, code: Option<&str>) -> Answer {
        self.discharge(&login_body(root, person.email, person.password, code)).await
    }

    /// A login with everything that is asked for.
    pub(crate) async fn log_in(&self, person: &Person) -> Held {
        let permissions: &[&str] = match person.groups {
            ["security"] => &["credential_revoke", "credential_list"],
            _ => &EVERYTHING,
        };
        self.log_in_for(person, permissions).await
    }

    /// A login for these permissions.
    pub(crate) async fn log_in_for(&self, person: &Person, permissions: &[&str]) -> Held {
        self.log_in_with(person, &json!({"permissions": permissions, "description": "it@localhost"})).await
    }

    /// A login for what this body asks for.
    pub(crate) async fn log_in_with(&self, person: &Person, body: &Value) -> Held {
        let root = self.root_of(body).await;
        let code = person.secret.is_some().then(|| self.code(person));
        let answer = self.attempt(&root, person, code.as_deref()).await;
        let discharge = discharge(&answer.success());
        Held { root, discharge }
    }
}

impl TestApp {
    /// Sends a file, and answers with its upload id.
    pub(crate) async fn uploaded(&self, bytes: &[u8]) -> String {
        self.upload(bytes).await.success()["upload_id"].as_str().unwrap().to_owned()
    }

    /// Registers a name that is not yet registered, uploads and pushes; answers with the revision.
    pub(crate) async fn publish(&self, held: &Held, name: &str, file: &[u8]) -> i64 {
        let registered = self.register(held, name).await;
        assert!([201, 409].contains(&registered.status), "{registered:?}");
        let id = self.uploaded(file).await;
        let body = json!({"name": name, "updown_id": id, "binary_filesize": file.len()});
        let pushed = self.push(held, &body).await.success();
        let status = self.status(&pushed).await.success();
        assert_eq!(status["code"], "ready_to_release", "{status}");
        status["revision"].as_i64().unwrap()
    }

    /// What became of a push, by the URL in its answer.
    pub(crate) async fn status(&self, pushed: &Value) -> Answer {
        self.get(&self.path_of(pushed["status_details_url"].as_str().unwrap()), None).await
    }

    /// The path of an absolute URL of this service.
    pub(crate) fn path_of(&self, url: &str) -> String {
        let public_url = self.settings.public_url.as_str().trim_end_matches('/');
        url.strip_prefix(public_url).expect("an absolute URL of the service").to_owned()
    }

    /// The names in the blob store, also of what is still coming in.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.data_dir().join("blobs")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &'static str) -> i64 {
        let statement = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let (count,): (i64,) = sqlx::query_as(statement).fetch_one(&self.database().await).await.unwrap();
        count
    }

    /// Runs a statement that the service knows nothing of.
    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.database().await).await.unwrap();
    }

    async fn database(&self) -> sqlx::AnyPool {
        sqlx::any::install_default_drivers();
        let url = match &self.postgres {
            Some(postgres) => postgres.url(),
            None => format!("sqlite://{}", self.data_dir().join("macaroond.db").display()),
        };
        sqlx::AnyPool::connect(&url).await.unwrap()
    }
}

/// The body of a login.
pub(crate) fn login_body(root: &Macaroon, email: &str, password: &str, code: Option<&str>) -> Value {
    let caveat = root.caveats().find(|caveat| caveat.third_party.is_some()).expect("a caveat for the SSO");
    let caveat_id = std::str::from_utf8(caveat.id).unwrap();
    let mut body = json!({"email": email, "password": password, "caveat_id": caveat_id});
    if let Some(code) = code {
        body["otp"] = code.into();
    }
    body
}

/// The discharge in an answer.
pub(crate) fn discharge(body: &Value) -> Macaroon {
    Macaroon::parse(body["discharge_macaroon"].as_str().unwrap()).unwrap()
}
