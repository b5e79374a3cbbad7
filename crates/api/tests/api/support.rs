//! An installation in a temporary folder, and how to speak to it.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use axum::{
    body::Body,
    http::{HeaderMap, Request},
};
use jiff::Timestamp;
use serde_json::Value;
use tower::ServiceExt;
use waybill_api::{Around, Options};
use waybill_couriers::Couriers;
use waybill_jobs::Wake;
use waybill_model::{FakeClock, OrganizationId};
use waybill_service::{Identities, MasterKey, NewKey, Parts, Service, Settings};
use waybill_storage::Authentication;
use waybill_storage_sqlite::SqliteStorage;
use waybill_versions::Version;

use crate::described;

pub const TRACKINGS: &str = "/tracking/2026-07/trackings";

/// Read once for all tests: compiling their programs takes longer than most tests.
static COURIERS: LazyLock<Arc<Couriers>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/couriers");
    let couriers = Couriers::embedded().and_then(|all| all.with_folder(&folder));
    Arc::new(couriers.expect("couriers"))
});

/// An installation.
pub struct Installation {
    pub router: Around,
    pub service: Service,
    pub clock: Arc<FakeClock>,
    _folder: tempfile::TempDir,
}

/// An organization in it, with a key that opens everything.
pub struct Organization<'a> {
    pub installation: &'a Installation,
    pub id: OrganizationId,
    pub key: String,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Installation {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        Self::since(Version::V4, options)
    }

    /// One that answers older versions in `oldest`.
    pub fn since(oldest: Version, options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let now: Timestamp = "2026-07-10T12:00:00Z".parse().expect("a time");
        let clock = Arc::new(FakeClock::new(now));
        let service = Service::new(Parts {
            storage: Arc::new(
                SqliteStorage::open(&folder.path().join("waybill.db")).expect("a database"),
            ),
            couriers: COURIERS.clone(),
            clock: clock.clone(),
            identities: Identities::seeded(7),
            master_key: MasterKey::from_text("a test").expect("a master key"),
            settings: Settings::default(),
            courier_credentials: [("ups", "push_credential", "a word")]
                .map(|(slug, name, value)| {
                    (
                        slug.to_owned(),
                        [(name.to_owned(), value.to_owned())].into(),
                    )
                })
                .into(),
            wake: Wake::default(),
        });
        let router = Around::new(waybill_api::router(service.clone(), options), oldest);
        Self {
            router,
            service,
            clock,
            _folder: folder,
        }
    }

    pub async fn organization(&self, name: &str) -> Organization<'_> {
        let id = self
            .service
            .create_organization(name)
            .await
            .expect("an organization")
            .id;
        let key = self.key(id, Authentication::ApiKey, &[]).await;
        Organization {
            installation: self,
            id,
            key,
        }
    }

    pub async fn key(&self, id: OrganizationId, kind: Authentication, scopes: &[&str]) -> String {
        let new = NewKey {
            name: "test".to_owned(),
            authentication: kind,
            public_key: None,
            scopes: scopes.iter().map(ToString::to_string).collect(),
            key: None,
        };
        self.service.create_key(id, new).await.expect("a key").key
    }

    /// Sends a request as it is. Its answer has to be as the document of its version says.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let (method, path) = (request.method().to_string(), request.uri().to_string());
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX)
            .await
            .expect("a body");
        let body = Some(&bytes[..]).filter(|bytes| !bytes.is_empty());
        let body = body
            .map_or(Ok(Value::Null), serde_json::from_slice)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)));
        let version = parts.headers.get("as-api-version");
        let version = version.and_then(|version| version.to_str().ok());
        if method != "HEAD" && version.is_none_or(|version| path.contains(version)) {
            let fault = described::fault(&method, &path, parts.status.as_u16(), &body);
            assert_eq!(fault, None);
        }
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }
}

impl Organization<'_> {
    pub async fn send(&self, method: &str, path: &str, body: impl Into<Body>) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("as-api-key", &self.key);
        self.installation
            .send(request.body(body.into()).expect("a request"))
            .await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send("POST", path, body.to_string()).await
    }

    /// Creates a tracking and answers its `data`.
    pub async fn create(&self, body: Value) -> Value {
        let reply = self.post(TRACKINGS, body).await;
        assert_eq!((reply.status, reply.code()), (201, 201), "{}", reply.body);
        reply.body["data"].clone()
    }
}

impl Reply {
    pub fn code(&self) -> u64 {
        self.body["meta"]["code"].as_u64().unwrap_or_default()
    }

    pub fn data(&self) -> &Value {
        &self.body["data"]
    }

    #[track_caller]
    pub fn is(self, status: u16, code: u64) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
        self
    }

    #[track_caller]
    pub fn names(self, field: &str) -> Self {
        let message = self.body["meta"]["message"].as_str().unwrap_or_default();
        assert!(
            message.contains(&format!("`{field}`")),
            "{message} does not name {field}"
        );
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// The id in a document.
pub fn id(document: &Value) -> &str {
    document["id"].as_str().expect("an id")
}

/// The document with its ids taken out, for snapshots.
pub fn redacted(value: &Value) -> Value {
    let is_id = |text: &str| {
        matches!(text.len(), 24 | 32) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    match value {
        Value::String(text) if is_id(text) => "[id]".into(),
        Value::Array(items) => items.iter().map(redacted).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), redacted(value)))
            .collect(),
        other => other.clone(),
    }
}
