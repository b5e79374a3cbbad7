//! `waybill track`

use jiff::SignedDuration;
use waybill_couriers::{Hints, Query, ReadCheckpoint};
use waybill_model::TrackingNumber;
use waybill_storage::PollOutcome;

use super::open;
use crate::{cli::Track, failure::Failure, terminal::say};

/// The testing courier's parcels start when they are made; here, a day ago.
const MADE_AGO: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn run(command: Track) -> Result<(), Failure> {
    let number = TrackingNumber::parse(&command.number).map_err(|error| {
        Failure::usage(format!(
            "`{}` is no tracking number: {error}",
            command.number
        ))
    })?;
    let node = open(&command.common).await?;
    let couriers = node.service.couriers();
    let slug = match command.courier {
        Some(slug) => slug,
        None => couriers
            .detect(number.as_str(), &Hints::default())
            .first()
            .map(|candidate| candidate.slug.to_string())
            .ok_or_else(|| {
                Failure::failed("no courier recognises the number; name one with --courier")
            })?,
    };
    let courier = couriers.get(&slug).ok_or_else(|| {
        Failure::usage(format!(
            "there is no courier `{slug}`; `waybill couriers list` shows them"
        ))
    })?;
    let now = node.service.now();
    let query = Query::new(number.to_string(), now - MADE_AGO, now);
    let report = node.asker.ask_once(courier, &query).await;
    say(format_args!("{number}  {}", courier.definition.name));
    let Some(reading) = report.reading.filter(|_| report.outcome == PollOutcome::Ok) else {
        return Err(Failure::failed(format!(
            "{}: {}",
            report.outcome.as_str().replace('_', " "),
            report.reason
        )));
    };
    let mut checkpoints: Vec<&ReadCheckpoint> = reading.checkpoints.iter().collect();
    checkpoints.sort_by_key(|checkpoint| checkpoint.time.instant(checkpoint.country, true));
    for checkpoint in checkpoints {
        say(format_args!(
            "  {:32}  {:16}  {}{}",
            checkpoint.time.to_string(),
            checkpoint.sub_status.tag().label(),
            checkpoint.message,
            checkpoint
                .location
                .as_ref()
                .map(|location| format!(" · {location}"))
                .unwrap_or_default()
        ));
    }
    Ok(())
}
