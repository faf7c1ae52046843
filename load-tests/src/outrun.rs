//! Is anything accepted after its revocation was acknowledged? Revokes one credential after the other while each is in
//! use, and judges every answer by when its request began.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::ensure;
use clap::Args;
use model::account::Role;
use serde_json::json;

use crate::report::{Times, say};
use crate::service::{Held, Service};

/// Revoke credentials that are in use.
#[derive(Debug, Args)]
pub(crate) struct Outrun {
    /// How many credentials are revoked.
    #[arg(long, default_value_t = 100)]
    count: usize,
    /// Requests under way at once with each credential.
    #[arg(long, default_value_t = 8)]
    users: usize,
}

/// One answer: when its request began, and whether it was accepted.
struct Seen {
    began: Instant,
    ended: Instant,
    accepted: bool,
}

impl Outrun {
    pub(crate) async fn ask(&self, service: &Service) -> anyhow::Result<()> {
        let publisher = service.log_in(Role::Publisher, &["package_access"]).await?;
        let security = service.log_in(Role::Security, &["credential_revoke"]).await?.header()?;
        let (mut acknowledging, mut refusing) = (Times::default(), Times::default());
        let (mut requests, mut violations) = (0, 0);
        for number in 0..self.count {
            let leaked = publisher.child(number)?;
            let stop = Arc::new(AtomicBool::new(false));
            let users = self.users(service, &leaked, &stop)?;
            let body = json!({"text": leaked.text(), "reason": "load test"});
            let began = Instant::now();
            service.post("/v1/revocations", Some(&security), &body).await?;
            let acknowledged = Instant::now();
            acknowledging.add(acknowledged - began);
            let after = asked(service.http.clone(), service.url(PATH), leaked.header()?).await?;
            stop.store(true, Ordering::SeqCst);
            refusing.add(after.ended - acknowledged);
            let mut seen = vec![after];
            for user in users {
                seen.extend(user.await??);
            }
            requests += seen.len();
            violations += seen.iter().filter(|one| one.accepted && one.began >= acknowledged).count();
        }
        say(format_args!("{} credentials revoked under {requests} requests", self.count))?;
        say(format_args!("revocation, until acknowledged:              {}", acknowledging.summary()))?;
        say(format_args!("acknowledgement, until the next is refused:  {}", refusing.summary()))?;
        ensure!(violations == 0, "{violations} requests were accepted that began after the acknowledgement");
        say("nothing was accepted that began after the acknowledgement")
    }

    fn users(
        &self,
        service: &Service,
        leaked: &Held,
        stop: &Arc<AtomicBool>,
    ) -> anyhow::Result<Vec<tokio::task::JoinHandle<anyhow::Result<Vec<Seen>>>>> {
        let header = leaked.header()?;
        let user = || {
            let (http, url) = (service.http.clone(), service.url(PATH));
            let (header, stop) = (header.clone(), stop.clone());
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while !stop.load(Ordering::SeqCst) {
                    seen.push(asked(http.clone(), url.clone(), header.clone()).await?);
                }
                Ok(seen)
            })
        };
        Ok((0..self.users).map(|_| user()).collect())
    }
}

async fn asked(http: reqwest::Client, url: String, header: String) -> anyhow::Result<Seen> {
    let began = Instant::now();
    let answer = http.get(&url).header("Authorization", header).send().await?;
    let status = answer.status();
    answer.bytes().await?;
    ensure!(status == 200 || status == 401, "{url} answered {status}");
    Ok(Seen { began, ended: Instant::now(), accepted: status == 200 })
}

const PATH: &str = "/api/v2/tokens/whoami";
