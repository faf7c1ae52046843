//! What does an authorized request cost, beside one that needs no credential? The latter is the floor.

use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Args;
use model::account::Role;

use crate::report::{Times, say};
use crate::service::Service;

/// Compare authorized requests with the floor.
#[derive(Debug, Args)]
pub(crate) struct Cost {
    /// How long each round lasts, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// How many rounds; floor and authorized take turns, so that both meet the same noise.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Requests under way at once.
    #[arg(long, default_value_t = 16)]
    connections: usize,
}

impl Cost {
    pub(crate) async fn ask(&self, service: &Service) -> anyhow::Result<()> {
        let header = service.log_in(Role::Publisher, &["package_access"]).await?.header()?;
        let (mut floor, mut authorized) = (Times::default(), Times::default());
        for _ in 0..self.rounds {
            floor.extend(self.round(service, "/healthz", None).await?);
            authorized.extend(self.round(service, "/api/v2/tokens/whoami", Some(&header)).await?);
        }
        let seconds = self.seconds.saturating_mul(u64::try_from(self.rounds)?);
        say(format_args!("floor, GET /healthz:     {}", rate(&floor, seconds)))?;
        say(format_args!("authorized, GET whoami:  {}", rate(&authorized, seconds)))?;
        let ratio =
            f64::from(u32::try_from(authorized.count())?) / f64::from(u32::try_from(floor.count())?.max(1));
        say(format_args!("authorized requests come at {ratio:.3} of the floor's rate"))
    }

    async fn round(&self, service: &Service, path: &str, header: Option<&str>) -> anyhow::Result<Times> {
        let end = Instant::now() + Duration::from_secs(self.seconds);
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..self.connections {
            let (http, url) = (service.http.clone(), service.url(path));
            let header = header.map(str::to_owned);
            workers.spawn(async move {
                let mut times = Times::default();
                while Instant::now() < end {
                    let mut request = http.get(&url);
                    if let Some(header) = &header {
                        request = request.header("Authorization", header);
                    }
                    let began = Instant::now();
                    let answer = request.send().await?;
                    ensure!(answer.status().is_success(), "{url} answered {}", answer.status());
                    answer.bytes().await?;
                    times.add(began.elapsed());
                }
                Ok(times)
            });
        }
        let mut all = Times::default();
        while let Some(times) = workers.join_next().await {
            all.extend(times??);
        }
        Ok(all)
    }
}

fn rate(times: &Times, seconds: u64) -> String {
    let rate = u64::try_from(times.count()).unwrap_or(u64::MAX) / seconds.max(1);
    format!("{rate} a second; {}", times.summary())
}
