//! Reading trackings.

use waybill_model::{Live, OrganizationId, TrackingKey, TrackingNumber};
use waybill_storage::{NameQuery, TrackingFilter, TrackingView};
use waybill_versions::{Code, Problem};

use crate::{
    Service,
    names::{itself, number_name_by},
    trackings::unknown_slug,
    unavailable,
};

/// Trackings read at once on the way to a page that is counted.
const WALK_PAGE: usize = 200;

/// A page of trackings, each the JSON text of the newest shape.
#[derive(Debug, Clone)]
pub struct TrackingList {
    /// How many fit the filter.
    pub total: u64,
    /// Where the next page begins.
    pub next: Option<TrackingKey>,
    /// Newest first.
    pub trackings: Vec<String>,
}

impl Service {
    /// One tracking.
    pub async fn tracking(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<String, Problem> {
        if let Some(key) = itself(id) {
            let view = self
                .0
                .storage
                .tracking_view(organization, key)
                .await
                .map_err(unavailable)?;
            if let Some(view) = view {
                return Ok(self.answer(view));
            }
        }
        let key = self.resolve(organization, id).await?;
        let view = self
            .0
            .storage
            .tracking_view(organization, key)
            .await
            .map_err(unavailable)?;
        view.map(|view| self.answer(view))
            .ok_or_else(|| Problem::new(Code::TrackingNotFound))
    }

    /// A page of trackings with how many there are.
    pub async fn trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        before: Option<TrackingKey>,
        limit: usize,
    ) -> Result<TrackingList, Problem> {
        let now = self.now();
        let storage = &self.0.storage;
        let page = storage
            .trackings(organization, filter, before, limit, now)
            .await
            .map_err(unavailable)?;
        let total = self.total(organization, filter, now).await?;
        let trackings = page
            .trackings
            .into_iter()
            .map(|view| self.answer(view))
            .collect();
        Ok(TrackingList {
            total,
            next: page.next,
            trackings,
        })
    }

    /// A page that begins `offset` trackings from the newest, at most `deepest`: those before it are
    /// walked through, since nothing but their order says where it begins.
    pub async fn trackings_at(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        offset: usize,
        limit: usize,
        deepest: usize,
    ) -> Result<TrackingList, Problem> {
        let now = self.now();
        let storage = &self.0.storage;
        let total = self.total(organization, filter, now).await?;
        let end = offset.saturating_add(limit);
        let (mut passed, mut before, mut trackings) = (0, None, Vec::new());
        while passed < end && end <= deepest {
            let wanted = if passed < offset {
                offset - passed
            } else {
                end - passed
            };
            let page = storage
                .trackings(organization, filter, before, wanted.min(WALK_PAGE), now)
                .await
                .map_err(unavailable)?;
            let found = page.trackings.len();
            if passed >= offset {
                trackings.extend(page.trackings.into_iter().map(|view| self.answer(view)));
            }
            passed += found;
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        Ok(TrackingList {
            total,
            next: before,
            trackings,
        })
    }

    /// The id of the tracking with this number of this courier. Where there are several, the fields
    /// that the courier requires (`additional`, by the newest names) tell which; else it is the one
    /// made last.
    ///
    /// # Errors
    /// 4010 for a slug that no courier has, 4005 for what is no number, 4004.
    pub async fn tracking_id(
        &self,
        organization: OrganizationId,
        slug: &str,
        number: &str,
        additional: &[(&str, String)],
    ) -> Result<String, Problem> {
        let couriers = self.couriers();
        let courier = couriers.get(slug).ok_or_else(|| unknown_slug(slug))?;
        let number = TrackingNumber::parse(number).map_err(|_| {
            let mend = "It has 4 to 100 letters A to Z, digits and `-` `.` `_` `/`.";
            Problem::new(Code::TrackingNumberInvalid).because(mend)
        })?;
        let query = NameQuery::Number {
            number: number.as_str().to_owned(),
            slug: Some(slug.to_owned()),
            discriminator: None,
        };
        let storage = &self.0.storage;
        let mut rows = storage
            .trackings_named(organization, &query)
            .await
            .map_err(unavailable)?;
        if !additional.is_empty() {
            let exact = number_name_by(number.as_str(), courier, |field| {
                let given = additional.iter().find(|(name, _)| *name == field);
                given.map(|(_, value)| value.clone())
            });
            if rows.iter().any(|row| row.name == exact) {
                rows.retain(|row| row.name == exact);
            }
        }
        let last = rows.into_iter().map(|row| row.tracking).max();
        last.map(|key| key.id())
            .ok_or_else(|| Problem::new(Code::TrackingNotFound))
    }

    fn answer(&self, view: TrackingView) -> String {
        let mut answer = view.document;
        Live::new(&view.clock, view.tracked_count, self.now()).splice_into(&mut answer);
        answer
    }
}
