//! Reading trackings.

use waybill_model::{Live, OrganizationId, TrackingKey};
use waybill_storage::{TrackingFilter, TrackingView};
use waybill_versions::{Code, Problem};

use crate::{Service, unavailable};

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
        // The id that was answered at creation is the key itself: one read, no look-up.
        if let Some(key) = TrackingKey::parse(id).filter(|key| key.id() == id) {
            let view = self
                .0
                .storage
                .tracking_view(organization, key)
                .await
                .map_err(unavailable)?;
            if let Some(view) = view {
                return Ok(self.answer(&view));
            }
        }
        let key = self.resolve(organization, id).await?;
        let view = self
            .0
            .storage
            .tracking_view(organization, key)
            .await
            .map_err(unavailable)?;
        view.map(|view| self.answer(&view))
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
        let total = storage
            .count_trackings(organization, filter, now)
            .await
            .map_err(unavailable)?;
        let trackings = page
            .trackings
            .iter()
            .map(|view| self.answer(view))
            .collect();
        Ok(TrackingList {
            total,
            next: page.next,
            trackings,
        })
    }

    fn answer(&self, view: &TrackingView) -> String {
        Live::new(&view.clock, view.tracked_count, self.now()).splice(&view.document)
    }
}
