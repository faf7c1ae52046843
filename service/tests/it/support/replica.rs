//! One running service, on a thread and a runtime of its own, as the program is.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::{rt, web};
use model::clock::Clock;
use service::config::Settings;
use service::http::state::State;
use service::startup::{Service, StartError};
use tokio::sync::oneshot;

/// A service that answers; dropped, it has stopped and let go of its data directory.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    pub(crate) state: web::Data<State>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Replica {
    /// Opens and serves on a free port.
    pub(crate) async fn start(settings: Settings, clock: Clock) -> Result<Replica, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Replica::on(listener, settings, clock).await
    }

    /// Opens and serves on a listener.
    pub(crate) async fn on(
        listener: TcpListener,
        settings: Settings,
        clock: Clock,
    ) -> Result<Replica, StartError> {
        let address = listener.local_addr().unwrap();
        let (started, outcome) = oneshot::channel();
        let thread = std::thread::Builder::new().name("macaroond".to_owned()).spawn(move || {
            rt::System::new().block_on(async move {
                let served = match Service::open(settings, clock).await {
                    Ok(service) => service.serve(listener).map(|server| (service, server)),
                    Err(error) => Err(error),
                };
                match served {
                    Ok((service, running)) => {
                        drop(started.send(Ok((service.state.clone(), running.handle()))));
                        running.await.unwrap();
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            });
        });
        let thread = Some(thread.unwrap());
        let (state, handle) = outcome.await.expect("the service's thread did not panic")?;
        Ok(Replica { address, state, handle, thread })
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // The order is given here; the future that is let go would only wait for it.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the service ended in a panic");
        }
    }
}
