//! `waybill detect`

use serde_json::json;
use waybill_couriers::Hints;
use waybill_model::TrackingNumber;

use crate::{cli::Detect, config::Config, failure::Failure, logs, node::couriers, terminal::say};

pub(super) fn run(command: &Detect) -> Result<(), Failure> {
    logs::start(command.common.log_format, Some("warn"));
    let couriers = couriers(&Config::load(command.common.config.as_deref())?)?;
    for text in &command.numbers {
        let (number, candidates, error) = match TrackingNumber::parse(text) {
            Ok(number) => {
                let candidates = couriers.detect(number.as_str(), &Hints::default());
                (number.to_string(), candidates, None)
            }
            Err(error) => (text.clone(), Vec::new(), Some(error.to_string())),
        };
        if command.json {
            let candidates: Vec<_> = candidates
                .iter()
                .map(|candidate| {
                    json!({
                        "slug": candidate.slug.as_str(),
                        "confidence": (candidate.confidence * 1000.0).round() / 1000.0,
                        "format": candidate.format,
                        "reason": candidate.reason,
                    })
                })
                .collect();
            say(format_args!(
                "{}",
                json!({ "tracking_number": number, "candidates": candidates, "error": error })
            ));
            continue;
        }
        say(&number);
        if let Some(error) = error {
            say(format_args!("  no tracking number: {error}"));
        } else if candidates.is_empty() {
            say("  no courier recognises it");
        }
        for candidate in candidates {
            say(format_args!(
                "  {:5.1} %  {:20}  {} ({})",
                candidate.confidence * 100.0,
                candidate.slug.as_str(),
                candidate.format,
                candidate.reason
            ));
        }
    }
    Ok(())
}
