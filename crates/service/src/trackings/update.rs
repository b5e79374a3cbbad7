//! A caller changes fields of a tracking, or its courier.

use waybill_model::{CourierSlug, OrganizationId};
use waybill_storage::{Append, Conflict, EventKind, WriteSet};
use waybill_versions::{Code, Problem, UpdateTracking};

use crate::{
    Service,
    advance::Draft,
    correction::ask_anew,
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
        let request = &request;
        let updated = self
            .decide(
                async || {
                    let now = self.now();
                    let mut set = WriteSet::new(organization);
                    let mut draft = self.meant(organization, id).await?;
                    let key = draft.row.key;
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
                    if let Some(slug) = &request.slug {
                        // The caller knows: nobody guesses any more.
                        draft.record.detected = None;
                        let first_leg = draft.polls.iter().find(|poll| poll.leg == 0);
                        if *slug != draft.row.slug {
                            self.rename(&mut set, &mut draft, slug, now).await?;
                        } else if first_leg.is_some_and(|poll| poll.slug != *slug) {
                            ask_anew(&mut set, &mut draft, now);
                        }
                    }
                    let what = serde_json::json!({"id": key.id(), "fields": request.patch});
                    set.events
                        .push(self.note(EventKind::TrackingEdited, key, now, &what));
                    let advanced = self.advance(&mut set, draft, Vec::new(), now);
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
                Err(self.taken_by(organization, id, slug).await)
            }
            (updated, _) => updated,
        }
    }

    async fn rename(
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
        let details = &draft.record.details;
        require(courier, |field| additional_field(details, field))?;
        let name = number_name(&draft.row.number, courier, details);
        let reason = "changed by the caller";
        self.correct(set, &mut draft.row, (name, slug), reason, now)
            .await?;
        ask_anew(set, draft, now);
        Ok(())
    }

    /// 4003 that names the other tracking with this number and courier.
    async fn taken_by(
        &self,
        organization: OrganizationId,
        id: &str,
        slug: &CourierSlug,
    ) -> Problem {
        let Ok(draft) = self.meant(organization, id).await else {
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
