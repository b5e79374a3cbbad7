//! One node: the parts put together from flags and configuration.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::make::Shared;
use waybill_api::Around;
use waybill_couriers::Couriers;
use waybill_jobs::{Runner, Wake};
use waybill_model::{Clock, NodeId};
use waybill_nodes::Standing;
use waybill_outside::{Door, Policy, Ports};
use waybill_polling::{
    AskCanaries, Asker, CourierOptions, PollWorker, RecogniseWorker, SandboxAnswerer,
};
use waybill_service::{Identities, Parts, Service, Settings};
use waybill_webhooks::{DeliverWorker, DrainWorker, Sender, SenderOptions};

use crate::{
    cli::Role,
    clock::SystemClock,
    config::Config,
    database::Database,
    failure::Failure,
    health,
    membership::{self, Membership},
    search::keep_searchable,
    sweep::Sweep,
};

/// What outgoing requests say they are.
const USER_AGENT: &str = concat!("Waybill/", env!("CARGO_PKG_VERSION"));
/// At the end, requests under way get this long; one that is never finished must not keep the
/// server up.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// The parts of a node that every command needs.
pub struct Node {
    /// The use cases.
    pub service: Service,
    /// Asks couriers.
    pub asker: Arc<Asker>,
    /// The configuration.
    pub config: Config,
    clock: Arc<dyn Clock>,
    door: Arc<Door>,
    wake: Wake,
    standing: Standing,
    api_nodes: waybill_api::Nodes,
}

/// The couriers: the built-in folders and the configured one.
pub fn couriers(config: &Config) -> Result<Couriers, Failure> {
    let couriers = Couriers::embedded().map_err(|error| Failure::failed(error.to_string()))?;
    match &config.couriers_dir {
        Some(dir) => couriers
            .with_folder(dir)
            .map_err(|error| Failure::usage(error.to_string())),
        None => Ok(couriers),
    }
}

impl Node {
    /// Opens the database (making it if it is not there) and puts the parts together.
    pub async fn open(database: &Database, config: Config) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let identities = Identities::system();
        let (storage, master_key) = database.open(&identities).await?;
        let couriers = Arc::new(couriers(&config)?);
        if let Some(slug) = config
            .couriers
            .keys()
            .find(|slug| couriers.get(slug).is_none())
        {
            let problem = format!("[couriers.{slug}]: there is no courier `{slug}`");
            return Err(Failure::usage(problem));
        }
        let policy = Policy {
            allow_networks: config.outside.allow_networks.clone(),
            ports: Ports::Any,
            user_agent: USER_AGENT.to_owned(),
        };
        let answerer = SandboxAnswerer::new(clock.clone(), config.sandbox.seconds_per_minute);
        let door = Door::new(policy).map_err(|error| Failure::failed(error.to_string()))?;
        let door = Arc::new(door.with_answerer(SandboxAnswerer::SCHEME, Arc::new(answerer)));
        let options: BTreeMap<String, CourierOptions> = config
            .couriers
            .iter()
            .map(|(slug, courier)| {
                let credentials = courier
                    .credentials
                    .iter()
                    .map(|(name, secret)| (name.clone(), secret.0.clone()))
                    .collect();
                (
                    slug.clone(),
                    CourierOptions {
                        base_url: courier.base_url.clone(),
                        credentials,
                        requests_per_day: courier.requests_per_day,
                        canary: courier.canary.clone(),
                    },
                )
            })
            .collect();
        let wake = Wake::default();
        let courier_credentials = options
            .iter()
            .map(|(slug, options)| (slug.clone(), options.credentials.clone()))
            .collect();
        let service = Service::new(Parts {
            storage,
            couriers,
            clock: clock.clone(),
            identities,
            master_key,
            settings: Settings {
                number_reuse_days: config.retention.number_reuse_days,
            },
            courier_credentials,
            wake: wake.clone(),
        });
        let standing = Standing::default();
        let asker = Asker::new(door.clone(), options)
            .sharing(standing.clone())
            .budgeting(service.storage().clone());
        Ok(Self {
            service,
            asker: Arc::new(asker),
            config,
            clock,
            door,
            wake,
            standing,
            api_nodes: waybill_api::Nodes::default(),
        })
    }

    /// The workers of the node.
    pub fn runner(&self) -> Runner {
        let service = &self.service;
        let minute = self.config.sandbox.seconds_per_minute;
        let ports = Ports::from(&self.config.webhooks.allow_ports);
        let sender = Sender::new(self.door.clone(), SenderOptions { ports });
        Runner::builder(
            service.storage().clone(),
            self.clock.clone(),
            self.wake.clone(),
        )
        .worker(
            PollWorker::new(service.clone(), self.asker.clone(), minute)
                .at_once(self.config.polling.concurrency),
        )
        .worker(RecogniseWorker::new(service.clone()))
        .worker(DeliverWorker::new(service.clone(), sender))
        .worker(DrainWorker::new(service.clone()))
        .schedule(Sweep::new(service.clone(), self.config.retention.log_days))
        .schedule(AskCanaries::new(service.clone(), self.asker.clone()))
        .build()
    }

    /// What the node serves, by its roles.
    pub fn served(&self, roles: &[Role]) -> Around {
        Around::new(self.router(roles), self.config.min_version())
    }

    fn router(&self, roles: &[Role]) -> Router {
        let mut router = health::router(self.service.clone(), self.asker.clone());
        if roles.contains(&Role::Web) {
            let service = self.service.clone();
            router = router.merge(waybill_web::router(move || service.couriers()));
        }
        if !roles.contains(&Role::Api) {
            return router;
        }
        let options = waybill_api::Options {
            lenient_signatures: self.config.api.lenient_signatures,
            replay_guard: self.config.api.replay_guard,
            rate_profile: self.config.rate_limits.profile.into(),
            nodes: self.api_nodes.clone(),
        };
        router.merge(waybill_api::router(self.service.clone(), options))
    }

    fn membership(&self) -> membership::Parts {
        let identities = self.service.identities();
        membership::Parts {
            id: NodeId::from_uuid(identities.at(self.clock.now())),
            storage: self.service.storage().clone(),
            clock: self.clock.clone(),
            standing: self.standing.clone(),
            in_use: self.asker.clone(),
            api_nodes: self.api_nodes.clone(),
        }
    }

    /// Serves on the listener and works until told to stop, then drains.
    pub async fn run(
        &self,
        listener: TcpListener,
        roles: &[Role],
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        let membership = Membership::begin(self.membership(), roles).await;
        let runner = roles.contains(&Role::Workers).then(|| self.runner());
        let work = tokio::spawn({
            let (service, stop) = (self.service.clone(), stop.clone());
            async move {
                match runner {
                    Some(runner) => {
                        let searching = keep_searchable(service, stop.clone());
                        tokio::join!(runner.run(stop), searching);
                    }
                    None => stop.cancelled().await,
                }
                membership.end().await;
            }
        });
        let serving = axum::serve(listener, Shared::new(self.served(roles)))
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        let too_long = async {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN_LIMIT).await;
        };
        let served = tokio::select! {
            served = serving => served,
            () = too_long => {
                tracing::warn!("requests that were not finished in time are cut off");
                Ok(())
            }
        };
        stop.cancel();
        if let Err(error) = work.await {
            tracing::error!(%error, "the workers broke");
        }
        self.service.storage().flush().await?;
        served.map_err(|error| Failure::failed(format!("the server stopped: {error}")))
    }
}

/// Listens; the message names the address.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::usage(format!(
            "cannot listen on {address}: {error}; choose another with --listen"
        ))
    })
}
