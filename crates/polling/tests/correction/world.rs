//! Three couriers with numbers of one shape, behind the door; what each says is the test's.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_couriers::Couriers;
use waybill_jobs::{Runner, Wake};
use waybill_model::{Detected, FakeClock, OrganizationId, Record, TrackingKey};
use waybill_outside::{Answer, Answerer, Door, Error, Policy, Ports, Request};
use waybill_polling::{Asker, PollWorker, RecogniseWorker};
use waybill_service::{Identities, MasterKey, Parts, Service, Settings};
use waybill_storage::{EventKind, PollRow, TrackingRow};
use waybill_storage_sqlite::SqliteStorage;
use waybill_versions::{CreateTracking, Problem, UpdateTracking};

/// Each courier's share of the numbers, likeliest first: none is sure.
const COURIERS: [(&str, f64); 3] = [("first", 1.0), ("second", 0.6), ("third", 0.4)];
/// One that nobody mistakes.
const CERTAIN: &str = "certain";
/// A number that any of the three may have.
pub const NUMBER: &str = "QX00000001";
/// The scheme of couriers that are answered within the process.
const SCHEME: &str = "sandbox";

const READ: &str = r#"
if .status == 404 then {unknown: "no such number"}
elif .status == 204 then {no_data_yet: "nothing yet"}
else {complete: true, shipments: [{
  destination_country: .body.to,
  checkpoints: [.body.events[] | {time: .at, code: .code, codes: [["event", .code]], message: .code}]
}]} end
"#;
const STATUSES: &str = "field,code,sub_status,events
event,TAKEN,InTransit_002,
event,HUB,InTransit_003,
";

/// What the couriers say, and who was asked.
#[derive(Default)]
struct Said {
    by_courier: BTreeMap<String, (u16, Value)>,
    asked: Vec<String>,
}

#[derive(Default)]
pub struct Mouths(Mutex<Said>);

impl Answerer for Mouths {
    fn answer(&self, request: &Request) -> Result<Answer, Error> {
        let courier = request.url.split('/').nth(2).unwrap_or_default().to_owned();
        let mut said = self.0.lock().unwrap();
        said.asked.push(courier.clone());
        let answer = said.by_courier.get(&courier).cloned();
        let (status, body) = answer.unwrap_or((404, Value::Null));
        Ok(Answer {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Bytes::from(body.to_string()),
            incomplete: None,
            elapsed: Duration::ZERO,
        })
    }
}

pub struct World {
    pub service: Service,
    pub clock: Arc<FakeClock>,
    pub organization: OrganizationId,
    runner: Runner,
    mouths: Arc<Mouths>,
    folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (slug, weight) in COURIERS {
            add_courier(folder.path(), slug, r"QX\d{8}", weight);
        }
        add_courier(folder.path(), CERTAIN, r"SURE\d{8}", 1.0);
        let clock = Arc::new(FakeClock::new("2026-07-10T12:00:00Z".parse().unwrap()));
        let wake = Wake::default();
        let storage = SqliteStorage::open(&folder.path().join("waybill.db")).unwrap();
        let service = Service::new(Parts {
            storage: Arc::new(storage),
            couriers: Arc::new(couriers(folder.path())),
            clock: clock.clone(),
            identities: Identities::seeded(5),
            master_key: MasterKey::from_text("a test").unwrap(),
            settings: Settings::default(),
            courier_credentials: BTreeMap::new(),
            wake: wake.clone(),
        });
        let mouths = Arc::new(Mouths::default());
        let policy = Policy {
            allow_networks: Vec::new(),
            ports: Ports::Any,
            user_agent: "test".to_owned(),
        };
        let door = Door::new(policy)
            .unwrap()
            .with_answerer(SCHEME, mouths.clone());
        let asker = Arc::new(Asker::new(Arc::new(door), BTreeMap::new()));
        let runner = Runner::builder(service.storage().clone(), clock.clone(), wake)
            .worker(PollWorker::new(service.clone(), asker, 60.0))
            .worker(RecogniseWorker::new(service.clone()))
            .build();
        let organization = service.create_organization("shop").await.unwrap().id;
        Self {
            service,
            clock,
            organization,
            runner,
            mouths,
            folder,
        }
    }

    /// From now on this courier answers so.
    pub fn says(&self, courier: &str, status: u16, body: Value) {
        let mut said = self.mouths.0.lock().unwrap();
        said.by_courier.insert(courier.to_owned(), (status, body));
    }

    /// From now on this courier tells of a parcel that was scanned last at this time.
    pub fn tells(&self, courier: &str, at: &str) {
        let events = json!([{"at": at, "code": "TAKEN"}]);
        self.says(courier, 200, json!({ "events": events }));
    }

    /// Who was asked since the last question, in order.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.mouths.0.lock().unwrap().asked)
    }

    pub async fn create(&self, body: Value) -> Result<TrackingKey, Problem> {
        let request = CreateTracking::parse(body)?;
        let made = self
            .service
            .create_tracking(self.organization, request)
            .await?;
        let made: Value = serde_json::from_str(&made).unwrap();
        Ok(TrackingKey::parse(made["id"].as_str().unwrap()).unwrap())
    }

    /// Makes a tracking of a number alone, whose courier is a guess.
    pub async fn guess(&self) -> TrackingKey {
        let body = serde_json::json!({"tracking_number": NUMBER});
        self.create(body).await.unwrap()
    }

    /// Makes a tracking as a row of a file does.
    pub async fn import(&self, body: Value) -> Result<TrackingKey, Problem> {
        let requests = vec![CreateTracking::parse(body)];
        let made = self.service.import_trackings(self.organization, requests);
        let made: Value = serde_json::from_str(&made.await?.remove(0)?).unwrap();
        Ok(TrackingKey::parse(made["id"].as_str().unwrap()).unwrap())
    }

    /// Adds a courier's folder and reads all of them again.
    pub async fn install(&self, slug: &str, pattern: &str) {
        add_courier(self.folder.path(), slug, pattern, 1.0);
        let all = couriers(self.folder.path());
        self.service.replace_couriers(Arc::new(all));
        self.service.recognise_again().await.unwrap();
    }

    pub async fn update(&self, key: TrackingKey, body: Value) {
        let request = UpdateTracking::parse(body).unwrap();
        let id = key.id();
        let updated = self
            .service
            .update_tracking(self.organization, &id, request);
        updated.await.unwrap();
    }

    /// Does what is due, and what comes due by it.
    pub async fn work(&self) {
        for _ in 0..50 {
            if self.runner.run_due().await == 0 {
                return;
            }
        }
        panic!("there is no end to it");
    }

    /// Works through so many hours, an hour at a time.
    pub async fn hours(&self, hours: i64) {
        for _ in 0..hours {
            self.clock.advance(SignedDuration::from_hours(1));
            self.work().await;
        }
    }

    pub async fn row(&self, key: TrackingKey) -> TrackingRow {
        let row = self
            .service
            .storage()
            .tracking(self.organization, key)
            .await;
        row.unwrap().unwrap()
    }

    pub async fn detected(&self, key: TrackingKey) -> Option<Detected> {
        let record: Record = serde_json::from_str(&self.row(key).await.record).unwrap();
        record.detected
    }

    pub async fn leg(&self, key: TrackingKey) -> PollRow {
        let polls = self.service.storage().polls(self.organization, key).await;
        polls.unwrap().remove(0)
    }

    /// The tracking's polling page.
    pub async fn page(&self, key: TrackingKey) -> Value {
        self.service
            .polling(self.organization, &key.id())
            .await
            .unwrap()
    }

    /// The corrections so far: before, after, why.
    pub async fn corrections(&self) -> Vec<(String, String, String)> {
        let events = self
            .service
            .storage()
            .events_after(self.organization, 0, 1_000);
        let events = events.await.unwrap().into_iter();
        let corrections = events.filter(|event| event.kind == EventKind::TrackingCorrected);
        corrections
            .map(|event| {
                let body: Value = serde_json::from_str(&event.body).unwrap();
                let text = |name: &str| body["msg"][name].as_str().unwrap().to_owned();
                (text("before"), text("after"), text("reason"))
            })
            .collect()
    }

    pub fn now(&self) -> Timestamp {
        self.service.now()
    }
}

fn couriers(folder: &Path) -> Couriers {
    Couriers::from_folder(&folder.join("couriers")).unwrap()
}

fn add_courier(folder: &Path, slug: &str, pattern: &str, weight: f64) {
    let folder = folder.join("couriers").join(slug);
    fs::create_dir_all(&folder).unwrap();
    let definition = format!(
        r#"
        slug = "{slug}"
        name = "{slug}"
        default_language = "en"
        languages = ["en"]
        countries = []
        evidence = "guessed"
        [connection]
        authentication = {{ kind = "none" }}
        credentials = []
        requests_per_second = 1000.0
        concurrency = 200
        timeout_seconds = 5
        [[numbers]]
        name = "{slug}"
        pattern = '{pattern}'
        strength = "prefix"
        weight = {weight}
        "#
    );
    let request =
        format!(r#"{{method: "GET", url: "{SCHEME}://{slug}/\(.query.number)", headers: {{}}}}"#);
    for (file, text) in [
        ("courier.toml", definition.as_str()),
        ("request.jq", request.as_str()),
        ("read.jq", READ),
        ("statuses.csv", STATUSES),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
}
