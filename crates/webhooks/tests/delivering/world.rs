//! A service on a database in a temporary folder, a clock to move, and a receiver behind the door.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_couriers::Couriers;
use waybill_jobs::{Runner, Wake};
use waybill_model::{Clock, DeliveryId, FakeClock, OrganizationId, WebhookId};
use waybill_outside::{Answer, Answerer, Door, Error, Policy, Ports, Request};
use waybill_service::{Identities, MasterKey, Parts, Service, Settings};
use waybill_storage::{DeliveryFilter, DeliveryRow, DeliveryStatus, Storage};
use waybill_storage_sqlite::SqliteStorage;
use waybill_versions::{CreateTracking, CreateWebhook, GivenCheckpoint, Oauth};
use waybill_webhooks::{DeliverWorker, DrainWorker, Sender, SenderOptions};

/// The scheme that [`Receiver`] answers.
const SCHEME: &str = "receiver";
/// Where webhooks of tests are.
pub const URL: &str = "receiver://shop/webhook";

/// A request as the receiver got it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub text: String,
    pub at: Timestamp,
}

impl Sent {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Number and sub-status of the tracking it is about.
    pub fn what(&self) -> (String, String) {
        let json = self.json();
        let text = |name: &str| json["msg"][name].as_str().unwrap_or_default().to_owned();
        (text("tracking_number"), text("subtag"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

type Decide = Box<dyn FnMut(&Sent) -> (u16, String) + Send>;

/// Answers inside the process as the test says.
pub struct Receiver {
    clock: Arc<FakeClock>,
    state: Mutex<(Vec<Sent>, Decide)>,
}

impl Receiver {
    fn lock(&self) -> MutexGuard<'_, (Vec<Sent>, Decide)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answerer for Receiver {
    fn answer(&self, request: &Request) -> Result<Answer, Error> {
        let body = request.body.clone().unwrap_or_default();
        let sent = Sent {
            url: request.url.clone(),
            headers: request.headers.clone(),
            text: String::from_utf8_lossy(&body).into_owned(),
            at: self.clock.now(),
        };
        let mut state = self.lock();
        state.0.push(sent.clone());
        let (status, body) = (state.1)(&sent);
        Ok(Answer {
            status,
            headers: Vec::new(),
            body: Bytes::from(body),
            incomplete: None,
            elapsed: Duration::from_millis(3),
        })
    }
}

/// Everything a delivery needs.
pub struct World {
    pub clock: Arc<FakeClock>,
    pub service: Service,
    pub organization: OrganizationId,
    runner: Runner,
    receiver: Arc<Receiver>,
    _folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::new("2026-03-09T15:04:05Z".parse().unwrap()));
        let storage: Arc<dyn Storage> =
            Arc::new(SqliteStorage::open(&folder.path().join("test.db")).unwrap());
        let service = Service::new(Parts {
            storage,
            couriers: Arc::new(Couriers::embedded().unwrap()),
            clock: clock.clone(),
            identities: Identities::seeded(41),
            master_key: MasterKey::from_text("the master key of a test").unwrap(),
            settings: Settings::default(),
            courier_credentials: std::collections::BTreeMap::new(),
            wake: Wake::default(),
        });
        let organization = service.create_organization("default").await.unwrap().id;
        let receiver = Arc::new(Receiver {
            clock: clock.clone(),
            state: Mutex::new((Vec::new(), Box::new(|_| (200, String::new())))),
        });
        let runner = runner(&service, &clock, Some(receiver.clone()));
        Self {
            clock,
            service,
            organization,
            runner,
            receiver,
            _folder: folder,
        }
    }

    /// Another process: nothing of what a runner remembers is left.
    pub fn restart(&mut self) {
        self.runner = runner(&self.service, &self.clock, Some(self.receiver.clone()));
    }

    /// Sets how the receiver answers from now on.
    pub fn answer(&self, mut decide: impl FnMut(&Sent) -> u16 + Send + 'static) {
        self.answer_with(move |sent| (decide(sent), String::new()));
    }

    /// Sets status and body of the receiver's answers from now on.
    pub fn answer_with(&self, decide: impl FnMut(&Sent) -> (u16, String) + Send + 'static) {
        self.receiver.lock().1 = Box::new(decide);
    }

    /// What the receiver got since this was last asked.
    pub fn take_sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.receiver.lock().0)
    }

    /// Number and sub-status of what the receiver got since this was last asked.
    pub fn take_what(&self) -> Vec<(String, String)> {
        self.take_sent().iter().map(Sent::what).collect()
    }

    /// Does what is due.
    pub async fn run(&self) {
        self.runner.run_due().await;
    }

    /// Does what is due beside the test.
    pub fn run_beside(&self) -> tokio::task::JoinHandle<usize> {
        let runner = self.runner.clone();
        tokio::spawn(async move { runner.run_due().await })
    }

    /// Moves the clock, then does what is due.
    pub async fn after(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        self.run().await;
    }

    /// Makes a webhook for all updates and lets its sample through.
    pub async fn webhook(&self, url: &str, oauth: Option<Oauth>) -> WebhookId {
        self.webhook_of("2026-07", url, oauth).await
    }

    /// The same in an API version.
    pub async fn webhook_of(&self, version: &str, url: &str, oauth: Option<Oauth>) -> WebhookId {
        let request = CreateWebhook {
            url: url.to_owned(),
            events: vec!["tracking_update".to_owned()],
            version: version.to_owned(),
            headers: Vec::new(),
            oauth,
            secret: None,
        };
        let made = self
            .service
            .create_webhook(self.organization, request)
            .await
            .unwrap();
        WebhookId::parse(made["id"].as_str().unwrap()).unwrap()
    }

    /// Deletes all webhooks there are.
    pub async fn delete_webhooks(&self) {
        let webhooks = self.service.storage().webhooks(self.organization).await;
        for webhook in webhooks.unwrap() {
            let id = webhook.id.to_string();
            let deleted = self.service.delete_webhook(self.organization, &id).await;
            deleted.unwrap();
        }
    }

    /// A verified webhook; the sample is not in what [`World::take_sent`] answers.
    pub async fn good_webhook(&self) -> WebhookId {
        let webhook = self.webhook(URL, None).await;
        self.run().await;
        self.take_sent();
        webhook
    }

    /// Makes a tracking; answers its id.
    pub async fn tracking(&self, number: &str) -> String {
        let body = json!({"tracking_number": number, "slug": "ups"});
        let request = CreateTracking::parse(body).unwrap();
        let made = self
            .service
            .create_tracking(self.organization, request)
            .await
            .unwrap();
        let made: Value = serde_json::from_str(&made).unwrap();
        made["id"].as_str().unwrap().to_owned()
    }

    /// Brings news of a tracking: one event.
    pub async fn news(&self, id: &str, sub_status: &str) {
        let (tag, _) = sub_status.split_once('_').unwrap();
        let time = self.clock.now().to_string();
        let checkpoint = json!({"tag": tag, "subtag": sub_status, "checkpoint_time": time});
        let given = GivenCheckpoint::parse_list(json!({"checkpoints": [checkpoint]})).unwrap();
        self.service
            .add_checkpoints(self.organization, id, given)
            .await
            .unwrap();
        // The next news is later.
        self.clock.advance(SignedDuration::from_millis(1));
    }

    /// Deliveries with this status, oldest first.
    pub async fn deliveries(&self, status: DeliveryStatus) -> Vec<DeliveryRow> {
        let filter = DeliveryFilter {
            status: Some(status),
            ..DeliveryFilter::default()
        };
        let storage = self.service.storage();
        let page = storage
            .deliveries(self.organization, &filter, None, 1_000)
            .await
            .unwrap();
        let mut deliveries = page.deliveries;
        deliveries.sort_by_key(|delivery| delivery.sequence);
        deliveries
    }

    /// One delivery as it is now.
    pub async fn delivery(&self, id: DeliveryId) -> DeliveryRow {
        let storage = self.service.storage();
        storage
            .delivery(self.organization, id)
            .await
            .unwrap()
            .unwrap()
    }
}

/// The workers of one process; without a receiver, one that reaches loopback.
pub fn runner(
    service: &Service,
    clock: &Arc<FakeClock>,
    receiver: Option<Arc<Receiver>>,
) -> Runner {
    let door = Door::new(Policy {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ports: Ports::Any,
        user_agent: "test".to_owned(),
    });
    let mut door = door.unwrap();
    if let Some(receiver) = receiver {
        door = door.with_answerer(SCHEME, receiver);
    }
    let sender = Sender::new(Arc::new(door), SenderOptions { ports: Ports::Any });
    Runner::builder(service.storage().clone(), clock.clone(), Wake::default())
        .worker(DeliverWorker::new(service.clone(), sender))
        .worker(DrainWorker::new(service.clone()))
        .build()
}
