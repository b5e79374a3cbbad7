//! Every call of the storage: write sets through the committers, other transactions on a connection
//! of the pool, reads on shared ones.

use std::path::Path;

use async_trait::async_trait;
use jiff::Timestamp;
use waybill_model::{
    ApiKeyId, CourierSlug, DeliveryId, NodeId, OrganizationId, ResourceId, TrackingKey, WebhookId,
};
use waybill_storage::{
    ApiKeyRow, Claim, Commit, DeliveryAttemptRow, DeliveryFilter, DeliveryPage, DeliveryRow,
    EventRow, Hint, Job, JobChange, JobHandle, NameQuery, NameRow, NodeRow, NumberCount, OnceRow,
    OrganizationRow, PollAttemptRow, PollCount, PollRow, ResourceKind, ResourceRow, Result,
    RhythmRow, Roll, SearchRow, SpentRow, Storage, SweepBorders, TrackingFilter, TrackingPage,
    TrackingRow, TrackingView, Unavailable, UnclassifiedRow, Upcoming, WebhookRow, WriteSet,
};

use crate::{
    PostgresStorage, api_keys, claims,
    committer::{self, COMMITTERS},
    deliveries, events, jobs, learned,
    lists::{self, Query},
    migrations, names, nodes, numbers, once, organizations, polls, resources, schedules, search,
    sweep, trackings, unclassified,
    values::Home,
    webhooks,
};

#[async_trait]
impl Storage for PostgresStorage {
    async fn commit(&self, set: WriteSet) -> Result<Commit> {
        let brings_jobs = set.jobs.iter().any(|job| matches!(job, JobChange::Add(_)));
        let commit = self.committers.write(set).await?;
        if brings_jobs && matches!(commit, Commit::Applied { .. }) {
            self.hints.tell(Hint::Jobs);
        }
        Ok(commit)
    }

    fn queues(&self) -> usize {
        COMMITTERS
    }

    fn queue_of(&self, organization: OrganizationId) -> usize {
        committer::queue_of(organization)
    }

    async fn ready(&self) -> Result<()> {
        if !self.committers.are_working() {
            return Err(Unavailable("a task that writes has ended".to_owned()));
        }
        let version = migrations::version(&*self.shared.get().await?).await?;
        if version >= migrations::newest_version() {
            Ok(())
        } else {
            Err(Unavailable(format!("the schema is at version {version}")))
        }
    }

    async fn organizations(&self) -> Result<Vec<OrganizationRow>> {
        let session = self.shared.get().await?;
        Ok(organizations::all(&session).await?)
    }

    async fn api_key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKeyRow>> {
        let session = self.shared.get().await?;
        Ok(api_keys::by_hash(&session, hash).await?)
    }

    async fn api_keys(&self, organization: OrganizationId) -> Result<Vec<ApiKeyRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(api_keys::of_organization(&session, &home).await?)
    }

    async fn touch_api_key(&self, id: ApiKeyId, at: Timestamp) -> Result<()> {
        let session = self.shared.get().await?;
        Ok(api_keys::touch(&session, id, at).await?)
    }

    async fn once(&self, organization: OrganizationId, key: &[u8; 32]) -> Result<Option<OnceRow>> {
        let session = self.pool.get().await?;
        Ok(once::one(&session, &Home::of(organization), key).await?)
    }

    async fn resource(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        id: ResourceId,
    ) -> Result<Option<ResourceRow>> {
        let session = self.pool.get().await?;
        Ok(resources::one(&session, &Home::of(organization), kind, id).await?)
    }

    async fn resources(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        name: Option<&str>,
    ) -> Result<Vec<ResourceRow>> {
        let session = self.pool.get().await?;
        Ok(resources::of_kind(&session, &Home::of(organization), kind, name).await?)
    }

    async fn tracking(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<TrackingRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(trackings::one(&session, &home, key).await?)
    }

    async fn followed(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<(TrackingRow, Vec<PollRow>)>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        // Sent together; what changes in between is refused by its revision when it is put.
        let (row, polls) = tokio::try_join!(
            trackings::one(&session, &home, key),
            polls::of_tracking(&session, &home, key),
        )?;
        Ok(row.map(|row| (row, polls)))
    }

    async fn tracking_view(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<TrackingView>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(trackings::views(&session, &home, &[key.as_uuid()])
            .await?
            .pop())
    }

    async fn tracking_key_in_range(
        &self,
        organization: OrganizationId,
        from: TrackingKey,
        to: TrackingKey,
    ) -> Result<Option<TrackingKey>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(trackings::key_in_range(&session, &home, from, to).await?)
    }

    async fn trackings_named(
        &self,
        organization: OrganizationId,
        name: &NameQuery,
    ) -> Result<Vec<NameRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(names::find(&session, &home, name).await?)
    }

    async fn names_of(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Vec<NameRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(names::of_tracking(&session, &home, key).await?)
    }

    async fn trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        before: Option<TrackingKey>,
        limit: usize,
        now: Timestamp,
    ) -> Result<TrackingPage> {
        let session = self.shared.get().await?;
        let query = Query {
            home: &Home::of(organization),
            filter,
            now,
            walk_budget: self.walk_budget_rows,
        };
        Ok(lists::page(&session, query, before, limit).await?)
    }

    async fn count_trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        now: Timestamp,
    ) -> Result<u64> {
        let session = self.shared.get().await?;
        let query = Query {
            home: &Home::of(organization),
            filter,
            now,
            walk_budget: self.walk_budget_rows,
        };
        Ok(lists::count(&session, query).await?)
    }

    async fn unsearchable(&self, limit: usize) -> Result<Vec<TrackingRow>> {
        let session = self.pool.get().await?;
        Ok(search::unsearchable(&session, limit).await?)
    }

    async fn make_searchable(&self, rows: Vec<SearchRow>) -> Result<()> {
        let session = self.pool.get().await?;
        Ok(search::put(&session, &rows).await?)
    }

    async fn polls(&self, organization: OrganizationId, key: TrackingKey) -> Result<Vec<PollRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(polls::of_tracking(&session, &home, key).await?)
    }

    async fn poll_attempts(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        limit: usize,
    ) -> Result<Vec<PollAttemptRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(polls::attempts(&session, &home, key, limit).await?)
    }

    async fn poll_counts(&self, from_day: i32) -> Result<Vec<PollCount>> {
        let session = self.shared.get().await?;
        Ok(polls::counts(&session, from_day).await?)
    }

    async fn unclassified(&self, limit: usize) -> Result<Vec<UnclassifiedRow>> {
        let session = self.shared.get().await?;
        Ok(unclassified::most_frequent(&session, limit).await?)
    }

    async fn number_counts(
        &self,
        organization: OrganizationId,
        outline: &str,
    ) -> Result<Vec<NumberCount>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(numbers::of_outline(&session, &home, outline).await?)
    }

    async fn events_after(
        &self,
        organization: OrganizationId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(events::after(&session, &home, after, limit).await?)
    }

    async fn event(&self, organization: OrganizationId, sequence: u64) -> Result<Option<EventRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(events::one(&session, &home, sequence).await?)
    }

    async fn webhooks(&self, organization: OrganizationId) -> Result<Vec<WebhookRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(webhooks::of_organization(&session, &home).await?)
    }

    async fn webhook(
        &self,
        organization: OrganizationId,
        id: WebhookId,
    ) -> Result<Option<WebhookRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(webhooks::one(&session, &home, id).await?)
    }

    async fn delivery(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Option<DeliveryRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(deliveries::one(&session, &home, id).await?)
    }

    async fn lane_head(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        tracking: TrackingKey,
    ) -> Result<Option<DeliveryRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(deliveries::lane_head(&session, &home, webhook, tracking).await?)
    }

    async fn pending_deliveries(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        tried: bool,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(deliveries::pending(&session, &home, webhook, tried, limit).await?)
    }

    async fn deliveries(
        &self,
        organization: OrganizationId,
        filter: &DeliveryFilter,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<DeliveryPage> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(deliveries::page(
            &session,
            &home,
            filter,
            before,
            limit,
            self.walk_budget_rows,
        )
        .await?)
    }

    async fn delivery_attempts(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Vec<DeliveryAttemptRow>> {
        let session = self.shared.get().await?;
        let home = Home::of(organization);
        Ok(deliveries::attempts(&session, &home, id).await?)
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Job>> {
        let mut looks = self.looks.lock().await;
        let (reader, session) = (self.shared.get().await?, self.pool.get().await?);
        Ok(claims::claim(&reader, &session, &claim, &mut looks).await?)
    }

    async fn upcoming(&self, upcoming: Upcoming) -> Result<Vec<Job>> {
        let session = self.shared.get().await?;
        Ok(jobs::upcoming(&session, &upcoming).await?)
    }

    async fn renew(
        &self,
        handles: Vec<JobHandle>,
        until: Timestamp,
    ) -> Result<Vec<(JobHandle, JobHandle)>> {
        let session = self.pool.get().await?;
        Ok(jobs::renew(&session, &handles, until).await?)
    }

    async fn next_due(&self, kinds: &[&str]) -> Result<Option<Timestamp>> {
        let session = self.shared.get().await?;
        Ok(jobs::next_due(&session, kinds).await?)
    }

    async fn take_turn(&self, schedule: &str, now: Timestamp, next: Timestamp) -> Result<bool> {
        let session = self.shared.get().await?;
        Ok(schedules::take_turn(&session, schedule, now, next).await?)
    }

    async fn spend(&self, name: &str, day: i32, count: u32, limit: u32) -> Result<bool> {
        let session = self.shared.get().await?;
        Ok(learned::spend(&session, name, day, count, limit).await?)
    }

    async fn spent(&self, day: i32) -> Result<Vec<SpentRow>> {
        let session = self.shared.get().await?;
        Ok(learned::spent(&session, day).await?)
    }

    async fn rhythm(&self, slug: &CourierSlug) -> Result<Option<RhythmRow>> {
        let session = self.shared.get().await?;
        Ok(learned::rhythm(&session, slug).await?)
    }

    async fn put_rhythm(&self, row: RhythmRow) -> Result<bool> {
        let session = self.shared.get().await?;
        Ok(learned::put_rhythm(&session, &row).await?)
    }

    async fn beat(&self, node: NodeRow, now: Timestamp) -> Result<Roll> {
        let session = self.pool.get().await?;
        let beat = nodes::beat(&session, &node, now).await?;
        if beat.is_news {
            self.hints.tell(Hint::Nodes);
        }
        Ok(beat.roll)
    }

    async fn leave(&self, node: NodeId) -> Result<()> {
        let session = self.pool.get().await?;
        Ok(nodes::leave(&session, node).await?)
    }

    async fn nodes(&self, now: Timestamp) -> Result<Vec<NodeRow>> {
        let session = self.pool.get().await?;
        Ok(nodes::all(&session, now).await?)
    }

    async fn close_courier(&self, name: &str, until: Timestamp) -> Result<()> {
        let session = self.pool.get().await?;
        nodes::close(&session, name, until).await?;
        self.hints.tell(Hint::Nodes);
        Ok(())
    }

    async fn hinted(&self, hint: Hint) {
        self.hints.hear(hint).await;
    }

    async fn sweep(&self, borders: &SweepBorders, limit: usize) -> Result<u64> {
        let session = self.pool.get().await?;
        Ok(sweep::sweep(&session, &self.setup, borders, limit).await?)
    }

    /// A server has its own tools, which can do more: `pg_dump`, base backups, its log.
    async fn backup(&self, _: &Path) -> Result<()> {
        Err(Unavailable(
            "a database on a server is backed up there, for example with pg_dump".to_owned(),
        ))
    }

    async fn flush(&self) -> Result<()> {
        self.committers.flush().await
    }
}
