//! Applies a write set: ended jobs, deletes, puts, logs, new jobs, and the events last.

use rusqlite::Connection;
use waybill_model::{OrganizationId, TrackingKey};
use waybill_storage::{Append, Commit, Conflict, Delete, JobChange, Put, WriteSet};

use crate::{
    api_keys, committer::Verdict, deliveries, events, jobs, names, numbers, once,
    organization_numbers::Organization, organizations, polls, resources, search, trackings,
    unclassified, webhooks,
};

/// Why a write set goes no further.
pub enum Stop {
    /// An expectation did not hold.
    Conflict(Conflict),
    /// The database failed.
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
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

/// Where the tracking stands that a set wrote, so that what hangs on it need not look it up.
#[derive(Default)]
pub struct Rows(Option<(TrackingKey, i64)>);

impl Rows {
    /// Where a tracking stands, if it does.
    pub fn find(
        &self,
        connection: &Connection,
        organization: &Organization,
        key: TrackingKey,
    ) -> rusqlite::Result<Option<i64>> {
        match self.0 {
            Some((written, row)) if written == key => Ok(Some(row)),
            _ => trackings::row_of(connection, organization, key),
        }
    }

    fn note(&mut self, key: TrackingKey, row: i64) {
        self.0 = Some((key, row));
    }
}

/// Applies a set inside the committer's transaction; a conflict takes all of it back.
pub fn apply(
    connection: &Connection,
    organization: Organization,
    set: &WriteSet,
) -> rusqlite::Result<Verdict<Commit>> {
    match write(connection, organization, set) {
        Ok(sequence) => Ok(Verdict::Keep(Commit::Applied { sequence })),
        Err(Stop::Conflict(conflict)) => Ok(Verdict::Undo(Commit::Conflict(conflict))),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// What most often does not hold comes first: a set that has written nothing is cheap to refuse.
fn write(connection: &Connection, organization: Organization, set: &WriteSet) -> Step<Option<u64>> {
    let organization = &organization.numbered(connection)?;
    for change in &set.jobs {
        match change {
            JobChange::Add(_) => {}
            JobChange::Finish(handle) => jobs::finish(connection, &organization.id, handle)?,
            JobChange::PutOff(handle, at) => {
                jobs::put_off(connection, &organization.id, handle, *at)?;
            }
        }
    }
    let mut rows = Rows::default();
    put_all(connection, organization, set, is_once, &mut rows)?;
    for delete in &set.delete {
        apply_delete(connection, organization, delete)?;
    }
    for kind in [is_name, is_tracking, hangs_on_tracking] {
        put_all(connection, organization, set, kind, &mut rows)?;
    }
    for append in &set.append {
        apply_append(connection, organization, append, &rows)?;
    }
    for change in &set.jobs {
        if let JobChange::Add(job) = change {
            jobs::add(connection, &organization.id, job)?;
        }
    }
    events::append(connection, organization, &set.events)
}

/// The puts of a kind, in their order.
fn put_all(
    connection: &Connection,
    organization: &Organization,
    set: &WriteSet,
    kind: fn(&Put) -> bool,
    rows: &mut Rows,
) -> Step {
    for put in set.put.iter().filter(|put| kind(put)) {
        expect(
            owner(put).is_none_or(|owner| owner == set.organization),
            Conflict::Changed,
        )?;
        apply_put(connection, organization, put, rows)?;
    }
    Ok(())
}

fn is_name(put: &Put) -> bool {
    matches!(put, Put::Name(_))
}

fn is_tracking(put: &Put) -> bool {
    matches!(put, Put::Tracking(_))
}

fn is_once(put: &Put) -> bool {
    matches!(put, Put::Once(_))
}

/// Polls hang on their tracking's row; the others may come when they like.
fn hangs_on_tracking(put: &Put) -> bool {
    !is_once(put) && !is_name(put) && !is_tracking(put)
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
        Put::Resource(row) => Some(row.organization),
        Put::Once(row) => Some(row.organization),
    }
}

fn apply_delete(connection: &Connection, organization: &Organization, delete: &Delete) -> Step {
    match delete {
        Delete::Tracking { key, revision } => {
            trackings::delete(connection, organization, *key, *revision)
        }
        Delete::Name(row) => names::delete(connection, organization, row),
        Delete::Poll { tracking, leg } => polls::delete(connection, organization, *tracking, *leg),
        Delete::Webhook(id) => webhooks::delete(connection, &organization.id, *id),
        Delete::Resource(kind, id) => resources::delete(connection, &organization.id, *kind, *id),
    }
}

fn apply_put(
    connection: &Connection,
    organization: &Organization,
    put: &Put,
    rows: &mut Rows,
) -> Step {
    match put {
        Put::Tracking(row) => {
            rows.note(row.key, trackings::put(connection, organization, row)?);
            Ok(())
        }
        Put::Name(row) => names::put(connection, organization, row),
        Put::Poll(row) => polls::put(connection, organization, row, rows),
        Put::Webhook(row) => webhooks::put(connection, &organization.id, row),
        Put::Delivery(row) => deliveries::put(connection, &organization.id, row),
        Put::ApiKey(row) => api_keys::put(connection, &organization.id, row),
        Put::Organization(row) => organizations::put(connection, row),
        Put::Resource(row) => resources::put(connection, &organization.id, row),
        Put::Once(row) => once::put(connection, &organization.id, row),
    }
}

fn apply_append(
    connection: &Connection,
    organization: &Organization,
    append: &Append,
    rows: &Rows,
) -> Step {
    match append {
        Append::PollAttempt(row) => polls::append_attempt(connection, organization, row, rows),
        Append::PollCount(count) => polls::add_count(connection, count),
        Append::Unclassified(row) => unclassified::add(connection, row),
        Append::NumberCount(count) => numbers::add(connection, &organization.id, count),
        Append::DeliveryAttempt(row) => {
            deliveries::append_attempt(connection, &organization.id, row)
        }
        Append::Unsearchable(key) => search::note(connection, organization, *key, rows),
    }
}
