//! Whose number it is, where the caller did not say: a detected courier is a guess until it tells of
//! the parcel. While it does not, the other likely couriers are asked, in rounds; the first that tells
//! of this parcel gets it.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use waybill_couriers::{Courier, Reading, SURE};
use waybill_model::{CourierSlug, Details, Detected, EventTime, Record};
use waybill_storage::{Name, PollOutcome, ResourceKind, TrackingRow};
use waybill_versions::Problem;

use crate::{
    PollReport, Service,
    document::ship_date,
    names::{additional_field, missing_fields, number_name},
    unavailable,
};

/// When others are asked, in hours from the tracking's creation: a fresh label is unknown for up to two
/// days. After the last round the courier stays as it was guessed.
const ROUND_HOURS: [i64; 5] = [0, 2, 8, 24, 48];
/// The first round of a courier that is sure ([`SURE`]): until then its number is a fresh label.
const SURE_BEGINS: u8 = 3;
/// A courier that has "no data yet" knows the number; after this long it is doubted all the same.
const SILENCE_BELIEVED: SignedDuration = SignedDuration::from_hours(24);
/// Others asked in a round.
const RIVALS: usize = 3;
/// Nobody spends a call on a courier that is less likely.
const LEAST_ASKED: f64 = 0.02;
/// Carriers use numbers again: of whom the order and the ship date are not known, a parcel whose last
/// scan is this much older than the tracking is another one.
const OTHER_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A label may be made before the order is noted down, or before the day it is shipped on.
const BEFORE_ORDER: SignedDuration = SignedDuration::from_hours(24);
const BEFORE_SHIPPING: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What follows from an answer for the courier of a tracking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing.
    Stay,
    /// The tracking's courier told of the parcel.
    Settle,
    /// The asked one told of it: the tracking is its own from now on, under this name.
    Correct(Name),
    /// This one is asked next.
    Ask(CourierSlug),
    /// Nobody is left in this round.
    Rest,
}

/// A step, and why an answer was not taken for this parcel's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub step: Step,
    pub doubt: Option<String>,
}

impl Turn {
    pub(crate) const STAY: Self = Self {
        step: Step::Stay,
        doubt: None,
    };
}

/// A fresh guess; a sure one is left alone at first.
pub(crate) fn guessed(confidence: f64, slug_group: Option<String>) -> Detected {
    let round = if confidence >= SURE { SURE_BEGINS } else { 0 };
    Detected::new(confidence, slug_group, round)
}

/// When the next round begins; `None` after the last, and where the courier is settled.
pub(crate) fn next_round(detected: &Detected, created_at: Timestamp) -> Option<Timestamp> {
    let hours = ROUND_HOURS.get(usize::from(detected.round))?;
    (!detected.settled).then(|| created_at + SignedDuration::from_hours(*hours))
}

/// Notes a step in what is known of the courier.
pub(crate) fn note(
    detected: &mut Detected,
    step: &Step,
    asked: &CourierSlug,
    is_own: bool,
    age: SignedDuration,
) {
    match step {
        Step::Stay => {}
        Step::Settle | Step::Correct(_) => {
            detected.settled = true;
            detected.asked.clear();
        }
        Step::Ask(_) => detected.asked.extend((!is_own).then(|| asked.clone())),
        Step::Rest => {
            detected.asked.clear();
            let over = ROUND_HOURS
                .iter()
                .filter(|hours| SignedDuration::from_hours(**hours) <= age);
            let over = u8::try_from(over.count()).unwrap_or(u8::MAX);
            detected.round = over.max(detected.round);
        }
    }
}

impl Service {
    /// What an answer means for the courier of a tracking.
    pub(crate) async fn turn(
        &self,
        row: &TrackingRow,
        record: &Record,
        asked: &CourierSlug,
        report: &PollReport,
    ) -> Result<Turn, Problem> {
        let open = record.detected.as_ref().filter(|it| !it.settled);
        let Some(detected) = open else {
            return Ok(Turn::STAY);
        };
        let is_own = *asked == row.slug;
        let mut doubt = None;
        if let Some(reading) = report
            .reading
            .as_ref()
            .filter(|_| report.outcome == PollOutcome::Ok)
        {
            match tells_of_it(reading, &record.details, row.created_at) {
                Ok(()) if is_own => {
                    return Ok(Turn {
                        step: Step::Settle,
                        doubt,
                    });
                }
                Ok(()) => match self.new_name(row, record, asked).await? {
                    Ok(name) => {
                        return Ok(Turn {
                            step: Step::Correct(name),
                            doubt,
                        });
                    }
                    Err(why) => doubt = Some(why),
                },
                Err(why) => doubt = Some(why),
            }
        }
        let now = self.now();
        let begins = next_round(detected, row.created_at);
        let is_fresh = now.duration_since(row.created_at) < SILENCE_BELIEVED;
        let knows = report.outcome == PollOutcome::NoDataYet && is_fresh;
        if is_own && (knows || begins.is_none_or(|begins| begins > now)) {
            return Ok(Turn {
                step: Step::Stay,
                doubt,
            });
        }
        let done = detected.asked.len() + usize::from(!is_own);
        let next = if done < RIVALS {
            self.rival(row, record, detected, asked).await?
        } else {
            None
        };
        let step = next.map_or(Step::Rest, Step::Ask);
        Ok(Turn { step, doubt })
    }

    /// The likeliest other courier that was not asked in this round and can be.
    async fn rival(
        &self,
        row: &TrackingRow,
        record: &Record,
        detected: &Detected,
        asked: &CourierSlug,
    ) -> Result<Option<CourierSlug>, Problem> {
        let details = &record.details;
        let known = (details, detected.slug_group.as_deref());
        let active = self.active_couriers(row.organization).await?;
        let hints = self.hints(row.organization, &row.number, known, &active);
        let hints = hints.await?;
        let (candidates, _) = self.candidates(&row.number, &hints, &active);
        let couriers = self.couriers();
        let kind = ResourceKind::CourierConnection;
        for candidate in candidates {
            let slug = candidate.slug;
            let was_asked = slug == row.slug || slug == *asked || detected.asked.contains(&slug);
            if was_asked || candidate.confidence < LEAST_ASKED {
                continue;
            }
            let Some(courier) = couriers.get(slug.as_str()) else {
                continue;
            };
            let value = |field: &str| additional_field(details, field);
            if !courier.has_connection() || !missing_fields(courier, value).is_empty() {
                continue;
            }
            if self.operator_can_ask(courier) {
                return Ok(Some(slug));
            }
            let storage = &self.0.storage;
            let accounts = storage.resources(row.organization, kind, Some(slug.as_str()));
            if !accounts.await.map_err(unavailable)?.is_empty() {
                return Ok(Some(slug));
            }
        }
        Ok(None)
    }

    /// Whether the operator's credentials, or none, are enough.
    fn operator_can_ask(&self, courier: &Courier) -> bool {
        let fields = courier.connection().map(|it| &it.credentials);
        let given = self.0.courier_credentials.get(courier.slug().as_str());
        fields.into_iter().flatten().all(|field| {
            !field.required || given.is_some_and(|given| given.contains_key(&field.name))
        })
    }

    /// The name under which another courier takes the tracking over; the inner error is why it
    /// cannot.
    async fn new_name(
        &self,
        row: &TrackingRow,
        record: &Record,
        slug: &CourierSlug,
    ) -> Result<Result<Name, String>, Problem> {
        let couriers = self.couriers();
        let Some(courier) = couriers.get(slug.as_str()) else {
            return Ok(Err(format!(
                "the courier `{slug}` is not installed any more"
            )));
        };
        let name = number_name(&row.number, courier, &record.details);
        let query = crate::names::query_of(&name);
        let named = self.0.storage.trackings_named(row.organization, &query);
        let named = named.await.map_err(unavailable)?;
        let other = named.iter().find(|named| named.tracking != row.key);
        Ok(other.map_or(Ok(name), |other| {
            let id = other.tracking.id();
            Err(format!(
                "it knows the number, which the tracking {id} follows already"
            ))
        }))
    }
}

/// Whether a reading is about this parcel, or says why it is about another one: a number alone proves
/// nothing, since couriers use the same ones, and use them again.
fn tells_of_it(reading: &Reading, details: &Details, created_at: Timestamp) -> Result<(), String> {
    let other = |why: String| Err(format!("it knows the number of another parcel: {why}"));
    if let (Some(told), Some(known)) = (
        reading.destination_country,
        details.destination_country_region,
    ) && told != known
    {
        return other(format!("that one goes to {told}, not to {known}"));
    }
    let scans = reading.checkpoints.iter();
    let at = scans.map(|scan| scan.time.instant(scan.country, true));
    let (Some(first), Some(last)) = (at.clone().min(), at.max()) else {
        return Err("it tells no events".to_owned());
    };
    let country = details.origin_country_region;
    let order = details.order_date.as_deref().and_then(EventTime::parse);
    let order = order.map(|time| time.instant(country, false) - BEFORE_ORDER);
    let shipped = details.tracking_ship_date.as_deref().and_then(ship_date);
    let shipped = shipped.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let shipped = shipped.map(|day| day.timestamp() - BEFORE_SHIPPING);
    let (scan, begins) = match order.max(shipped) {
        Some(begins) => (first, begins),
        None => (last, created_at - OTHER_LIFE),
    };
    if scan < begins {
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        return other(format!(
            "its scan of {} is older than {}",
            day(scan),
            day(begins)
        ));
    }
    Ok(())
}
