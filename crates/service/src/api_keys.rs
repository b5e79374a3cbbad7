//! API keys: made once, kept as a hash, looked up at every request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::digest;
use serde_json::{Value, json};
use uuid::Uuid;
use waybill_model::{ApiKeyId, OrganizationId};
use waybill_storage::{ApiKeyRow, Authentication, Commit, Put, WriteSet};
use waybill_versions::{Code, CreateApiKey, Problem};

use crate::{PublicKey, Service, document::print, once::kept, unavailable};

/// The scope that opens everything.
pub const ALL_SCOPES: &str = "*";
/// What a key can open, by name.
pub const SCOPES: &[&str] = &[
    "aftership:tracking:read",
    "aftership:tracking:write",
    "aftership:courier:read",
    "aftership:courier:write",
    "aftership:estimated_delivery_date:write",
    "aftership:carrier_connection:read",
    "aftership:carrier_connection:write",
    "aftership:notification:read",
    "aftership:notification:write",
    "aftership:webhook:read",
    "aftership:webhook:write",
    "aftership:location:read",
    "aftership:location:write",
    "aftership:api_key:read",
    "aftership:api_key:write",
];
/// A revocation holds everywhere within this time.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_secs(5);
/// `last_used_at` is written at most this often per key.
const TOUCHED_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// Keys remembered at most; a flood of wrong keys cannot fill the memory.
const REMEMBERED_KEYS: usize = 10_000;
/// How much of a key is shown to recognise it by.
const PREFIX_LENGTH: usize = 10;
/// Longer texts are no keys of ours and are not hashed.
const LONGEST_KEY: usize = 512;

/// What a key is to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: String,
    /// How requests prove themselves.
    pub authentication: Authentication,
    /// For `rsa`: the public key in PEM.
    pub public_key: Option<String>,
    /// What it opens; empty: everything.
    pub scopes: Vec<String>,
    /// The key itself, where the operator gives it; else one is made.
    pub key: Option<String>,
}

/// A key as it is shown once.
#[derive(Debug, Clone)]
pub struct IssuedKey {
    /// The row that was kept.
    pub row: ApiKeyRow,
    /// The key.
    pub key: String,
    /// The secret of an `aes` key.
    pub secret: Option<String>,
}

/// Keys seen in the last seconds, so that a request costs no look-up; by their hash, which needs no
/// other.
#[derive(Default)]
pub(crate) struct KnownKeys(Mutex<HashMap<[u8; 32], Known>>);

struct Known {
    row: Option<Arc<ApiKeyRow>>,
    looked_up_at: Timestamp,
    touched_at: Option<Timestamp>,
}

/// What is remembered of a key at a request.
struct Seen {
    row: Option<Arc<ApiKeyRow>>,
    /// Whether its use is to be noted now.
    touch: bool,
}

impl Service {
    /// The live key of this text.
    pub async fn authenticate(&self, key: &str) -> Result<Option<Arc<ApiKeyRow>>, Problem> {
        if key.is_empty() || key.len() > LONGEST_KEY {
            return Ok(None);
        }
        let now = self.now();
        let hash = hash_of(key);
        if let Some(seen) = self.0.known_keys.fresh(&hash, now) {
            return Ok(self.touched(seen, now).await);
        }
        let row = self
            .0
            .storage
            .api_key_by_hash(&hash)
            .await
            .map_err(unavailable)?;
        let row = row.filter(|row| row.revoked_at.is_none()).map(Arc::new);
        let seen = self.0.known_keys.remember(hash, row, now);
        Ok(self.touched(seen, now).await)
    }

    /// Makes a key and shows it this once.
    pub async fn create_key(
        &self,
        organization: OrganizationId,
        new: NewKey,
    ) -> Result<IssuedKey, Problem> {
        let issued = self.new_key(organization, new)?;
        let set = WriteSet::new(organization).put(Put::ApiKey(Box::new(issued.row.clone())));
        match self.commit(set).await.map_err(unavailable)? {
            Commit::Applied { .. } => Ok(issued),
            Commit::Conflict(_) => Err(Problem::new(Code::ValueInvalid)
                .on("key")
                .because("This key exists already; leave it out to have one made.")),
        }
    }

    /// A key that is not kept yet.
    pub(crate) fn new_key(
        &self,
        organization: OrganizationId,
        new: NewKey,
    ) -> Result<IssuedKey, Problem> {
        let now = self.now();
        let key = match new.key {
            Some(key) if key.is_empty() || key.len() > LONGEST_KEY => {
                return Err(Problem::new(Code::ValueInvalid)
                    .on("key")
                    .because("Use 1 to 512 characters."));
            }
            Some(key) => key,
            None => format!(
                "wb_{}",
                URL_SAFE_NO_PAD.encode(self.0.identities.bytes::<32>())
            ),
        };
        let known = |scope: &String| scope == ALL_SCOPES || SCOPES.contains(&scope.as_str());
        if let Some(at) = new.scopes.iter().position(|scope| !known(scope)) {
            let mend = format!("Use `{ALL_SCOPES}` or some of {}.", SCOPES.join(", "));
            return Err(Problem::invalid(format_args!("scopes[{at}]"), &mend));
        }
        let secret = (new.authentication == Authentication::Aes)
            .then(|| URL_SAFE_NO_PAD.encode(self.0.identities.bytes::<32>()));
        let proof = match (&secret, new.public_key) {
            (Some(secret), _) => self.0.master_key.seal(&self.0.identities, secret),
            (None, Some(public_key)) if PublicKey::from_pem(&public_key).is_none() => {
                return Err(Problem::new(Code::ValueInvalid)
                    .on("public_key")
                    .because("Give an RSA public key of 2048 bits or more in PEM."));
            }
            (None, public_key) => public_key,
        };
        let scopes = if new.scopes.is_empty() {
            vec![ALL_SCOPES.to_owned()]
        } else {
            new.scopes
        };
        let row = ApiKeyRow {
            id: ApiKeyId::from_uuid(self.0.identities.at(now)),
            revision: 0,
            organization,
            name: new.name,
            hash: hash_of(&key),
            prefix: key.chars().take(PREFIX_LENGTH).collect(),
            authentication: new.authentication,
            proof,
            scopes,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        Ok(IssuedKey { row, key, secret })
    }

    /// Makes a key by another one, which cannot give what it does not have; the answer alone shows
    /// it.
    pub async fn create_api_key(
        &self,
        maker: &ApiKeyRow,
        request: CreateApiKey,
    ) -> Result<Value, Problem> {
        if let Some(made) = kept() {
            return Ok(made);
        }
        let scopes = match request.scopes {
            scopes if scopes.is_empty() => maker.scopes.clone(),
            scopes => scopes,
        };
        let new = NewKey {
            name: request.name,
            authentication: Authentication::parse(&request.authentication)
                .unwrap_or(Authentication::ApiKey),
            public_key: request.public_key,
            scopes,
            key: None,
        };
        let issued = self.new_key(maker.organization, new)?;
        if let Some(scope) = issued
            .row
            .scopes
            .iter()
            .find(|scope| !opens(&maker.scopes, scope))
        {
            let mend = format!("A key cannot give `{scope}`, which it does not have.");
            return Err(Problem::new(Code::Forbidden).because(&mend));
        }
        let mut shown = shown(&issued.row);
        shown["key"] = json!(issued.key);
        if let Some(secret) = &issued.secret {
            shown["secret"] = json!(secret);
        }
        let (row, shown) = (&issued.row, &shown);
        self.decide_once(
            async || {
                let put = Put::ApiKey(Box::new(row.clone()));
                Ok((WriteSet::new(row.organization).put(put), shown.clone()))
            },
            |_| None,
        )
        .await
    }

    /// All keys with their ids, newest first, as the API shows them.
    pub async fn api_keys(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<(Uuid, Value)>, Problem> {
        let mut keys = self.keys(organization).await?;
        keys.sort_by_key(|row| std::cmp::Reverse(row.id));
        let keys = keys.iter().map(|row| (row.id.as_uuid(), shown(row)));
        Ok(keys.collect())
    }

    /// Ends a key; one that has ended already stays as it is.
    pub async fn revoke_api_key(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        let missing = || Problem::new(Code::NotFound).because("There is no API key with this id.");
        let id = ApiKeyId::parse(id).ok_or_else(missing)?;
        self.revoke_key(organization, &id.to_string()).await?;
        let keys = self.keys(organization).await?;
        let key = keys.iter().find(|row| row.id == id).ok_or_else(missing)?;
        Ok(shown(key))
    }

    /// All keys of an organization.
    pub async fn keys(&self, organization: OrganizationId) -> Result<Vec<ApiKeyRow>, Problem> {
        self.0
            .storage
            .api_keys(organization)
            .await
            .map_err(unavailable)
    }

    /// Ends a live key, by its id or its shown prefix. False if there is none.
    pub async fn revoke_key(
        &self,
        organization: OrganizationId,
        which: &str,
    ) -> Result<bool, Problem> {
        let keys = self.keys(organization).await?;
        let mut meant = keys.into_iter().filter(|row| {
            row.revoked_at.is_none() && (row.id.to_string() == which || row.prefix == which)
        });
        let Some(mut row) = meant.next() else {
            return Ok(false);
        };
        if meant.next().is_some() {
            return Err(Problem::new(Code::ValueInvalid)
                .on("key")
                .because("Several keys begin so; use the id."));
        }
        row.revoked_at = Some(self.now());
        self.0.known_keys.forget(&row.hash);
        let set = WriteSet::new(organization).put(Put::ApiKey(Box::new(row)));
        let commit = self.commit(set).await.map_err(unavailable)?;
        Ok(matches!(commit, Commit::Applied { .. }))
    }

    /// Notes the use of a key where that is due. That it fails hurts nobody.
    async fn touched(&self, Seen { row, touch }: Seen, now: Timestamp) -> Option<Arc<ApiKeyRow>> {
        if let Some(row) = row.as_deref()
            && touch
            && let Err(error) = self.0.storage.touch_api_key(row.id, now).await
        {
            tracing::debug!(%error, "the use of a key was not noted");
        }
        row
    }
}

impl Known {
    /// Its use is noted at most once in a while.
    fn seen(&mut self, now: Timestamp) -> Seen {
        let touch = self
            .touched_at
            .is_none_or(|at| now.duration_since(at) >= TOUCHED_EVERY);
        if touch {
            self.touched_at = Some(now);
        }
        Seen {
            row: self.row.clone(),
            touch,
        }
    }
}

impl KnownKeys {
    /// What was looked up in the last seconds: the row, or that there is none.
    fn fresh(&self, hash: &[u8; 32], now: Timestamp) -> Option<Seen> {
        let mut known = self.map();
        let known = known.get_mut(hash)?;
        let is_fresh = now.duration_since(known.looked_up_at) < REMEMBERED_FOR;
        is_fresh.then(|| known.seen(now))
    }

    fn remember(&self, hash: [u8; 32], row: Option<Arc<ApiKeyRow>>, now: Timestamp) -> Seen {
        let mut known = self.map();
        if known.len() >= REMEMBERED_KEYS {
            known.clear();
        }
        let known = known.entry(hash).or_insert(Known {
            row: None,
            looked_up_at: now,
            touched_at: None,
        });
        known.row = row;
        known.looked_up_at = now;
        known.seen(now)
    }

    fn forget(&self, hash: &[u8; 32]) {
        self.map().remove(hash);
    }

    fn map(&self) -> MutexGuard<'_, HashMap<[u8; 32], Known>> {
        // What is remembered is whole at every moment, also when a thread broke.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether these scopes open what needs this one.
pub fn opens(scopes: &[String], scope: &str) -> bool {
    scopes
        .iter()
        .any(|held| held == ALL_SCOPES || held == scope)
}

fn shown(row: &ApiKeyRow) -> Value {
    json!({
        "id": row.id.to_string(),
        "name": row.name,
        "prefix": row.prefix,
        "authentication": row.authentication.as_str(),
        "scopes": row.scopes,
        "created_at": print(row.created_at),
        "last_used_at": row.last_used_at.map(print),
        "revoked_at": row.revoked_at.map(print),
    })
}

/// A key is at least 32 random bytes (or what an operator chose), so one round of a fast hash is
/// enough to make the kept form useless to a thief.
fn hash_of(key: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, key.as_bytes()).as_ref());
    hash
}
