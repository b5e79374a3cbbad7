//! Every call of the storage: reads where they are asked for, writes through the committer.

use std::path::Path;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;
use waybill_model::{
    ApiKeyId, CourierSlug, DeliveryId, NodeId, OrganizationId, ResourceId, TrackingKey, WebhookId,
};
use waybill_storage::{
    ApiKeyRow, Claim, Commit, Conflict, DeliveryAttemptRow, DeliveryFilter, DeliveryPage,
    DeliveryRow, EventRow, Job, JobHandle, NameQuery, NameRow, NodeRow, NumberCount, OnceRow,
    OrganizationRow, PollAttemptRow, PollCount, PollRow, ResourceKind, ResourceRow, Result,
    RhythmRow, Roll, SearchRow, SpentRow, Storage, SweepBorders, TrackingFilter, TrackingPage,
    TrackingRow, TrackingView, Unavailable, UnclassifiedRow, Upcoming, WebhookRow, Webhooks,
    WriteSet,
};

use crate::{
    SqliteStorage, api_keys, backup,
    candidates::Found,
    committer::Verdict,
    deliveries,
    engine::apart,
    events, jobs,
    known_webhooks::changes_webhooks,
    learned,
    lists::{self, Query},
    migrations, names, nodes, numbers, once, organizations, polls, resources, schedules, search,
    sweep, trackings,
    transaction::Transaction,
    unclassified,
    values::Bytes,
    webhooks, write_set,
};

#[async_trait]
impl Storage for SqliteStorage {
    async fn commit(&self, set: WriteSet) -> Result<Commit> {
        let organization = self.numbered(set.organization)?;
        let changes_webhooks = changes_webhooks(&set);
        let (webhooks, views) = (self.webhooks.clone(), self.views.clone());
        let resources = self.resources.clone();
        let write = move |transaction: &Transaction<'_>| {
            if !webhooks.stand(transaction, &set)? {
                return Ok(Verdict::Undo(Commit::Conflict(Conflict::Changed)));
            }
            if changes_webhooks {
                webhooks.change();
            }
            views.change(&set);
            resources.change(&set);
            write_set::apply(transaction, organization, &set)
        };
        self.committer.write(write).await
    }

    fn queues(&self) -> usize {
        1
    }

    fn queue_of(&self, _organization: OrganizationId) -> usize {
        0
    }

    async fn ready(&self) -> Result<()> {
        if !self.committer.is_working() {
            return Err(Unavailable("the thread that writes has ended".to_owned()));
        }
        match self.readers.read(migrations::version)? {
            Some(version) if version >= migrations::newest_version() => Ok(()),
            version => Err(Unavailable(format!(
                "the schema is at version {}",
                version.unwrap_or_default()
            ))),
        }
    }

    async fn organizations(&self) -> Result<Vec<OrganizationRow>> {
        self.readers.read(organizations::all)
    }

    async fn api_key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKeyRow>> {
        self.readers
            .read(|connection| api_keys::by_hash(connection, hash))
    }

    async fn api_keys(&self, organization: OrganizationId) -> Result<Vec<ApiKeyRow>> {
        self.readers
            .read(|connection| api_keys::of_organization(connection, &bytes(organization)))
    }

    async fn touch_api_key(&self, id: ApiKeyId, at: Timestamp) -> Result<()> {
        self.committer
            .note(move |connection| api_keys::touch(connection, id, at).map(Verdict::Keep))
    }

    async fn once(&self, organization: OrganizationId, key: &[u8; 32]) -> Result<Option<OnceRow>> {
        self.readers
            .read(|connection| once::one(connection, &bytes(organization), key))
    }

    async fn resource(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        id: ResourceId,
    ) -> Result<Option<ResourceRow>> {
        self.resources.find((organization, kind, id), || {
            self.readers
                .read(|connection| resources::one(connection, &bytes(organization), kind, id))
        })
    }

    async fn resources(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        name: Option<&str>,
    ) -> Result<Vec<ResourceRow>> {
        self.readers
            .read(|connection| resources::of_kind(connection, &bytes(organization), kind, name))
    }

    async fn tracking(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<TrackingRow>> {
        self.read_of(organization, |connection, organization| {
            trackings::one(connection, organization, key)
        })
    }

    async fn followed(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<(TrackingRow, Vec<PollRow>)>> {
        let organization = self.numbered(organization)?;
        let look =
            move |connection: &Connection| trackings::followed(connection, &organization, key);
        self.committer.look(look).await
    }

    async fn tracking_view(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<TrackingView>> {
        let view = self.views.find(organization, key, || {
            self.read_of(organization, |connection, organization| {
                trackings::stored_view(connection, organization, key)
            })
        })?;
        view.map(|view| view.open(key)).transpose()
    }

    async fn tracking_key_in_range(
        &self,
        organization: OrganizationId,
        from: TrackingKey,
        to: TrackingKey,
    ) -> Result<Option<TrackingKey>> {
        self.read_of(organization, |connection, organization| {
            trackings::key_in_range(connection, organization, from, to)
        })
    }

    async fn trackings_named(
        &self,
        organization: OrganizationId,
        name: &NameQuery,
    ) -> Result<Vec<NameRow>> {
        self.read_of(organization, |connection, organization| {
            names::find(connection, organization, name)
        })
    }

    async fn names_of(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Vec<NameRow>> {
        self.read_of(organization, |connection, organization| {
            names::of_tracking(connection, organization, key)
        })
    }

    async fn trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        before: Option<TrackingKey>,
        limit: usize,
        now: Timestamp,
    ) -> Result<TrackingPage> {
        let count = self.accounted.now();
        let (views, next) = self.readers.snapshot(|connection| {
            let owner = &self.numbers.find(connection, organization)?;
            let query = self.query(owner, filter, now);
            let page = self.views.with_known(organization, count, |known| {
                lists::page(connection, Query { known, ..query }, before, limit)
            })?;
            let read = |(key, row): &Found| {
                let key = TrackingKey::from_uuid(uuid::Uuid::from_bytes(*key));
                row.map_or_else(
                    || trackings::stored_view(connection, owner, key),
                    |row| trackings::stored_view_at(connection, row).map(Some),
                )
            };
            let views = self
                .views
                .find_all(organization, count, &page.found, read)?;
            Ok((views, page.next))
        })?;
        let views = views.into_iter().map(|(key, view)| view.open(key));
        Ok(TrackingPage {
            trackings: views.collect::<Result<_>>()?,
            next,
        })
    }

    async fn count_trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        now: Timestamp,
    ) -> Result<u64> {
        self.readers.snapshot(|connection| {
            let organization = &self.numbers.find(connection, organization)?;
            lists::count(connection, self.query(organization, filter, now))
        })
    }

    async fn unsearchable(&self, limit: usize) -> Result<Vec<TrackingRow>> {
        self.readers
            .read(|connection| search::unsearchable(connection, limit))
    }

    async fn make_searchable(&self, rows: Vec<SearchRow>) -> Result<()> {
        let rows: Vec<search::Searched> = rows.into_iter().map(Into::into).collect();
        // What a loss of power takes back is noted as to be made searchable again, and only found later.
        self.committer
            .write_lightly(move |connection| search::put(connection, &rows).map(Verdict::Keep))
            .await
    }

    async fn polls(&self, organization: OrganizationId, key: TrackingKey) -> Result<Vec<PollRow>> {
        self.read_of(organization, |connection, organization| {
            polls::of_tracking(connection, organization, key)
        })
    }

    async fn poll_attempts(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        limit: usize,
    ) -> Result<Vec<PollAttemptRow>> {
        self.readers.snapshot(|connection| {
            let organization = &self.numbers.find(connection, organization)?;
            polls::attempts(connection, organization, key, limit)
        })
    }

    async fn poll_counts(&self, from_day: i32) -> Result<Vec<PollCount>> {
        self.readers
            .read(|connection| polls::counts(connection, from_day))
    }

    async fn unclassified(&self, limit: usize) -> Result<Vec<UnclassifiedRow>> {
        self.readers
            .read(|connection| unclassified::most_frequent(connection, limit))
    }

    async fn number_counts(
        &self,
        organization: OrganizationId,
        outline: &str,
    ) -> Result<Vec<NumberCount>> {
        self.readers
            .read(|connection| numbers::of_outline(connection, &bytes(organization), outline))
    }

    async fn events_after(
        &self,
        organization: OrganizationId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>> {
        self.read_of(organization, |connection, organization| {
            events::after(connection, organization, after, limit)
        })
    }

    async fn event(&self, organization: OrganizationId, sequence: u64) -> Result<Option<EventRow>> {
        self.read_of(organization, |connection, organization| {
            events::one(connection, organization, sequence)
        })
    }

    async fn webhooks(&self, organization: OrganizationId) -> Result<Vec<WebhookRow>> {
        self.readers
            .read(|connection| webhooks::of_organization(connection, &bytes(organization)))
    }

    async fn receivers(&self, organization: OrganizationId) -> Result<Webhooks> {
        self.webhooks.find(organization, || {
            self.readers
                .read(|connection| webhooks::of_organization(connection, &bytes(organization)))
        })
    }

    async fn webhook(
        &self,
        organization: OrganizationId,
        id: WebhookId,
    ) -> Result<Option<WebhookRow>> {
        self.readers
            .read(|connection| webhooks::one(connection, &bytes(organization), id))
    }

    async fn delivery(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Option<DeliveryRow>> {
        self.readers
            .read(|connection| deliveries::one(connection, &bytes(organization), id))
    }

    async fn lane_head(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        tracking: TrackingKey,
    ) -> Result<Option<DeliveryRow>> {
        self.readers.read(|connection| {
            deliveries::lane_head(connection, &bytes(organization), webhook, tracking)
        })
    }

    async fn pending_deliveries(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        tried: bool,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>> {
        self.readers.snapshot(|connection| {
            deliveries::pending(connection, &bytes(organization), webhook, tried, limit)
        })
    }

    async fn deliveries(
        &self,
        organization: OrganizationId,
        filter: &DeliveryFilter,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<DeliveryPage> {
        let budget = self.walk_budget_rows;
        self.readers.read(|connection| {
            deliveries::page(
                connection,
                &bytes(organization),
                filter,
                before,
                limit,
                budget,
            )
        })
    }

    async fn delivery_attempts(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Vec<DeliveryAttemptRow>> {
        self.readers
            .read(|connection| deliveries::attempts(connection, &bytes(organization), id))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Job>> {
        self.claim_fairly(&claim).await
    }

    async fn upcoming(&self, upcoming: Upcoming) -> Result<Vec<Job>> {
        self.readers
            .read(|connection| jobs::upcoming(connection, &upcoming))
    }

    async fn renew(
        &self,
        handles: Vec<JobHandle>,
        until: Timestamp,
    ) -> Result<Vec<(JobHandle, JobHandle)>> {
        let work = move |connection: &Transaction<'_>| {
            let mut renewed = Vec::with_capacity(handles.len());
            for handle in &handles {
                renewed.extend(jobs::renew(connection, handle, until)?.map(|new| (*handle, new)));
            }
            Ok(Verdict::Keep(renewed))
        };
        self.committer.write_lightly(work).await
    }

    async fn next_due(&self, kinds: &[&str]) -> Result<Option<Timestamp>> {
        let reached = self.reached();
        self.readers.snapshot(|connection| {
            let mut next: Option<Timestamp> = None;
            for kind in kinds {
                let due = jobs::next_due(connection, kind, reached)?;
                next = next.into_iter().chain(due).min();
            }
            Ok(next)
        })
    }

    async fn take_turn(&self, schedule: &str, now: Timestamp, next: Timestamp) -> Result<bool> {
        let schedule = schedule.to_owned();
        let work = move |connection: &Transaction<'_>| {
            schedules::take_turn(connection, &schedule, now, next).map(Verdict::Keep)
        };
        self.committer.write(work).await
    }

    async fn spend(&self, name: &str, day: i32, count: u32, limit: u32) -> Result<bool> {
        let name = name.to_owned();
        let work = move |connection: &Transaction<'_>| {
            learned::spend(connection, &name, day, count, limit).map(Verdict::Keep)
        };
        self.committer.write(work).await
    }

    async fn spent(&self, day: i32) -> Result<Vec<SpentRow>> {
        self.readers
            .read(|connection| learned::spent(connection, day))
    }

    async fn rhythm(&self, slug: &CourierSlug) -> Result<Option<RhythmRow>> {
        self.readers
            .read(|connection| learned::rhythm(connection, slug))
    }

    async fn put_rhythm(&self, row: RhythmRow) -> Result<bool> {
        let work = move |connection: &Transaction<'_>| {
            learned::put_rhythm(connection, &row).map(Verdict::Keep)
        };
        self.committer.write(work).await
    }

    async fn beat(&self, node: NodeRow, now: Timestamp) -> Result<Roll> {
        let alone = self.presence.come();
        let work = move |connection: &Transaction<'_>| {
            nodes::beat(connection, &node, now, alone).map(Verdict::Keep)
        };
        self.committer.write(work).await
    }

    async fn leave(&self, node: NodeId) -> Result<()> {
        let work =
            move |connection: &Transaction<'_>| nodes::leave(connection, node).map(Verdict::Keep);
        self.committer.write(work).await
    }

    async fn nodes(&self, now: Timestamp) -> Result<Vec<NodeRow>> {
        self.readers.read(|connection| nodes::all(connection, now))
    }

    async fn close_courier(&self, name: &str, until: Timestamp) -> Result<()> {
        let name = name.to_owned();
        let work = move |connection: &Transaction<'_>| {
            nodes::close(connection, &name, until).map(Verdict::Keep)
        };
        self.committer.write(work).await
    }

    async fn sweep(&self, borders: &SweepBorders, limit: usize) -> Result<u64> {
        let borders = *borders;
        self.committer
            .write(move |connection| sweep::sweep(connection, &borders, limit).map(Verdict::Keep))
            .await
    }

    async fn backup(&self, file: &Path) -> Result<()> {
        let (database, file) = (self.path.clone(), file.to_owned());
        apart("sqlite-backup", move || backup::backup(&database, &file)).await
    }

    async fn flush(&self) -> Result<()> {
        self.committer.flush().await
    }
}

fn bytes(organization: OrganizationId) -> Bytes {
    organization.as_uuid().into_bytes()
}
