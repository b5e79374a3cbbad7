//! Write sets as rows, and the order in which they are written: ended jobs, what may happen once, deletes, what is
//! written seldom, names, trackings, what hangs on them, logs, new jobs.
//!
//! Rows of a kind are written together, whichever set they are of. All nodes write the kinds in
//! this order, and the rows of each in the order of their keys, so that no two of them can each hold
//! what the other needs. What many sets of a transaction share (counters, the order of events) is
//! written at the end (`endings`).

use futures_util::future::{try_join, try_join3, try_join4, try_join5};
use jiff::Timestamp;
use uuid::Uuid;
use waybill_model::{OrganizationId, Tag, TrackingKey};
use waybill_storage::{
    ApiKeyRow, Append, Conflict, Delete, DeliveryAttemptRow, DeliveryRow, JobChange, JobHandle,
    NameRow, NewEvent, NewJob, NumberCount, OnceRow, OrganizationRow, PollAttemptRow, PollCount,
    PollRow, Put, ResourceRow, TrackingRow, UnclassifiedRow, WebhookRow, WriteSet,
};

use crate::{
    api_keys, deliveries,
    failure::{Failure, Result},
    jobs, names, once, organizations, polls, resources,
    rows::{Of, Refusal},
    search,
    session::Session,
    trackings,
    values::Home,
    webhooks,
};

/// Why a row is not written.
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

/// What writing a row by itself comes to.
pub type Step<T = ()> = std::result::Result<T, Stop>;

/// Goes on only while an expectation holds.
pub fn expect(holds: bool, conflict: Conflict) -> Step {
    if holds {
        Ok(())
    } else {
        Err(Stop::Conflict(conflict))
    }
}

/// The rows of all sets of a transaction, by kind.
#[derive(Default)]
pub struct Rows<'a> {
    /// Sets that cannot be written whatever the database holds.
    pub refusals: Vec<Refusal>,
    /// Changes of the kept counters.
    pub tags: Vec<Of<(Tag, i64)>>,
    /// Askings of couriers to be counted.
    pub poll_counts: Vec<Of<&'a PollCount>>,
    /// What nothing understood.
    pub unclassified: Vec<Of<&'a UnclassifiedRow>>,
    /// Numbers of organizations to be counted.
    pub number_counts: Vec<Of<&'a NumberCount>>,
    /// Events, in the order of the sets.
    pub events: Vec<Of<&'a NewEvent>>,
    finish: Vec<Of<&'a JobHandle>>,
    put_off: Vec<Of<(&'a JobHandle, Timestamp)>>,
    once: Vec<Of<&'a OnceRow>>,
    delete: Vec<Of<&'a Delete>>,
    names: Vec<Of<&'a NameRow>>,
    new_trackings: Vec<Of<&'a TrackingRow>>,
    trackings: Vec<Of<&'a TrackingRow>>,
    /// Of trackings that the same set makes.
    first_polls: Vec<Of<&'a PollRow>>,
    new_polls: Vec<Of<&'a PollRow>>,
    polls: Vec<Of<&'a PollRow>>,
    webhooks: Vec<Of<&'a WebhookRow>>,
    new_deliveries: Vec<Of<&'a DeliveryRow>>,
    deliveries: Vec<Of<&'a DeliveryRow>>,
    api_keys: Vec<Of<&'a ApiKeyRow>>,
    organizations: Vec<Of<&'a OrganizationRow>>,
    resources: Vec<Of<&'a ResourceRow>>,
    poll_attempts: Vec<Of<&'a PollAttemptRow>>,
    delivery_attempts: Vec<Of<&'a DeliveryAttemptRow>>,
    unsearchable: Vec<Of<TrackingKey>>,
    add: Vec<Of<&'a NewJob>>,
}

impl<'a> Rows<'a> {
    /// The rows of these sets.
    pub fn of(sets: &[&'a WriteSet]) -> Self {
        let mut rows = Self::default();
        for (place, set) in sets.iter().enumerate() {
            rows.take(place, set);
        }
        rows.sort();
        rows
    }

    fn take(&mut self, place: usize, set: &'a WriteSet) {
        let home = Home::of(set.organization);
        let of = Of {
            set: place,
            home,
            row: (),
        };
        for put in &set.put {
            if owner(put).is_some_and(|owner| owner != set.organization) {
                self.refusals.push(of.refused(&Conflict::Changed));
            }
            match put {
                Put::Name(row) => self.names.push(of.with(row)),
                Put::Tracking(row) if row.revision == 0 => self.new_trackings.push(of.with(row)),
                Put::Tracking(row) => self.trackings.push(of.with(row)),
                Put::Poll(row) if row.revision == 0 && makes(set, row.tracking) => {
                    self.first_polls.push(of.with(row));
                }
                Put::Poll(row) if row.revision == 0 => self.new_polls.push(of.with(row)),
                Put::Poll(row) => self.polls.push(of.with(row)),
                Put::Webhook(row) => self.webhooks.push(of.with(row)),
                Put::Delivery(row) if row.revision == 0 => self.new_deliveries.push(of.with(row)),
                Put::Delivery(row) => self.deliveries.push(of.with(row)),
                Put::ApiKey(row) => self.api_keys.push(of.with(row)),
                Put::Organization(row) => self.organizations.push(of.with(row)),
                Put::Resource(row) => self.resources.push(of.with(row)),
                Put::Once(row) => self.once.push(of.with(row)),
            }
        }
        for change in &set.jobs {
            match change {
                JobChange::Add(job) => self.add.push(of.with(job)),
                JobChange::Finish(handle) | JobChange::PutOff(handle, _)
                    if handle.place != i64::from(home.shard) =>
                {
                    self.refusals.push(of.refused(&Conflict::LeaseLost));
                }
                JobChange::Finish(handle) => self.finish.push(of.with(handle)),
                JobChange::PutOff(handle, until) => self.put_off.push(of.with((handle, *until))),
            }
        }
        for append in &set.append {
            match append {
                Append::PollAttempt(row) => self.poll_attempts.push(of.with(row)),
                Append::PollCount(count) => self.poll_counts.push(of.with(count)),
                Append::Unclassified(row) => self.unclassified.push(of.with(row)),
                Append::NumberCount(count) => self.number_counts.push(of.with(count)),
                Append::DeliveryAttempt(row) => self.delivery_attempts.push(of.with(row)),
                Append::Unsearchable(key) => self.unsearchable.push(of.with(*key)),
            }
        }
        self.delete
            .extend(set.delete.iter().map(|row| of.with(row)));
        self.events
            .extend(set.events.iter().map(|row| of.with(row)));
    }

    fn sort(&mut self) {
        fn sort<T>(rows: &mut [Of<T>], key: impl Fn(&T) -> (Uuid, u8)) {
            rows.sort_by_cached_key(|of| (of.home, key(&of.row)));
        }
        self.finish.sort_by_key(|of| (of.home, of.row.key));
        self.put_off.sort_by_key(|of| (of.home, of.row.0.key));
        self.names.sort_by(|one, other| {
            let key = |of: &Of<&NameRow>| of.home;
            (key(one), names::place(one.row)).cmp(&(key(other), names::place(other.row)))
        });
        for trackings in [&mut self.new_trackings, &mut self.trackings] {
            sort(trackings, |row| (row.key.as_uuid(), 0));
        }
        for polls in [&mut self.first_polls, &mut self.new_polls, &mut self.polls] {
            sort(polls, |row| (row.tracking.as_uuid(), row.leg));
        }
        for deliveries in [&mut self.new_deliveries, &mut self.deliveries] {
            sort(deliveries, |row| (row.id.as_uuid(), 0));
        }
        sort(&mut self.unsearchable, |key| (key.as_uuid(), 0));
        sort(&mut self.webhooks, |row| (row.id.as_uuid(), 0));
        sort(&mut self.api_keys, |row| (row.id.as_uuid(), 0));
        sort(&mut self.organizations, |row| (row.id.as_uuid(), 0));
        sort(&mut self.resources, |row| (row.id.as_uuid(), 0));
        self.once.sort_by_key(|of| (of.home, of.row.key));
        // Of logs and new jobs the order in which they came is kept.
        self.poll_attempts.sort_by_key(|of| of.home);
        self.delivery_attempts.sort_by_key(|of| of.home);
        self.add.sort_by_key(|of| of.home);
        self.events.sort_by_key(|of| of.home);
    }

    /// The instants of rows that are filed by the week.
    pub fn filed(&self) -> impl Iterator<Item = Timestamp> {
        let events = self.events.iter().map(|of| of.row.at);
        let polls = self.poll_attempts.iter().map(|of| of.row.at);
        let deliveries = self.delivery_attempts.iter().map(|of| of.row.at);
        events.chain(polls).chain(deliveries)
    }

    /// Writes all rows but those of the end. What is refused is told, and written in part.
    pub async fn write(&mut self, session: &Session) -> Result<()> {
        let (finished, put_off) = try_join(
            jobs::finish(session, &self.finish),
            jobs::put_off(session, &self.put_off),
        )
        .await?;
        self.refusals.extend(finished);
        self.refusals.extend(put_off);
        self.put_once(session).await?;
        self.delete(session).await?;
        self.put_each(session).await?;
        if !self.refusals.is_empty() {
            return Ok(());
        }
        // None of these waits for another's answer: the server takes them in this order. The arrays of all of them are
        // much for a stack.
        let written = Box::pin(try_join5(
            names::put(session, &self.names),
            trackings::insert(session, &self.new_trackings),
            trackings::update(session, &self.trackings),
            polls::insert(session, &self.new_polls, &self.first_polls),
            polls::update(session, &self.polls),
        ));
        let logged = Box::pin(try_join4(
            polls::append_attempts(session, &self.poll_attempts),
            deliveries::append_attempts(session, &self.delivery_attempts),
            search::note(session, &self.unsearchable),
            jobs::add(session, &self.add),
        ));
        let delivered = try_join(
            deliveries::insert(session, &self.new_deliveries),
            deliveries::update(session, &self.deliveries),
        );
        let (written, delivered, _) = try_join3(written, delivered, logged).await?;
        let (names, (), (changed, old_tags), new_polls, polls) = written;
        let (made_deliveries, deliveries) = delivered;
        for refusals in [
            names,
            changed,
            new_polls,
            polls,
            made_deliveries,
            deliveries,
        ] {
            self.refusals.extend(refusals);
        }
        self.count_tags(&old_tags);
        Ok(())
    }

    /// Trackings, webhooks and legs are deleted seldom: one by one.
    async fn delete(&mut self, session: &Session) -> Result<()> {
        for of in std::mem::take(&mut self.delete) {
            let home = &of.home;
            let deleted = match of.row {
                Delete::Tracking { key, revision } => {
                    match trackings::delete(session, home, *key, *revision).await {
                        Ok(tag) => {
                            self.tags.push(of.with((tag, -1)));
                            Ok(())
                        }
                        Err(stop) => Err(stop),
                    }
                }
                Delete::Name(row) => names::delete(session, home, row).await,
                Delete::Poll { tracking, leg } => {
                    polls::delete(session, home, *tracking, *leg).await
                }
                Delete::Webhook(id) => webhooks::delete(session, home, *id).await,
                Delete::Resource(kind, id) => resources::delete(session, home, *kind, *id).await,
            };
            self.note(&of.with(()), deleted)?;
        }
        Ok(())
    }

    /// Before what a repeated request would stumble over otherwise, such as its own tracking's name.
    async fn put_once(&mut self, session: &Session) -> Result<()> {
        for of in std::mem::take(&mut self.once) {
            let put = once::put(session, &of.home, of.row).await;
            self.note(&of.with(()), put)?;
        }
        Ok(())
    }

    /// What is written seldom: one by one.
    async fn put_each(&mut self, session: &Session) -> Result<()> {
        for of in std::mem::take(&mut self.webhooks) {
            let put = webhooks::put(session, &of.home, of.row).await;
            self.note(&of.with(()), put)?;
        }
        for of in std::mem::take(&mut self.api_keys) {
            let put = api_keys::put(session, &of.home, of.row).await;
            self.note(&of.with(()), put)?;
        }
        for of in std::mem::take(&mut self.organizations) {
            let put = organizations::put(session, of.row).await;
            self.note(&of.with(()), put)?;
        }
        for of in std::mem::take(&mut self.resources) {
            let put = resources::put(session, &of.home, of.row).await;
            self.note(&of.with(()), put)?;
        }
        Ok(())
    }

    fn note(&mut self, of: &Of<()>, step: Step) -> Result<()> {
        match step {
            Ok(()) => Ok(()),
            Err(Stop::Conflict(conflict)) => {
                self.refusals.push(of.refused(&conflict));
                Ok(())
            }
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    fn count_tags(&mut self, old: &[Of<Tag>]) {
        let written = self.new_trackings.iter().chain(&self.trackings);
        self.tags.extend(written.map(|of| of.with((of.row.tag, 1))));
        self.tags.extend(old.iter().map(|of| of.with((of.row, -1))));
    }
}

/// Whether a set makes this tracking.
fn makes(set: &WriteSet, tracking: TrackingKey) -> bool {
    let made =
        |put: &Put| matches!(put, Put::Tracking(row) if row.revision == 0 && row.key == tracking);
    set.put.iter().any(made)
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
