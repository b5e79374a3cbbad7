//! `waybill detect`

use serde_json::json;
use waybill_couriers::Hints;
use waybill_model::TrackingNumber;

use crate::{cli::Detect, config::Config, failure::Failure, logs, node::couriers};

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
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
            println!(
                "{}",
                json!({ "tracking_number": number, "candidates": candidates, "error": error })
            );
            continue;
        }
        println!("{number}");
        if let Some(error) = error {
            println!("  no tracking number: {error}");
        } else if candidates.is_empty() {
            println!("  no courier recognises it");
        }
        for candidate in candidates {
            println!(
                "  {:5.1} %  {:20}  {} ({})",
                candidate.confidence * 100.0,
                candidate.slug.as_str(),
                candidate.format,
                candidate.reason
            );
        }
    }
    Ok(())
}
