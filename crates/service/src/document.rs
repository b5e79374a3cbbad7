//! From the record of a tracking to its document: a pure function.

use jiff::{Timestamp, civil::Date, fmt::temporal::DateTimePrinter, tz::Offset};
use waybill_couriers::{Courier, Couriers};
use waybill_model::{
    Checkpoint, CourierSlug, Details, EstimatedDelivery, EstimatedDeliveryDate, EventTime,
    FirstMile, Journey, JourneyInput, LastMile, LatestEstimatedDelivery, LearnedEstimate,
    MultiPieceInfo, OwnId, Promise, PromisedDeliveryDate, Reason, Record, Tracking,
    TrackingCheckpoint, TrackingCheckpointEvent, TrackingKey,
};

/// A tracking's fixed parts beside its record.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub key: TrackingKey,
    pub own_id: Option<OwnId>,
    pub number: String,
    pub slug: CourierSlug,
    pub created_at: Timestamp,
}

/// The second carrier, where one is known, and who said so.
pub(crate) struct SecondLeg {
    pub slug: Option<CourierSlug>,
    pub number: String,
    pub source: &'static str,
}

/// The caller's word about the second carrier stands before the first carrier's.
pub(crate) fn second_leg(record: &Record) -> Option<SecondLeg> {
    if let Some(given) = &record.details.last_mile {
        let slug = given.slug.as_deref().and_then(CourierSlug::parse);
        return Some(SecondLeg {
            slug,
            number: given.tracking_number.clone(),
            source: "user",
        });
    }
    let told = record.told.last_mile.as_ref()?;
    Some(SecondLeg {
        slug: told.slug.clone(),
        number: told.number.clone(),
        source: "system",
    })
}

/// What the journey of a tracking depends on besides its checkpoints.
pub(crate) struct JourneyParts {
    last_mile_slug: Option<CourierSlug>,
    order_date: Option<Timestamp>,
    ship_date: Option<Date>,
    first_promise: Option<Promise>,
    latest_promise: Option<Promise>,
}

impl JourneyParts {
    pub(crate) fn of(record: &Record) -> Self {
        let details = &record.details;
        let country = details.origin_country_region;
        let date = |text: &str| EventTime::parse(text).map(|time| time.instant(country, false));
        Self {
            last_mile_slug: second_leg(record).and_then(|leg| leg.slug),
            order_date: details.order_date.as_deref().and_then(date),
            ship_date: details.tracking_ship_date.as_deref().and_then(ship_date),
            first_promise: promises(record)
                .first()
                .and_then(|known| promise(&known.estimate)),
            latest_promise: promises(record)
                .last()
                .and_then(|known| promise(&known.estimate)),
        }
    }

    /// The first day on which the parcel may come, as promised last.
    pub(crate) fn due_day(&self) -> Option<Date> {
        self.latest_promise.map(|promise| promise.min)
    }

    pub(crate) fn input<'a>(
        &'a self,
        identity: &'a Identity,
        record: &'a Record,
        polled_at: Option<Timestamp>,
        now: Timestamp,
    ) -> JourneyInput<'a> {
        let details = &record.details;
        JourneyInput {
            now,
            created_at: identity.created_at,
            slug: &identity.slug,
            last_mile_slug: self.last_mile_slug.as_ref(),
            order_date: self.order_date,
            ship_date: self.ship_date,
            destination_city: details
                .destination_city
                .as_deref()
                .or(record.told.destination_city.as_deref()),
            destination_country: details
                .destination_country_region
                .or(record.told.destination_country),
            destination_zone: None,
            direction: details.shipment_direction,
            package_count: record.told.package_count,
            marks: &record.marks,
            polled_at,
            first_promise: self.first_promise,
            latest_promise: self.latest_promise,
        }
    }
}

/// The delivery dates that count, oldest first: the courier's, else what the shop promised.
fn promises(record: &Record) -> Vec<LearnedEstimate> {
    let by_courier: Vec<_> = record
        .estimates
        .iter()
        .filter(|known| known.source == CARRIER_ESTIMATE)
        .cloned()
        .collect();
    if by_courier.is_empty() {
        record
            .estimates
            .iter()
            .filter(|known| known.source == ORDER_ESTIMATE)
            .cloned()
            .collect()
    } else {
        by_courier
    }
}

/// How the API calls a courier's estimate.
pub(crate) const CARRIER_ESTIMATE: &str = "Carrier EDD";
/// How the API calls the shop's promise.
pub(crate) const ORDER_ESTIMATE: &str = "Order EDD";

/// The shop's promise as an estimate.
pub(crate) fn promised_estimate(promised: &PromisedDeliveryDate) -> EstimatedDeliveryDate {
    EstimatedDeliveryDate {
        estimated_delivery_date: promised.promised_delivery_date.clone(),
        estimated_delivery_date_min: promised.promised_delivery_date_min.clone(),
        estimated_delivery_date_max: promised.promised_delivery_date_max.clone(),
    }
}

fn promise(estimate: &EstimatedDeliveryDate) -> Option<Promise> {
    let day = |text: &Option<String>| {
        text.as_deref()
            .and_then(EventTime::parse)
            .map(|time| time.date)
    };
    let one = day(&estimate.estimated_delivery_date);
    let min = day(&estimate.estimated_delivery_date_min).or(one)?;
    let max = day(&estimate.estimated_delivery_date_max).or(one)?;
    Some(Promise {
        min: min.min(max),
        max: max.max(min),
    })
}

/// A ship date comes as `YYYYMMDD` or in one of the ISO forms.
pub fn ship_date(text: &str) -> Option<Date> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Date::strptime("%Y%m%d", text).ok();
    }
    EventTime::parse(text).map(|time| time.date)
}

/// An instant as the API prints its own times: UTC, to the second.
pub(crate) fn print(instant: Timestamp) -> String {
    const TO_THE_SECOND: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
    TO_THE_SECOND.timestamp_with_offset_to_string(&instant, Offset::UTC)
}

/// The document of a tracking whose journey was derived from the checkpoints of its record.
#[expect(
    clippy::too_many_lines,
    reason = "one line a field: the struct is the API's, and long"
)]
pub(crate) fn document(
    identity: &Identity,
    record: &Record,
    journey: &Journey,
    couriers: &Couriers,
    updated_at: Timestamp,
) -> Tracking {
    let Details {
        title,
        order_id,
        order_id_path,
        order_number,
        order_date,
        custom_fields,
        language,
        order_promised_delivery_date,
        delivery_type,
        pickup_location,
        pickup_note,
        tracking_account_number,
        tracking_key,
        tracking_ship_date,
        origin_country_region,
        origin_state,
        origin_city,
        origin_postal_code,
        origin_raw_location,
        destination_country_region,
        destination_state,
        destination_city,
        destination_postal_code,
        destination_raw_location,
        note,
        shipment_type,
        shipment_tags,
        courier_connection_id,
        location_id,
        shipping_method,
        customers,
        shipment_direction,
        last_mile: _,
        legacy: _,
    } = record.details.clone();
    let told = &record.told;
    let link = |courier: &str, number: &str| {
        let postal_code = record.details.destination_postal_code.as_deref();
        let language = record.details.language.as_deref();
        couriers
            .get(courier)
            .and_then(|courier: &Courier| courier.tracking_link(number, language, postal_code))
    };
    let promises = promises(record);
    let carrier = record
        .estimates
        .iter()
        .rev()
        .find(|known| known.source == CARRIER_ESTIMATE);
    Tracking {
        id: identity
            .own_id
            .as_ref()
            .map_or_else(|| identity.key.id(), ToString::to_string),
        legacy_id: identity.key.legacy_id(),
        created_at: print(identity.created_at),
        updated_at: print(updated_at),
        tracking_number: identity.number.clone(),
        slug: identity.slug.to_string(),
        active: journey.active,
        custom_fields,
        origin_country_region,
        origin_state,
        origin_city,
        origin_postal_code,
        origin_raw_location,
        destination_country_region,
        destination_state,
        destination_city,
        destination_postal_code,
        destination_raw_location,
        courier_destination_country_region: told.destination_country,
        courier_estimated_delivery_date: carrier.map(|known| known.estimate.clone()),
        note,
        order_id,
        order_id_path,
        order_date,
        shipment_package_count: told.package_count,
        shipment_pickup_date: journey.pickup.as_ref().map(ToString::to_string),
        shipment_delivery_date: journey.delivery.as_ref().map(ToString::to_string),
        shipment_type: shipment_type.or_else(|| told.service.clone()),
        shipment_weight: told.weight.clone(),
        shipment_dimensions: told.dimensions.clone(),
        signed_by: journey.signed_by.clone(),
        source: record.source.clone(),
        tag: journey.tag,
        subtag: journey.sub_status,
        subtag_message: journey.sub_status.message().to_owned(),
        title: title.unwrap_or_else(|| identity.number.clone()),
        language,
        unique_token: "deprecated".to_owned(),
        checkpoints: timeline(&record.checkpoints, journey),
        subscribed_smses: Vec::new(),
        subscribed_emails: Vec::new(),
        return_to_sender: journey.return_to_sender,
        order_promised_delivery_date,
        delivery_type,
        pickup_location: pickup_location.or_else(|| told.pickup_location.clone()),
        pickup_note,
        courier_tracking_link: link(identity.slug.as_str(), &identity.number),
        first_attempted_at: journey
            .first_attempted_at
            .as_ref()
            .map(EventTime::with_clock),
        courier_redirect_link: told.redirect_link.clone(),
        tracking_account_number,
        tracking_key,
        tracking_ship_date,
        order_tags: Vec::new(),
        aftership_estimated_delivery_date: None,
        custom_estimated_delivery_date: None,
        order_number,
        first_estimated_delivery: promises.first().map(first_estimate),
        latest_estimated_delivery: promises.last().map(latest_estimate),
        shipment_tags,
        courier_connection_id,
        carbon_emissions: None,
        location_id,
        shipping_method,
        failed_delivery_attempts: journey.failed_delivery_attempts,
        signature_requirement: told.signature_requirement.clone(),
        delivery_location_type: journey.delivery_location_type.clone(),
        aftership_tracking_url: None,
        aftership_tracking_order_url: None,
        first_mile: second_leg(record).map(|_| FirstMile {
            tracking_number: identity.number.clone(),
            slug: identity.slug.to_string(),
            transit_time: journey.first_mile_transit_time,
            courier_redirect_link: told.redirect_link.clone(),
            courier_tracking_link: link(identity.slug.as_str(), &identity.number),
        }),
        last_mile: second_leg(record).map(|leg| LastMile {
            courier_tracking_link: leg
                .slug
                .as_ref()
                .and_then(|slug| link(slug.as_str(), &leg.number)),
            tracking_number: leg.number,
            slug: leg.slug.map(|slug| slug.to_string()),
            transit_time: journey.last_mile_transit_time,
            courier_redirect_link: None,
            source: leg.source.to_owned(),
        }),
        customers,
        proof_of_delivery: told.proof_of_delivery.clone(),
        multi_piece_info: multi_piece_info(identity, record),
        shipment_direction,
        return_shipment: None,
        forward_shipment: None,
    }
}

/// The checkpoints that stand, oldest first, and the completion by hand at its place in time.
fn timeline(checkpoints: &[Checkpoint], journey: &Journey) -> Vec<TrackingCheckpoint> {
    let mut shown: Vec<(Timestamp, TrackingCheckpoint)> = journey
        .standing
        .iter()
        .filter_map(|standing| Some((standing.instant, checkpoint(&standing.shown(checkpoints)?))))
        .collect();
    if let Some(completion) = &journey.completion {
        let instant = completion.time.instant(completion.country, true);
        shown.push((instant, checkpoint(completion)));
        shown.sort_by_key(|(instant, _)| *instant);
    }
    shown
        .into_iter()
        .map(|(_, checkpoint)| checkpoint)
        .collect()
}

fn checkpoint(checkpoint: &Checkpoint) -> TrackingCheckpoint {
    let sub_status = checkpoint.sub_status;
    TrackingCheckpoint {
        created_at: print(checkpoint.seen_at),
        slug: checkpoint.slug.to_string(),
        checkpoint_time: checkpoint.time.to_string(),
        location: checkpoint.location.clone(),
        city: checkpoint.city.clone(),
        state: checkpoint.state.clone(),
        postal_code: checkpoint.postal_code.clone(),
        coordinate: checkpoint.coordinate,
        country_region: checkpoint.country,
        country_region_name: checkpoint.country.map(|country| country.name().to_owned()),
        message: checkpoint.message.clone(),
        tag: sub_status.tag(),
        subtag: sub_status,
        subtag_message: sub_status.message().to_owned(),
        raw_tag: checkpoint.code.clone(),
        events: checkpoint
            .events
            .iter()
            .map(|event| TrackingCheckpointEvent {
                code: event.code.clone(),
                reason: event.reason.clone().map(|code| Reason { code }),
            })
            .collect(),
        source: checkpoint.source,
        hash: checkpoint.hash.clone(),
    }
}

fn is_range(estimate: &EstimatedDeliveryDate) -> bool {
    estimate.estimated_delivery_date.is_none()
}

fn kind_of(estimate: &EstimatedDeliveryDate) -> String {
    if is_range(estimate) {
        "range"
    } else {
        "specific"
    }
    .to_owned()
}

fn first_estimate(known: &LearnedEstimate) -> EstimatedDelivery {
    EstimatedDelivery {
        r#type: kind_of(&known.estimate),
        source: known.source.clone(),
        datetime: known.estimate.estimated_delivery_date.clone(),
        datetime_min: known.estimate.estimated_delivery_date_min.clone(),
        datetime_max: known.estimate.estimated_delivery_date_max.clone(),
    }
}

fn latest_estimate(known: &LearnedEstimate) -> LatestEstimatedDelivery {
    let EstimatedDelivery {
        r#type,
        source,
        datetime,
        datetime_min,
        datetime_max,
    } = first_estimate(known);
    LatestEstimatedDelivery {
        r#type,
        source,
        datetime,
        datetime_min,
        datetime_max,
        revise_reason: None,
    }
}

fn multi_piece_info(identity: &Identity, record: &Record) -> Option<MultiPieceInfo> {
    let pieces = &record.told.pieces;
    let own = pieces
        .iter()
        .find(|piece| piece.tracking_number == identity.number)?;
    (pieces.len() > 1).then(|| MultiPieceInfo {
        r#type: own.r#type.clone(),
        pieces: pieces.clone(),
    })
}
