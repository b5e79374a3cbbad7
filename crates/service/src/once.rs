//! Requests that carry a key of their own are done once.
//!
//! What such a request answered is kept in the commit that did its work, so no crash can part the
//! two. When it comes again, its use case gives back what was kept instead of working; what the
//! interface makes of that is the same as the first time.
//!
//! The ticket of a request goes along with its task and not through every signature: the one place
//! that commits ([`Service::decide_once`]) and the one that looks ([`kept`]) are all that know of it.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::SignedDuration;
use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use waybill_model::OrganizationId;
use waybill_storage::{Commit, Conflict, OnceRow, Put, WriteSet};
use waybill_versions::{Code, Problem};

use crate::{CONFLICT_RETRIES, Service, unavailable};

/// What was answered is kept for a day (documented).
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// When a request that is still worked on is worth asking for again.
const RETRY_AFTER_SECONDS: u32 = 1;

tokio::task_local! {
    static TICKET: Option<Arc<Ticket>>;
}

/// Requests with a key that this process works on now.
pub(crate) type Running = Arc<Mutex<HashSet<Hash>>>;

type Hash = [u8; 32];

/// A request that is done once.
pub struct Ticket {
    organization: OrganizationId,
    key: Hash,
    fingerprint: Hash,
    kept: Option<Answer>,
    spent: AtomicBool,
    running: Running,
}

/// What is kept of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// Of a use case: what it gave back.
    Given(String),
    /// Of the interface, where no one commit stands for the whole work.
    Sent {
        /// Status of the HTTP answer.
        status: u16,
        /// Its body.
        body: String,
    },
}

/// What can be kept of a use case's answer and given back.
pub(crate) trait Kept: Sized {
    /// As text.
    fn keep(&self) -> String;
    /// From that text.
    fn give_back(text: String) -> Option<Self>;
}

impl Kept for String {
    fn keep(&self) -> String {
        self.clone()
    }

    fn give_back(text: String) -> Option<Self> {
        Some(text)
    }
}

impl Kept for Value {
    fn keep(&self) -> String {
        self.to_string()
    }

    fn give_back(text: String) -> Option<Self> {
        serde_json::from_str(&text).ok()
    }
}

impl Kept for () {
    fn keep(&self) -> String {
        String::new()
    }

    fn give_back(_: String) -> Option<Self> {
        Some(())
    }
}

/// What the use case of this request gave back when it was done before.
pub(crate) fn kept<T: Kept>() -> Option<T> {
    match &ticket()?.kept {
        Some(Answer::Given(text)) => T::give_back(text.clone()),
        _ => None,
    }
}

/// Does work that is only a part of the request: none of its commits is the one to keep.
pub(crate) async fn in_parts<T>(work: impl Future<Output = T>) -> T {
    TICKET.scope(None, work).await
}

fn ticket() -> Option<Arc<Ticket>> {
    TICKET.try_with(Clone::clone).ok().flatten()
}

impl Service {
    /// A ticket for a request: `what` says what is asked (method and path), `key` is the caller's.
    ///
    /// # Errors
    /// 422 where the key was used for another body, 409 while the same request is worked on.
    pub async fn ticket(
        &self,
        organization: OrganizationId,
        what: &str,
        key: &[u8],
        body: &[u8],
    ) -> Result<Ticket, Problem> {
        let key = hash(&[organization.as_uuid().as_bytes(), what.as_bytes(), key]);
        let fingerprint = hash(&[body]);
        let running = self.0.running.clone();
        if !lock(&running).insert(key) {
            return Err(under_way());
        }
        // From here on the ticket takes the key back, however this ends.
        let mut ticket = Ticket {
            organization,
            key,
            fingerprint,
            kept: None,
            spent: AtomicBool::new(false),
            running,
        };
        let row = self.0.storage.once(organization, &key).await;
        let now = self.now();
        let Some(row) = row.map_err(unavailable)?.filter(|row| now < row.expires_at) else {
            return Ok(ticket);
        };
        if row.fingerprint != fingerprint {
            return Err(Problem::new(Code::KeyReused));
        }
        let answer = row.answer.as_deref().and_then(|sealed| {
            let text = self.0.master_key.open(sealed)?;
            serde_json::from_str(&text).ok()
        });
        // Doing it again because the answer cannot be read would be the one thing not asked for.
        ticket.kept = Some(answer.ok_or_else(Problem::internal)?);
        Ok(ticket)
    }

    /// Runs a request under its ticket.
    pub async fn under<T>(&self, ticket: &Arc<Ticket>, request: impl Future<Output = T>) -> T {
        TICKET.scope(Some(ticket.clone()), request).await
    }

    /// Keeps what the interface answered, where no use case kept what it gave back: the work was
    /// more than one commit, or none.
    pub async fn keep_sent(&self, ticket: &Ticket, status: u16, body: &str) -> Result<(), Problem> {
        if ticket.kept.is_some() || ticket.spent.load(Ordering::Relaxed) {
            return Ok(());
        }
        let body = body.to_owned();
        let row = self.once_row(ticket, &Answer::Sent { status, body })?;
        let set = WriteSet::new(ticket.organization).put(row);
        match self.commit(set).await.map_err(unavailable)? {
            Commit::Applied { .. } => Ok(()),
            Commit::Conflict(_) => Err(under_way()),
        }
    }

    /// As [`Service::decide`], and keeps the answer under the request's ticket in the same commit.
    /// A request that was done before gets that answer without anything being decided.
    pub(crate) async fn decide_once<T, D, F>(
        &self,
        mut decide: D,
        refused: impl Fn(&Conflict) -> Option<Problem>,
    ) -> Result<T, Problem>
    where
        T: Kept,
        D: FnMut() -> F,
        F: Future<Output = Result<(WriteSet, T), Problem>>,
    {
        let Some(ticket) = ticket() else {
            return self.decide(decide, refused).await;
        };
        if let Some(kept) = kept() {
            return Ok(kept);
        }
        for _ in 0..CONFLICT_RETRIES {
            let (mut set, answer) = decide().await?;
            set.put
                .push(self.once_row(&ticket, &Answer::Given(answer.keep()))?);
            match self.commit(set).await.map_err(unavailable)? {
                Commit::Applied { .. } => {
                    ticket.spent.store(true, Ordering::Relaxed);
                    return Ok(answer);
                }
                // Another node did it at the same moment.
                Commit::Conflict(Conflict::Done) => return Err(under_way()),
                Commit::Conflict(conflict) => {
                    if let Some(problem) = refused(&conflict) {
                        return Err(problem);
                    }
                }
            }
        }
        Err(Problem::unavailable())
    }

    /// Notes a signature; false where it came before. It is kept as long as its date may count.
    pub async fn first_use(
        &self,
        organization: OrganizationId,
        signature: &str,
        counts_for: SignedDuration,
    ) -> Result<bool, Problem> {
        let now = self.now();
        let row = OnceRow {
            organization,
            key: hash(&[b"signature", signature.as_bytes()]),
            fingerprint: [0; 32],
            answer: None,
            at: now,
            expires_at: now + counts_for,
        };
        let set = WriteSet::new(organization).put(Put::Once(Box::new(row)));
        let commit = self.commit(set).await.map_err(unavailable)?;
        Ok(matches!(commit, Commit::Applied { .. }))
    }

    /// Sealed: an answer may show a secret, this once.
    fn once_row(&self, ticket: &Ticket, answer: &Answer) -> Result<Put, Problem> {
        let text = serde_json::to_string(answer).map_err(|_| Problem::internal())?;
        let sealed = self.0.master_key.seal(&self.0.identities, &text);
        let now = self.now();
        Ok(Put::Once(Box::new(OnceRow {
            organization: ticket.organization,
            key: ticket.key,
            fingerprint: ticket.fingerprint,
            answer: Some(sealed.ok_or_else(Problem::internal)?),
            at: now,
            expires_at: now + KEPT_FOR,
        })))
    }
}

impl Ticket {
    /// What the interface answered when the request was done before, where that was kept.
    pub fn sent(&self) -> Option<(u16, &str)> {
        match &self.kept {
            Some(Answer::Sent { status, body }) => Some((*status, body)),
            _ => None,
        }
    }

    /// Whether the request was done before.
    pub fn is_repeated(&self) -> bool {
        self.kept.is_some()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.key);
    }
}

fn lock(running: &Running) -> std::sync::MutexGuard<'_, HashSet<Hash>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

fn under_way() -> Problem {
    let mut problem = Problem::new(Code::RequestRunning);
    problem.retry_after_seconds = Some(RETRY_AFTER_SECONDS);
    problem
}

/// Of parts that cannot run into each other.
fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}
