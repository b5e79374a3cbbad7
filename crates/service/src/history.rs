//! Which couriers an organization's numbers turned out to be, as far as detection asks.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use waybill_couriers::outline;
use waybill_model::{CourierSlug, Details, OrganizationId};
use waybill_storage::{Append, NumberCount};
use waybill_versions::Problem;

use crate::{ActiveCouriers, Service, couriers::hints_of, unavailable};

/// What one more parcel teaches may come this late.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// Histories remembered at most, each of one organization and one outline.
const REMEMBERED_HISTORIES: usize = 10_000;

type Counts = Vec<(CourierSlug, u64)>;

/// Histories looked up in the last minute, so that a create costs no look-up of its own.
#[derive(Default)]
pub(crate) struct Histories(Mutex<HashMap<(OrganizationId, String), (Timestamp, Counts)>>);

impl Service {
    /// All that is known of a tracking and its organization that helps to find the courier.
    pub(crate) async fn hints(
        &self,
        organization: OrganizationId,
        number: &str,
        (details, slug_group): (&Details, Option<&str>),
        active: &ActiveCouriers,
    ) -> Result<waybill_couriers::Hints, Problem> {
        Ok(waybill_couriers::Hints {
            preferred: active.preferred().to_vec(),
            history: self.history(organization, number).await?,
            ..hints_of(details, slug_group)
        })
    }

    /// How many numbers that look like this one turned out to be whose.
    pub(crate) async fn history(
        &self,
        organization: OrganizationId,
        number: &str,
    ) -> Result<Counts, Problem> {
        let Some(outline) = outline(number) else {
            return Ok(Counts::new());
        };
        let now = self.now();
        let key = (organization, outline);
        if let Some(known) = self.0.histories.fresh(&key, now) {
            return Ok(known);
        }
        let counts = self.0.storage.number_counts(organization, &key.1);
        let counts = counts.await.map_err(unavailable)?.into_iter();
        let counts: Counts = counts.map(|row| (row.slug, row.count)).collect();
        self.0.histories.remember(key, counts.clone(), now);
        Ok(counts)
    }
}

/// One more number that turned out to be this courier's.
pub(crate) fn turned_out(number: &str, slug: &CourierSlug) -> Option<Append> {
    // A rehearsal teaches nothing about parcels.
    if slug.as_str() == waybill_couriers::sandbox::SLUG {
        return None;
    }
    Some(Append::NumberCount(NumberCount {
        outline: outline(number)?,
        slug: slug.clone(),
        count: 1,
    }))
}

impl Histories {
    fn fresh(&self, key: &(OrganizationId, String), now: Timestamp) -> Option<Counts> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, counts) = known.get(key)?;
        (now.duration_since(*at).abs() < REMEMBERED_FOR).then(|| counts.clone())
    }

    fn remember(&self, key: (OrganizationId, String), counts: Counts, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_HISTORIES {
            known.clear();
        }
        known.insert(key, (now, counts));
    }
}
