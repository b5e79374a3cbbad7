//! A caller changes fields of a tracking, or its courier.

use waybill_model::{CourierSlug, OrganizationId, TrackingKey};
use waybill_storage::{Append, Conflict, EventKind, NameRow, Put, WriteSet};
use waybill_versions::{Code, Problem, UpdateTracking};

use crate::{
    PollJob, Service,
    advance::{Draft, new_poll, poll_job},
    document::{ORDER_ESTIMATE, promised_estimate},
    names::{additional_field, number_name},
    told::learn_estimate,
    trackings::create::{require, unknown_slug},
};

impl Service {
    /// Merges the patch into the caller's fields. A new courier gets the tracking a new name; the
    /// old name stays and keeps working.
    pub async fn update_tracking(
        &self,
        organization: OrganizationId,
        id: &str,
        request: UpdateTracking,
    ) -> Result<String, Problem> {
        let key = self.resolve(organization, id).await?;
        let receivers = self.receivers(organization).await?;
        let (request, receivers) = (&request, &receivers);
        let updated = self
            .decide(
                async || {
                    let now = self.now();
                    let mut set = WriteSet::new(organization);
                    let mut draft = self.draft(organization, key).await?;
                    draft.record.details = request.apply(&draft.record.details)?;
                    set.append.push(Append::Unsearchable(key));
                    if request
                        .patch
                        .get("location_id")
                        .is_some_and(|id| !id.is_null())
                    {
                        self.fill_origin(organization, &mut draft.record.details)
                            .await?;
                    }
                    if let Some(promised) = &draft.record.details.order_promised_delivery_date {
                        let estimate = promised_estimate(promised);
                        learn_estimate(&mut draft.record, ORDER_ESTIMATE, estimate, now);
                    }
                    if let Some(slug) = request
                        .slug
                        .as_ref()
                        .filter(|slug| **slug != draft.row.slug)
                    {
                        self.correct_courier(&mut set, &mut draft, slug, now)
                            .await?;
                    }
                    let what = serde_json::json!({"id": key.id(), "fields": request.patch});
                    set.events
                        .push(self.note(EventKind::TrackingEdited, key, now, &what));
                    let advanced = self.advance(&mut set, draft, Vec::new(), receivers, now);
                    Ok((set, advanced.answer))
                },
                |conflict| match conflict {
                    Conflict::NameTaken(_) => Some(Problem::new(Code::TrackingExists)),
                    _ => None,
                },
            )
            .await;
        match (updated, &request.slug) {
            (Err(problem), Some(slug)) if problem.code == Code::TrackingExists => {
                Err(self.taken_by(organization, key, slug).await)
            }
            (updated, _) => updated,
        }
    }

    async fn correct_courier(
        &self,
        set: &mut WriteSet,
        draft: &mut Draft,
        slug: &CourierSlug,
        now: jiff::Timestamp,
    ) -> Result<(), Problem> {
        let couriers = self.couriers();
        let courier = couriers
            .get(slug.as_str())
            .ok_or_else(|| unknown_slug(slug.as_str()))?;
        require(courier, |field| {
            additional_field(&draft.record.details, field)
        })?;
        let (row, details) = (&mut draft.row, &draft.record.details);
        let name = number_name(&row.number, courier, details);
        let names = self
            .0
            .storage
            .names_of(row.organization, row.key)
            .await
            .map_err(crate::unavailable)?;
        if !names.iter().any(|known| known.name == name) {
            set.put.push(Put::Name(NameRow {
                name,
                tracking: row.key,
            }));
        }
        let what = serde_json::json!({
            "id": row.key.id(), "before": row.slug.as_str(), "after": slug.as_str(), "reason": "changed by the caller",
        });
        set.events
            .push(self.note(EventKind::TrackingCorrected, row.key, now, &what));
        row.slug = slug.clone();
        // The leg is asked anew under its new courier; what the old one told stays in the history.
        let mut poll = new_poll(
            row.organization,
            row.key,
            0,
            slug.clone(),
            row.number.clone(),
            now,
        );
        if let Some(old) = draft.polls.iter_mut().find(|poll| poll.leg == 0) {
            (poll.revision, poll.tracked_count) = (old.revision, old.tracked_count);
            *old = poll.clone();
        }
        set.put.push(Put::Poll(poll));
        set.jobs.push(poll_job(
            &PollJob {
                tracking: row.key,
                leg: 0,
            },
            now,
        ));
        Ok(())
    }

    /// 4003 that names the other tracking with this number and courier.
    async fn taken_by(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        slug: &CourierSlug,
    ) -> Problem {
        let Ok(draft) = self.draft(organization, key).await else {
            return Problem::new(Code::TrackingExists);
        };
        let couriers = self.couriers();
        let Some(courier) = couriers.get(slug.as_str()) else {
            return unknown_slug(slug.as_str());
        };
        let name = number_name(&draft.row.number, courier, &draft.record.details);
        match self.named(organization, &name).await {
            Some(other) => self.exists(organization, other).await,
            None => Problem::new(Code::TrackingExists),
        }
    }
}
