//! `waybill detect`

use serde_json::json;
use waybill_couriers::{Candidate, Hints, SURE};
use waybill_model::{CountryCode, TrackingNumber};

use crate::{cli::Detect, config::Config, failure::Failure, logs, node::couriers, terminal::say};

pub(super) fn run(command: &Detect) -> Result<(), Failure> {
    logs::start(command.common.log_format, Some("warn"));
    let couriers = couriers(&Config::load(command.common.config.as_deref())?)?;
    let hints = Hints {
        origin: country("--origin", command.origin.as_deref())?,
        destination: country("--destination", command.destination.as_deref())?,
        postal_code: command.postal_code.clone(),
        ..Hints::default()
    };
    for text in &command.numbers {
        let (number, candidates, error) = match TrackingNumber::parse(text) {
            Ok(number) => {
                let candidates = couriers.detect(number.as_str(), &hints);
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
        show(&candidates);
    }
    Ok(())
}

fn show(candidates: &[Candidate]) {
    for candidate in candidates {
        say(format_args!(
            "  {:5.1} %  {:20}  {} ({})",
            candidate.confidence * 100.0,
            candidate.slug.as_str(),
            candidate.format,
            candidate.reason
        ));
    }
    let is_open = candidates.first().is_some_and(|it| it.confidence < SURE);
    if is_open {
        say(format_args!(
            "  under {:.0} %: the others are asked before a tracking's courier is settled",
            SURE * 100.0
        ));
    }
}

fn country(flag: &str, code: Option<&str>) -> Result<Option<CountryCode>, Failure> {
    let parse = |code: &str| {
        CountryCode::parse(&code.to_uppercase()).ok_or_else(|| {
            let mend = "use three letters, such as DEU";
            Failure::usage(format!("{flag}: `{code}` is no country; {mend}"))
        })
    };
    code.map(parse).transpose()
}
