//! Numbers that no courier recognised are looked at again when couriers change.

use serde::{Deserialize, Serialize};
use waybill_jobs::Lease;
use waybill_model::{CourierSlug, Detected, OrganizationId, TrackingKey};
use waybill_storage::{
    Append, Commit, Conflict, JobChange, Name, NewJob, TrackingFilter, TrackingPage, WriteSet,
};
use waybill_versions::{Code, Problem};

use crate::{
    ActiveCouriers, Service, advance::Draft, correction::ask_anew, names::number_name,
    settling::guessed, unavailable,
};

/// The courier of a number that no courier's formats fit, where that is no reason to refuse it.
pub const UNRECOGNIZED: &str = "unrecognized";
/// The kind of job that looks at such numbers again; its payload is a [`RecogniseJob`].
pub const RECOGNISE_JOB: &str = "recognise";
/// Numbers looked at by one job; the next job goes on behind them.
const PAGE: usize = 100;

/// From where on the numbers of an organization are looked at, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecogniseJob {
    /// Only those older than this; none: all.
    pub before: Option<TrackingKey>,
}

impl RecogniseJob {
    fn due(&self, now: jiff::Timestamp) -> JobChange {
        JobChange::Add(NewJob {
            kind: RECOGNISE_JOB,
            due_at: now,
            payload: serde_json::to_string(self).unwrap_or_default(),
        })
    }
}

/// [`UNRECOGNIZED`] as a slug.
pub(crate) fn unrecognized() -> Option<CourierSlug> {
    CourierSlug::parse(UNRECOGNIZED)
}

impl Service {
    /// Has the numbers looked at that no courier recognised, of every organization that has such:
    /// after the couriers changed.
    pub async fn recognise_again(&self) -> Result<(), Problem> {
        let organizations = self.0.storage.organizations().await.map_err(unavailable)?;
        for organization in organizations {
            let page = self.unrecognized_page(organization.id, None, 1).await?;
            if page.trackings.is_empty() {
                continue;
            }
            let job = RecogniseJob { before: None }.due(self.now());
            let set = WriteSet::new(organization.id).job(job);
            self.commit(set).await.map_err(unavailable)?;
        }
        Ok(())
    }

    /// Looks at a page of them and ends the job, with another one behind it where there are more.
    /// What is recognised gets its courier, with an event, and is asked for.
    pub async fn recognise(
        &self,
        organization: OrganizationId,
        job: &RecogniseJob,
        lease: &Lease,
    ) -> Result<(), Problem> {
        let page = self
            .unrecognized_page(organization, job.before, PAGE)
            .await?;
        let active = self.active_couriers(organization).await?;
        for view in page.trackings {
            let recognised = self.recognise_one(organization, view.key, &active);
            recognised.await?;
        }
        let mut set = WriteSet::new(organization);
        if page.next.is_some() {
            set.jobs
                .push(RecogniseJob { before: page.next }.due(self.now()));
        }
        let set = set.job(lease.finish().await);
        match self.commit(set).await.map_err(unavailable)? {
            Commit::Applied { .. } => Ok(()),
            Commit::Conflict(_) => Err(Problem::unavailable()),
        }
    }

    async fn unrecognized_page(
        &self,
        organization: OrganizationId,
        before: Option<TrackingKey>,
        limit: usize,
    ) -> Result<TrackingPage, Problem> {
        let filter = TrackingFilter {
            slugs: unrecognized().into_iter().collect(),
            ..TrackingFilter::default()
        };
        let storage = &self.0.storage;
        let page = storage.trackings(organization, &filter, before, limit, self.now());
        page.await.map_err(unavailable)
    }

    async fn recognise_one(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        active: &ActiveCouriers,
    ) -> Result<(), Problem> {
        let recognised = self
            .decide(
                async || {
                    let now = self.now();
                    let mut set = WriteSet::new(organization);
                    let mut draft = self.draft(organization, key).await?;
                    // Most are nobody's still: nothing is written of them.
                    let found = self.courier_for(&draft, active).await?;
                    let (name, slug, detected) = found.ok_or_else(nothing_to_do)?;
                    let reason = "the courier is recognised since couriers changed";
                    self.correct(&mut set, &mut draft.row, (name, &slug), reason, now)
                        .await?;
                    draft.record.detected = Some(detected);
                    ask_anew(&mut set, &mut draft, now);
                    set.append.push(Append::Unsearchable(key));
                    self.advance(&mut set, draft, Vec::new(), now);
                    Ok((set, ()))
                },
                |conflict| match conflict {
                    // It is followed under that courier already.
                    Conflict::NameTaken(_) => Some(nothing_to_do()),
                    _ => None,
                },
            )
            .await;
        match recognised {
            Err(problem) if problem.code.entry().http_status < 500 => Ok(()),
            recognised => recognised,
        }
    }

    /// The courier that recognises an unrecognized number by now, and the name it has there.
    async fn courier_for(
        &self,
        draft: &Draft,
        active: &ActiveCouriers,
    ) -> Result<Option<(Name, CourierSlug, Detected)>, Problem> {
        let (row, details) = (&draft.row, &draft.record.details);
        let open = row.active && row.slug.as_str() == UNRECOGNIZED;
        let Some(detected) = draft.record.detected.as_ref().filter(|_| open) else {
            return Ok(None);
        };
        let known = (details, detected.slug_group.as_deref());
        let hints = self.hints(row.organization, &row.number, known, active);
        let (candidates, _) = self.candidates(&row.number, &hints.await?, active);
        let couriers = self.couriers();
        let chosen = self.first_complete(&candidates, details);
        Ok(chosen.and_then(|chosen| {
            let name = number_name(&row.number, couriers.get(chosen.slug.as_str())?, details);
            let guess = guessed(chosen.confidence, detected.slug_group.clone());
            Some((name, chosen.slug.clone(), guess))
        }))
    }
}

/// Ends a decision that changes nothing.
fn nothing_to_do() -> Problem {
    Problem::new(Code::CourierUnknown)
}
