//! Jobs: what is still to be done, committed with the state that asks for it.

use jiff::Timestamp;
use waybill_model::OrganizationId;

/// A job to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Which worker does it.
    pub kind: &'static str,
    /// When it is due.
    pub due_at: Timestamp,
    /// What it is about: small text that the worker reads.
    pub payload: String,
}

/// A change of the queue within a write set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobChange {
    /// Adds a job of the set's organization.
    Add(NewJob),
    /// The leased job is done; [`crate::Conflict::LeaseLost`] if the lease is no longer held.
    Finish(JobHandle),
    /// The leased job is due again at this time, one attempt later.
    PutOff(JobHandle, Timestamp),
}

/// Proof of a lease: names the job and the lease that was given. Opaque to all but the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobHandle {
    /// Where the job stands while leased (engine's own meaning, e.g. the minute it comes due).
    pub place: i64,
    /// Which job.
    pub key: i64,
    /// Which lease.
    pub lease: i64,
}

/// A claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Proof of the lease.
    pub handle: JobHandle,
    /// Which worker does it.
    pub kind: String,
    /// Whose.
    pub organization: OrganizationId,
    /// When it was due before it was claimed.
    pub due_at: Timestamp,
    /// How often it was claimed before: 0 at first. Grows when a lease ran out, too.
    pub attempt: u32,
    /// See [`NewJob::payload`].
    pub payload: String,
}

/// Which jobs are looked at before they are due.
#[derive(Debug, Clone)]
pub struct Upcoming {
    /// Of this kind.
    pub kind: &'static str,
    /// Whose.
    pub organization: OrganizationId,
    /// Due after this: what is leased comes due again when its lease ends, and must not be taken for free.
    pub after: Timestamp,
    /// Due at or before.
    pub until: Timestamp,
    /// So many are looked at, of all organizations.
    pub look: usize,
}

/// What is claimed.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Of these kinds.
    pub kinds: Vec<&'static str>,
    /// Due at or before.
    pub now: Timestamp,
    /// The lease ends here; the job then comes due again.
    pub lease_until: Timestamp,
    /// At most so many.
    pub limit: usize,
}
