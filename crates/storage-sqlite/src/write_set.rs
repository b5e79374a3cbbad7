//! Applies a write set: ended jobs, deletes, puts, logs, new jobs, and the events last.

use rusqlite::Connection;
use waybill_model::{OrganizationId, TrackingKey};
use waybill_storage::{Append, Commit, Conflict, Delete, JobChange, Put, TrackingRow, WriteSet};

use crate::{
    api_keys, committer::Verdict, deliveries, events, jobs, names, numbers, once,
    organization_numbers::Organization, organizations, packed::PackedDocument, polls, resources,
    search, trackings, transaction::Transaction, unclassified, webhooks,
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

/// The tracking that a set wrote: what hangs on it need not look up where it stands, and what tells of it need not
/// pack its document again.
#[derive(Default)]
pub struct Written<'s>(Option<(TrackingKey, i64, PackedDocument<'s>)>);

impl<'s> Written<'s> {
    /// Where a tracking stands, if it does.
    pub fn find(
        &self,
        connection: &Connection,
        organization: &Organization,
        key: TrackingKey,
    ) -> rusqlite::Result<Option<i64>> {
        match self.0 {
            Some((written, row, _)) if written == key => Ok(Some(row)),
            _ => trackings::row_of(connection, organization, key),
        }
    }

    /// The document of a tracking, if it was written.
    pub fn document(&self, key: TrackingKey) -> Option<&PackedDocument<'s>> {
        match &self.0 {
            Some((written, _, document)) if *written == key => Some(document),
            _ => None,
        }
    }

    fn put(
        &mut self,
        transaction: &Transaction<'_>,
        organization: &Organization,
        row: &'s TrackingRow,
    ) -> Step {
        let document = PackedDocument::of(&row.document);
        let place = trackings::put(transaction, organization, row, &document)?;
        self.0 = Some((row.key, place, document));
        Ok(())
    }
}

/// Applies a set inside the committer's transaction; a conflict takes all of it back.
pub fn apply(
    transaction: &Transaction<'_>,
    organization: Organization,
    set: &WriteSet,
) -> rusqlite::Result<Verdict<Commit>> {
    match write(transaction, organization, set) {
        Ok(sequence) => Ok(Verdict::Keep(Commit::Applied { sequence })),
        Err(Stop::Conflict(conflict)) => Ok(Verdict::Undo(Commit::Conflict(conflict))),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// What most often does not hold comes first: a set that has written nothing is cheap to refuse.
fn write(
    transaction: &Transaction<'_>,
    organization: Organization,
    set: &WriteSet,
) -> Step<Option<u64>> {
    let organization = &organization.numbered(transaction)?;
    for change in &set.jobs {
        match change {
            JobChange::Add(_) => {}
            JobChange::Finish(handle) => jobs::finish(transaction, &organization.id, handle)?,
            JobChange::PutOff(handle, at) => {
                jobs::put_off(transaction, &organization.id, handle, *at)?;
            }
        }
    }
    let mut written = Written::default();
    put_all(transaction, organization, set, is_once, &mut written)?;
    for delete in &set.delete {
        apply_delete(transaction, organization, delete)?;
    }
    for kind in [is_name, is_tracking, hangs_on_tracking] {
        put_all(transaction, organization, set, kind, &mut written)?;
    }
    for append in &set.append {
        apply_append(transaction, organization, append, &written)?;
    }
    for change in &set.jobs {
        if let JobChange::Add(job) = change {
            jobs::add(transaction, &organization.id, job)?;
        }
    }
    events::append(transaction, organization, &set.events, &written)
}

/// The puts of a kind, in their order.
fn put_all<'s>(
    transaction: &Transaction<'_>,
    organization: &Organization,
    set: &'s WriteSet,
    kind: fn(&Put) -> bool,
    written: &mut Written<'s>,
) -> Step {
    for put in set.put.iter().filter(|put| kind(put)) {
        expect(
            owner(put).is_none_or(|owner| owner == set.organization),
            Conflict::Changed,
        )?;
        apply_put(transaction, organization, put, written)?;
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

fn apply_delete(
    transaction: &Transaction<'_>,
    organization: &Organization,
    delete: &Delete,
) -> Step {
    match delete {
        Delete::Tracking { key, revision } => {
            trackings::delete(transaction, organization, *key, *revision)
        }
        Delete::Name(row) => names::delete(transaction, organization, row),
        Delete::Poll { tracking, leg } => polls::delete(transaction, organization, *tracking, *leg),
        Delete::Webhook(id) => webhooks::delete(transaction, &organization.id, *id),
        Delete::Resource(kind, id) => resources::delete(transaction, &organization.id, *kind, *id),
    }
}

fn apply_put<'s>(
    transaction: &Transaction<'_>,
    organization: &Organization,
    put: &'s Put,
    written: &mut Written<'s>,
) -> Step {
    match put {
        Put::Tracking(row) => written.put(transaction, organization, row),
        Put::Name(row) => names::put(transaction, organization, row),
        Put::Poll(row) => polls::put(transaction, organization, row, written),
        Put::Webhook(row) => webhooks::put(transaction, &organization.id, row),
        Put::Delivery(row) => deliveries::put(transaction, &organization.id, row),
        Put::ApiKey(row) => api_keys::put(transaction, &organization.id, row),
        Put::Organization(row) => organizations::put(transaction, row),
        Put::Resource(row) => resources::put(transaction, &organization.id, row),
        Put::Once(row) => once::put(transaction, &organization.id, row),
    }
}

fn apply_append(
    transaction: &Transaction<'_>,
    organization: &Organization,
    append: &Append,
    written: &Written<'_>,
) -> Step {
    match append {
        Append::PollAttempt(row) => polls::append_attempt(transaction, organization, row, written),
        Append::PollCount(count) => polls::add_count(transaction, count),
        Append::Unclassified(row) => unclassified::add(transaction, row),
        Append::NumberCount(count) => numbers::add(transaction, &organization.id, count),
        Append::DeliveryAttempt(row) => {
            deliveries::append_attempt(transaction, &organization.id, row)
        }
        Append::Unsearchable(key) => search::note(transaction, organization, *key, written),
    }
}
