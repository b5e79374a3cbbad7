//! A courier that takes ten numbers at once, its interface on a port of this machine, and an installation that
//! asks it.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    pin::Pin,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use waybill_couriers::Couriers;
use waybill_jobs::{Runner, Wake};
use waybill_model::{Clock, FakeClock, OrganizationId, TrackingKey};
use waybill_outside::{Door, Policy, Ports};
use waybill_polling::{Asker, CourierOptions, PollWorker};
use waybill_service::{Identities, MasterKey, Parts, Service, Settings};
use waybill_storage::{NameQuery, PollRow};
use waybill_storage_sqlite::SqliteStorage;
use waybill_versions::CreateTracking;

/// Numbers of a request.
pub const SIZE: usize = 10;

const COURIER: &str = r#"
slug = "acme"
name = "Acme"
evidence = "guessed"

[connection]
authentication = { kind = "none" }
batch = 10
requests_per_second = 1000.0
concurrency = 64
timeout_seconds = 5
"#;
const REQUEST: &str = r#"{method: "GET", url: "https://acme.test/\(.query.numbers | join(","))"}"#;

/// What the interface says.
pub enum Says {
    /// Of each number this.
    Parcels(fn(&str) -> Value),
    /// Nothing but a status.
    Status(u16),
}

type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The courier's interface, and what it was asked.
struct Interface {
    says: Mutex<Says>,
    requests: Mutex<Vec<Vec<String>>>,
    meanwhile: Mutex<VecDeque<Meanwhile>>,
}

/// An installation that asks the courier.
pub struct Acme {
    pub service: Service,
    pub clock: Arc<FakeClock>,
    pub runner: Runner,
    organization: OrganizationId,
    interface: Arc<Interface>,
    _folder: tempfile::TempDir,
}

pub fn delivered(number: &str) -> Value {
    json!({"number": number, "checkpoints": [{"time": "2026-03-05T10:00:00", "code": "D"}]})
}

impl Acme {
    pub async fn answering(says: fn(&str) -> Value) -> Self {
        Self::saying(Says::Parcels(says)).await
    }

    pub async fn saying(says: Says) -> Self {
        Self::within(None, says).await
    }

    /// One that may be asked so often a day.
    pub async fn within(requests_per_day: Option<u32>, says: Says) -> Self {
        let interface = Arc::new(Interface {
            says: Mutex::new(says),
            requests: Mutex::default(),
            meanwhile: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(interface.clone().serve(listener));

        let folder = tempfile::tempdir().unwrap();
        let courier = folder.path().join("couriers/acme");
        fs::create_dir_all(&courier).unwrap();
        for (name, text) in [
            ("courier.toml", COURIER),
            ("request.jq", REQUEST),
            ("read.jq", "{shipments: .body.parcels}"),
            (
                "statuses.csv",
                "field,code,sub_status,events\ncode,D,Delivered_001,\n",
            ),
        ] {
            fs::write(courier.join(name), text).unwrap();
        }
        let couriers = Couriers::from_folder(&folder.path().join("couriers")).unwrap();

        let now: Timestamp = "2026-03-05T12:00:00Z".parse().unwrap();
        let clock = Arc::new(FakeClock::new(now));
        let storage = SqliteStorage::open(&folder.path().join("waybill.db")).unwrap();
        let service = Service::new(Parts {
            storage: Arc::new(storage),
            couriers: Arc::new(couriers),
            clock: clock.clone(),
            identities: Identities::seeded(7),
            master_key: MasterKey::from_text("a test").unwrap(),
            settings: Settings::default(),
            courier_credentials: BTreeMap::new(),
            wake: Wake::default(),
        });
        let organization = service.create_organization("acme").await.unwrap().id;
        let door = Door::new(Policy {
            allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
            ports: Ports::Any,
            user_agent: "test".to_owned(),
        });
        let options = CourierOptions {
            base_url: Some(base_url),
            requests_per_day,
            ..CourierOptions::default()
        };
        let options = BTreeMap::from([("acme".to_owned(), options)]);
        let asker = Asker::new(Arc::new(door.unwrap()), options);
        let asker = asker.budgeting(service.storage().clone());
        let worker = PollWorker::new(service.clone(), Arc::new(asker), 60.0);
        let runner = Runner::builder(service.storage().clone(), clock.clone(), Wake::default())
            .worker(worker)
            .build();
        Self {
            service,
            clock,
            runner,
            organization,
            interface,
            _folder: folder,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Follows so many parcels: AC00, AC01, …
    pub async fn follow(&self, count: usize) {
        for number in 0..count {
            let body = json!({"tracking_number": format!("AC{number:02}"), "slug": "acme"});
            let request = CreateTracking::parse(body).unwrap();
            self.service
                .create_tracking(self.organization, request)
                .await
                .unwrap();
        }
    }

    /// What is known of the asking, in the order of the numbers.
    pub async fn polls(&self) -> Vec<PollRow> {
        let mut polls = Vec::new();
        for number in 0.. {
            let Some(key) = self.key(number).await else {
                return polls;
            };
            let storage = self.service.storage();
            polls.extend(storage.polls(self.organization, key).await.unwrap());
        }
        polls
    }

    pub async fn poll_now(&self, number: usize) {
        let id = self.key(number).await.unwrap().id();
        self.service.poll_now(self.organization, &id).await.unwrap();
    }

    pub async fn look(&self, number: usize) {
        let id = self.key(number).await.unwrap().id();
        self.service.look(self.organization, &id).await.unwrap();
    }

    async fn key(&self, number: usize) -> Option<TrackingKey> {
        let query = NameQuery::Number {
            number: format!("AC{number:02}"),
            slug: None,
            discriminator: None,
        };
        let storage = self.service.storage();
        let named = storage.trackings_named(self.organization, &query).await;
        named.unwrap().first().map(|named| named.tracking)
    }

    /// The numbers of each request so far.
    pub fn requests(&self) -> Vec<Vec<String>> {
        self.interface.requests.lock().unwrap().clone()
    }

    pub fn say(&self, says: Says) {
        *self.interface.says.lock().unwrap() = says;
    }

    /// Does something between the next request and its answer.
    pub fn meanwhile(&self, what: impl Future<Output = ()> + Send + 'static) {
        let mut meanwhile = self.interface.meanwhile.lock().unwrap();
        meanwhile.push_back(Box::pin(what));
    }
}

impl Interface {
    async fn serve(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let interface = self.clone();
            // Whoever asks sees what went wrong.
            tokio::spawn(async move { interface.answer(stream).await });
        }
    }

    async fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).ok()?;
        let path = head.split(' ').nth(1)?.trim_start_matches('/');
        let numbers: Vec<String> = path.split(',').map(ToOwned::to_owned).collect();
        self.requests.lock().unwrap().push(numbers.clone());
        let meanwhile = self.meanwhile.lock().unwrap().pop_front();
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        let (status, body) = match &*self.says.lock().unwrap() {
            Says::Status(status) => (*status, String::new()),
            Says::Parcels(says) => {
                let parcels: Vec<Value> = numbers.iter().map(|number| says(number)).collect();
                (200, json!({ "parcels": parcels }).to_string())
            }
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await.ok()
    }
}
