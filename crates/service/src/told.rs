//! What a courier's answer says is taken into the record.

use std::collections::HashSet;

use jiff::Timestamp;
use waybill_couriers::{PieceKind, ReadCheckpoint, Reading};
use waybill_model::{
    Checkpoint, CheckpointSource, CourierSlug, Dimensions, EstimatedDeliveryDate, EventTime,
    LearnedEstimate, Measure, Piece, ProofOfDelivery, Record, ToldLastMile,
};

use crate::document::CARRIER_ESTIMATE;

/// No tracking grows without end: scans beyond this many are not kept.
const CHECKPOINTS_LIMIT: usize = 1_000;
/// Delivery dates kept of one tracking.
const ESTIMATES_LIMIT: usize = 200;

/// The newest word of a courier wins; silence takes nothing back.
pub(crate) fn take_told(record: &mut Record, reading: &Reading, now: Timestamp) {
    let told = &mut record.told;
    newer(&mut told.service, reading.service.as_ref());
    let weight = reading.weight.as_ref().and_then(|said| {
        Some(Measure {
            unit: said.unit.clone(),
            value: said.value.parse().ok()?,
        })
    });
    newer(&mut told.weight, weight.as_ref());
    let dimensions = reading.dimensions.as_ref().and_then(|said| {
        Some(Dimensions {
            unit: said.unit.clone(),
            length: said.length.parse().ok()?,
            width: said.width.parse().ok()?,
            height: said.height.parse().ok()?,
        })
    });
    newer(&mut told.dimensions, dimensions.as_ref());
    newer(&mut told.package_count, reading.package_count.as_ref());
    newer(
        &mut told.destination_country,
        reading.destination_country.as_ref(),
    );
    newer(
        &mut told.destination_city,
        reading.destination_city.as_ref(),
    );
    newer(
        &mut told.signature_requirement,
        reading.signature_requirement.as_ref(),
    );
    newer(&mut told.redirect_link, reading.redirect_link.as_ref());
    newer(&mut told.pickup_location, reading.pickup_location.as_ref());
    let last_mile = reading.last_mile.as_ref().map(|said| ToldLastMile {
        slug: said.slug.as_deref().and_then(CourierSlug::parse),
        number: said.number.clone(),
    });
    newer(&mut told.last_mile, last_mile.as_ref());
    if !reading.pieces.is_empty() {
        told.pieces = reading
            .pieces
            .iter()
            .map(|said| Piece {
                tracking_id: None,
                tracking_number: said.number.clone(),
                r#type: match said.kind {
                    PieceKind::Master => "master",
                    PieceKind::Child => "child",
                }
                .to_owned(),
                trackable: true,
            })
            .collect();
    }
    if !reading.proof_of_delivery.is_empty() {
        told.proof_of_delivery = reading
            .proof_of_delivery
            .iter()
            .map(|said| ProofOfDelivery {
                r#type: said.kind.clone(),
                url: said.url.clone(),
            })
            .collect();
    }
    if let Some(said) = &reading.estimated_delivery {
        let text = |time: &Option<EventTime>| time.as_ref().map(ToString::to_string);
        let estimate = EstimatedDeliveryDate {
            estimated_delivery_date: text(&said.date),
            estimated_delivery_date_min: text(&said.min),
            estimated_delivery_date_max: text(&said.max),
        };
        learn_estimate(record, CARRIER_ESTIMATE, estimate, now);
    }
}

/// What was said replaces what was known.
fn newer<T: Clone>(known: &mut Option<T>, said: Option<&T>) {
    if let Some(said) = said {
        *known = Some(said.clone());
    }
}

/// Appends a delivery date unless its source said the same last.
pub(crate) fn learn_estimate(
    record: &mut Record,
    source: &str,
    estimate: EstimatedDeliveryDate,
    now: Timestamp,
) {
    let last = record
        .estimates
        .iter()
        .rev()
        .find(|known| known.source == source);
    let news = last.is_none_or(|known| known.estimate != estimate);
    if news
        && estimate != EstimatedDeliveryDate::default()
        && record.estimates.len() < ESTIMATES_LIMIT
    {
        record.estimates.push(LearnedEstimate {
            source: source.to_owned(),
            estimate,
            seen_at: now,
        });
    }
}

/// The checkpoints of a reading that are not known yet; known ones that a complete reading lacks
/// come closer to being withdrawn.
pub(crate) fn take_checkpoints(
    record: &mut Record,
    slug: &CourierSlug,
    reading: &Reading,
    now: Timestamp,
) -> Vec<Checkpoint> {
    let read: Vec<Checkpoint> = reading
        .checkpoints
        .iter()
        .map(|said| learned(slug, said, now))
        .collect();
    if reading.complete && !read.is_empty() {
        let same_scan = |one: &Checkpoint, other: &Checkpoint| {
            one.time.text == other.time.text && one.piece == other.piece && one.code == other.code
        };
        for known in &mut record.checkpoints {
            if known.slug != *slug || known.source != CheckpointSource::Carrier {
                continue;
            }
            // A rewritten text is the same scan under another hash, not a withdrawn one.
            let told = read
                .iter()
                .any(|read| read.hash == known.hash || same_scan(read, known));
            // One that is withdrawn already misses no more: a poll without news writes nothing.
            if told {
                known.found();
            } else if !known.withdrawn {
                known.missed();
            }
        }
    }
    let room = CHECKPOINTS_LIMIT.saturating_sub(record.checkpoints.len());
    let mut learned = unknown(record, read.into_iter());
    learned.truncate(room);
    learned
}

/// The checkpoints of which a record has none with the same hash, each once.
pub(crate) fn unknown(
    record: &Record,
    checkpoints: impl Iterator<Item = Checkpoint>,
) -> Vec<Checkpoint> {
    let known = record.checkpoints.iter().map(|known| known.hash.as_str());
    let known: HashSet<&str> = known.collect();
    let mut new: Vec<Checkpoint> = Vec::new();
    let mut added = HashSet::new();
    for checkpoint in checkpoints {
        if !known.contains(checkpoint.hash.as_str()) && added.insert(checkpoint.hash.clone()) {
            new.push(checkpoint);
        }
    }
    new
}

fn learned(slug: &CourierSlug, said: &ReadCheckpoint, now: Timestamp) -> Checkpoint {
    let hash = Checkpoint::hash_of(
        slug,
        said.piece.as_deref(),
        &said.time.text,
        said.code.as_deref(),
        &said.message,
        said.location.as_deref(),
    );
    Checkpoint {
        hash,
        slug: slug.clone(),
        piece: said.piece.clone(),
        time: said.time.clone(),
        code: said.code.clone(),
        sub_status: said.sub_status,
        message: said.message.clone(),
        location: said.location.clone(),
        city: said.city.clone(),
        state: said.state.clone(),
        postal_code: said.postal_code.clone(),
        country: said.country,
        coordinate: said.coordinate,
        signed_by: said.signed_by.clone(),
        events: said.events.clone(),
        source: CheckpointSource::Carrier,
        seen_at: now,
        withdrawn: false,
        missing_count: 0,
    }
}
