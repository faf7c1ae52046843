//! A publisher with a snap that has one revision, and everything that can be done with a credential.

use model::random;
use serde_json::json;

use super::{Answer, Held, List, TestApp, snap};

/// A publisher with a snap that has one revision.
pub(crate) struct Publisher {
    pub(crate) app: TestApp,
    pub(crate) held: Held,
    pub(crate) snap_id: String,
}

impl Publisher {
    pub(crate) async fn start() -> Publisher {
        Publisher::of(TestApp::start(List::Embedded).await).await
    }

    pub(crate) async fn of(app: TestApp) -> Publisher {
        let held = app.log_in(&app.simple).await;
        let snap_id = app.register(&held, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
        app.publish(&held, "thing", &snap("thing", "1.0")).await;
        Publisher { app, held, snap_id }
    }

    /// Everything that a credential can be used for, each with what it needs. All succeed with one that allows all.
    pub(crate) async fn everything(&self, held: &Held) -> Vec<(&'static str, Answer)> {
        let app = &self.app;
        vec![
            ("whoami", app.whoami(held).await),
            ("account", app.account(held).await),
            ("verify", app.verify(&held.header()).await),
            ("channel-map", app.channel_map(held, "thing").await),
            ("releases", app.releases(held, "thing").await),
            ("release", app.release(held, "thing", 1, &["edge"]).await),
            ("close", app.close(held, &self.snap_id, &["edge"]).await),
            ("tracks", app.make_tracks(held, "thing", &["2.0"]).await),
            ("state", app.about(held, &self.snap_id, "state").await),
            ("history", app.about(held, &self.snap_id, "history").await),
            ("default track", self.set_default_track(held, "latest").await),
            ("dry run", app.push(held, &json!({"name": "thing", "dry_run": true})).await),
            ("register", app.register(held, &name()).await),
            ("push", self.push(held, &snap("thing", &name()), &[]).await),
        ]
    }

    pub(crate) async fn set_default_track(&self, held: &Held, track: &str) -> Answer {
        let path = format!("/dev/api/snaps/{}/metadata", self.snap_id);
        self.app.put(&path, Some(&held.header()), &json!({"default_track": track})).await
    }

    pub(crate) async fn push(&self, held: &Held, file: &[u8], channels: &[&str]) -> Answer {
        let id = self.app.uploaded(file).await;
        let body = json!({"name": "thing", "updown_id": id, "channels": channels});
        self.app.push(held, &body).await
    }
}

fn name() -> String {
    format!("n{}", random::alphanumeric(20).to_lowercase())
}
