//! The dates of a shipment.

use jiff::civil::{Date, DateTime};
use waybill_model::CountryCode;

use crate::{
    BusinessDays,
    lanes::{kind_of_courier, kind_of_service, lane},
    places::zone_of,
};

/// A vague or unknown service (documented).
const VAGUE_SERVICE: u32 = 30_003;
/// An address that is too imprecise (documented).
const VAGUE_ADDRESS: u32 = 30_004;
/// Codes from here on say that a date is hardly to be trusted.
const LOW: u32 = 30_000;

/// A shipment whose arrival is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Shipment<'a> {
    /// The courier's slug.
    pub slug: &'a str,
    /// The courier's service, as the caller calls it.
    pub service: Option<&'a str>,
    /// Where it is sent from.
    pub origin: Place<'a>,
    /// Where it goes.
    pub destination: Place<'a>,
    /// When it is picked up, local at the origin.
    pub pickup: DateTime,
}

/// An address as far as dates depend on it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The country.
    pub country: CountryCode,
    /// The state.
    pub state: Option<&'a str>,
    /// The postal code.
    pub postal_code: Option<&'a str>,
    /// The town.
    pub city: Option<&'a str>,
}

impl Place<'_> {
    /// Whether more than a state is known.
    fn is_precise(&self) -> bool {
        self.postal_code.is_some() || self.city.is_some()
    }
}

/// When it arrives, in days of the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The likeliest day.
    pub date: Date,
    /// One parcel in ten comes sooner.
    pub min: Date,
    /// One in ten comes later.
    pub max: Date,
    /// The API's code for how much to trust it.
    pub confidence: u32,
}

/// The dates of a shipment; `None` only beyond the calendar.
pub fn predict(shipment: &Shipment<'_>) -> Option<Estimate> {
    let Shipment {
        slug,
        service,
        origin,
        destination,
        pickup,
    } = shipment;
    let known_service = service.map(kind_of_service);
    let kind = known_service.flatten().unwrap_or(kind_of_courier(slug));
    let lane = lane(kind, origin.country, destination.country)?;
    let is_domestic = origin.country == destination.country;
    // Most carriers deliver at home on Saturdays, and few clear customs then.
    let days = if is_domestic {
        BusinessDays::WITH_SATURDAY
    } else {
        BusinessDays::WEEK
    };
    let begun = days.on_or_after(day_there(*pickup, origin, destination))?;
    let confidence = if known_service == Some(None) {
        VAGUE_SERVICE
    } else if lane.confidence < LOW && !(origin.is_precise() && destination.is_precise()) {
        VAGUE_ADDRESS
    } else {
        lane.confidence
    };
    Some(Estimate {
        date: days.after(begun, lane.likely)?,
        min: days.after(begun, lane.min)?,
        max: days.after(begun, lane.max)?,
        confidence,
    })
}

/// Which day the recipient has at the pickup. Where a zone is not known, the same as the sender.
fn day_there(pickup: DateTime, origin: &Place<'_>, destination: &Place<'_>) -> Date {
    let moment =
        zone_of(origin.country, origin.state).and_then(|zone| zone.to_timestamp(pickup).ok());
    let there = zone_of(destination.country, destination.state);
    match (moment, there) {
        (Some(moment), Some(there)) => there.to_datetime(moment).date(),
        _ => pickup.date(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place<'a>(country: &str, state: Option<&'a str>, postal_code: Option<&'a str>) -> Place<'a> {
        Place {
            country: CountryCode::parse(country).expect("a country"),
            state,
            postal_code,
            city: None,
        }
    }

    fn shipment<'a>(origin: Place<'a>, destination: Place<'a>, pickup: &str) -> Shipment<'a> {
        Shipment {
            slug: "ups",
            service: None,
            origin,
            destination,
            pickup: pickup.parse().expect("a time"),
        }
    }

    #[test]
    fn dates_are_in_order_and_on_business_days() {
        let berlin = place("DEU", None, Some("10115"));
        for to in ["DEU", "FRA", "USA", "JPN", "ATA"] {
            let there = place(to, None, Some("1"));
            let estimate = predict(&shipment(berlin, there, "2026-07-03T18:00:00")).expect("dates");
            assert!(
                estimate.min <= estimate.date && estimate.date <= estimate.max,
                "{to}"
            );
            let last = if to == "DEU" { 6 } else { 5 };
            for date in [estimate.min, estimate.date, estimate.max] {
                assert!(date.weekday().to_monday_one_offset() <= last, "{to} {date}");
            }
        }
    }

    #[test]
    fn the_recipients_day_counts() {
        let (angeles, tokyo) = (
            place("USA", Some("CA"), Some("90001")),
            place("JPN", None, Some("1")),
        );
        // Thursday noon there is Friday in Japan; the weekend lies between.
        let noon = predict(&shipment(angeles, tokyo, "2026-07-02T12:00:00")).expect("dates");
        let morning = predict(&shipment(angeles, tokyo, "2026-07-02T01:00:00")).expect("dates");
        assert!(morning.date < noon.date);
    }

    #[test]
    fn what_is_vague_lowers_the_confidence() {
        let precise = place("DEU", None, Some("10115"));
        let vague = place("DEU", Some("BE"), None);
        let confidence = |shipment: Shipment<'_>| predict(&shipment).expect("dates").confidence;
        let plain = shipment(precise, precise, "2026-07-02T12:00:00");
        assert_eq!(confidence(plain), 20_001);
        assert_eq!(
            confidence(shipment(precise, vague, "2026-07-02T12:00:00")),
            VAGUE_ADDRESS
        );
        let service = Some("Something new");
        assert_eq!(confidence(Shipment { service, ..plain }), VAGUE_SERVICE);
        let service = Some("UPS Express");
        let faster = predict(&Shipment { service, ..plain }).expect("dates");
        assert!(faster.date <= predict(&plain).expect("dates").date);
    }

    #[test]
    fn the_calendar_ends_somewhere() {
        let there = place("USA", None, Some("1"));
        let late = Shipment {
            pickup: DateTime::MAX,
            ..shipment(there, there, "2026-07-02T12:00:00")
        };
        assert_eq!(predict(&late), None);
    }
}
