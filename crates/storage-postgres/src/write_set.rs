//! Applies a write set inside a transaction: ended jobs, deletes, puts, logs, new jobs.
//!
//! What many sets of a transaction share (counters, the order of events) is not written here but
//! told as [`Effects`], and written once for all of them at the end (`endings`).

use uuid::Uuid;
use waybill_model::{OrganizationId, Tag};
use waybill_storage::{Append, Conflict, Delete, JobChange, PollCount, Put, WriteSet};

use crate::{
    api_keys, deliveries, failure::Failure, jobs, names, organizations, polls, search,
    session::Session, trackings, values::Home, webhooks,
};

/// Why a write set goes no further.
#[derive(Debug)]
pub enum Stop {
    /// An expectation did not hold.
    Conflict(Conflict),
    /// The database failed.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What a step of a write set comes to.
pub type Step<T = ()> = Result<T, Stop>;

/// Goes on only while an expectation holds.
pub fn expect(holds: bool, conflict: Conflict) -> Step {
    if holds {
        Ok(())
    } else {
        Err(Stop::Conflict(conflict))
    }
}

/// What a set still has to write, together with the others of its transaction.
#[derive(Default)]
pub struct Effects<'a> {
    /// Changes of the kept counters.
    pub tags: Vec<(Tag, i64)>,
    /// Askings of couriers to be counted.
    pub poll_counts: Vec<&'a PollCount>,
}

impl Effects<'_> {
    fn count(&mut self, tag: Tag, change: i64) {
        self.tags.push((tag, change));
    }
}

/// What most often does not hold comes first: a set that has written nothing is cheap to refuse.
pub async fn apply<'a>(session: &Session, home: &Home, set: &'a WriteSet) -> Step<Effects<'a>> {
    let mut effects = Effects::default();
    for change in &set.jobs {
        match change {
            JobChange::Add(_) => {}
            JobChange::Finish(handle) => jobs::finish(session, home, handle).await?,
            JobChange::PutOff(handle, at) => jobs::put_off(session, home, handle, *at).await?,
        }
    }
    for delete in &set.delete {
        apply_delete(session, home, delete, &mut effects).await?;
    }
    for kind in [is_name, is_tracking, hangs_on_tracking] {
        let mut puts: Vec<&Put> = set.put.iter().filter(|put| kind(put)).collect();
        puts.sort_by_key(|put| place(put));
        for put in puts {
            expect(
                owner(put).is_none_or(|owner| owner == set.organization),
                Conflict::Changed,
            )?;
            apply_put(session, home, put, &mut effects).await?;
        }
    }
    for append in &set.append {
        match append {
            Append::PollAttempt(row) => polls::append_attempt(session, home, row).await?,
            Append::PollCount(count) => effects.poll_counts.push(count),
            Append::DeliveryAttempt(row) => deliveries::append_attempt(session, home, row).await?,
            Append::Unsearchable(key) => search::note(session, home, *key).await?,
        }
    }
    for change in &set.jobs {
        if let JobChange::Add(job) = change {
            jobs::add(session, home, job).await?;
        }
    }
    Ok(effects)
}

fn is_name(put: &Put) -> bool {
    matches!(put, Put::Name(_))
}

fn is_tracking(put: &Put) -> bool {
    matches!(put, Put::Tracking(_))
}

/// Polls hang on their tracking's row; the others may come when they like.
fn hangs_on_tracking(put: &Put) -> bool {
    !is_name(put) && !is_tracking(put)
}

/// Where a row stands in the order in which all sets of all nodes lock the rows of a kind, so that
/// no two of them can each hold what the other needs.
fn place(put: &Put) -> (Uuid, u8) {
    match put {
        Put::Tracking(row) => (row.key.as_uuid(), 0),
        Put::Name(row) => (row.tracking.as_uuid(), 0),
        Put::Poll(row) => (row.tracking.as_uuid(), row.leg),
        Put::Webhook(row) => (row.id.as_uuid(), 0),
        Put::Delivery(row) => (row.id.as_uuid(), 0),
        Put::ApiKey(row) => (row.id.as_uuid(), 0),
        Put::Organization(row) => (row.id.as_uuid(), 0),
    }
}

/// Whose row it is: a set reaches only rows of its own organization. Names have no owner of their
/// own.
fn owner(put: &Put) -> Option<OrganizationId> {
    match put {
        Put::Tracking(row) => Some(row.organization),
        Put::Name(_) => None,
        Put::Poll(row) => Some(row.organization),
        Put::Webhook(row) => Some(row.organization),
        Put::Delivery(row) => Some(row.organization),
        Put::ApiKey(row) => Some(row.organization),
        Put::Organization(row) => Some(row.id),
    }
}

async fn apply_delete(
    session: &Session,
    home: &Home,
    delete: &Delete,
    effects: &mut Effects<'_>,
) -> Step {
    match delete {
        Delete::Tracking { key, revision } => {
            let tag = trackings::delete(session, home, *key, *revision).await?;
            effects.count(tag, -1);
            Ok(())
        }
        Delete::Name(row) => names::delete(session, home, row).await,
        Delete::Poll { tracking, leg } => polls::delete(session, home, *tracking, *leg).await,
        Delete::Webhook(id) => webhooks::delete(session, home, *id).await,
    }
}

async fn apply_put(session: &Session, home: &Home, put: &Put, effects: &mut Effects<'_>) -> Step {
    match put {
        Put::Tracking(row) => {
            let old = trackings::put(session, home, row).await?;
            if old != Some(row.tag) {
                effects.count(row.tag, 1);
                if let Some(old) = old {
                    effects.count(old, -1);
                }
            }
            Ok(())
        }
        Put::Name(row) => names::put(session, home, row).await,
        Put::Poll(row) => polls::put(session, home, row).await,
        Put::Webhook(row) => webhooks::put(session, home, row).await,
        Put::Delivery(row) => deliveries::put(session, home, row).await,
        Put::ApiKey(row) => api_keys::put(session, home, row).await,
        Put::Organization(row) => organizations::put(session, row).await,
    }
}
