//! `waybill couriers try`

use std::process::ExitCode;

use jiff::SignedDuration;
use waybill_couriers::{Outcome, Query};
use waybill_model::TrackingNumber;

use super::super::open;
use crate::{cli::Try, failure::Failure, terminal::say};

/// The testing courier's parcels start when they are made; here, a day ago.
const MADE_AGO: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn run(command: Try) -> Result<ExitCode, Failure> {
    let number = TrackingNumber::parse(&command.number).map_err(|error| {
        Failure::usage(format!(
            "`{}` is no tracking number: {error}",
            command.number
        ))
    })?;
    let node = open(&command.common).await?;
    let couriers = node.service.couriers();
    let courier = couriers.get(&command.slug).ok_or_else(|| {
        Failure::usage(format!(
            "there is no courier `{}`; `waybill couriers list` shows them",
            command.slug
        ))
    })?;
    let now = node.service.now();
    let query = Query {
        destination_postal_code: command.postal_code,
        ..Query::new(number.to_string(), now - MADE_AGO, now)
    };
    let trial = node.asker.try_once(courier, &query).await;
    let trial = trial.map_err(Failure::failed)?;
    say(&trial.request);
    trial.request_headers.iter().for_each(say);
    if let Some(body) = &trial.request_body {
        say(format_args!("\n{body}"));
    }
    say(format_args!("\nHTTP {}", trial.status));
    trial.headers.iter().for_each(say);
    say(format_args!("\n{}\n", trial.body));
    let reading = serde_json::to_string_pretty(&trial.outcome)
        .map_err(|error| Failure::failed(error.to_string()))?;
    say(reading);
    let learned = matches!(
        trial.outcome,
        Outcome::Reading(_) | Outcome::NoDataYet { .. } | Outcome::UnknownToCourier { .. }
    );
    Ok(ExitCode::from(u8::from(!learned)))
}
