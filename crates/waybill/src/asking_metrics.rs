//! What `/metrics` tells of asking couriers.

use std::{collections::BTreeMap, fmt::Write as _};

use waybill_polling::{Asker, Canary, Histogram};
use waybill_storage::{PollCount, PollOutcome, SpentRow};

/// Shares, budgets, who is down and how old what was known was. Writing to a string cannot fail.
pub fn text(asker: &Asker, counts: &[PollCount], spent: &[SpentRow]) -> String {
    let mut text = String::from(
        "# HELP waybill_parse_rate_today Share of couriers' answers since midnight UTC that could be read.\n\
         # TYPE waybill_parse_rate_today gauge\n",
    );
    for (slug, rate) in parse_rates(counts) {
        let _ = writeln!(
            text,
            "waybill_parse_rate_today{{courier=\"{slug}\"}} {rate}"
        );
    }
    text += "# HELP waybill_budget_spent_today Requests taken of daily budgets since midnight UTC, by courier and connection.\n\
             # TYPE waybill_budget_spent_today gauge\n";
    for row in spent {
        let _ = writeln!(
            text,
            "waybill_budget_spent_today{{{}}} {}",
            labels(&row.name),
            row.spent
        );
    }
    text += "# HELP waybill_courier_down Whether a courier counts as down (1) or not (0), as far as this process asked it.\n\
             # TYPE waybill_courier_down gauge\n";
    for (name, is_down) in asker.down() {
        let _ = writeln!(
            text,
            "waybill_courier_down{{{}}} {}",
            labels(&name),
            u8::from(is_down)
        );
    }
    text += &canaries(&asker.canaries());
    text += "# HELP waybill_staleness_seconds How old what was known of a parcel was when its courier answered again.\n\
             # TYPE waybill_staleness_seconds histogram\n";
    for (slug, histogram) in asker.staleness() {
        write_histogram(&mut text, &slug, &histogram);
    }
    text
}

fn canaries(all: &[(String, Canary)]) -> String {
    let mut text = String::from(
        "# HELP waybill_canary_askings_total Askings for couriers' canaries since this process started, by outcome.\n\
         # TYPE waybill_canary_askings_total counter\n",
    );
    for (slug, canary) in all {
        for (outcome, count) in &canary.askings {
            let _ = writeln!(
                text,
                "waybill_canary_askings_total{{courier=\"{slug}\",outcome=\"{outcome}\"}} {count}"
            );
        }
    }
    text += "# HELP waybill_canary_events Events in the newest answer for a courier's canary; 0 where none could be read.\n\
             # TYPE waybill_canary_events gauge\n";
    for (slug, canary) in all {
        if let Some(events) = canary.events {
            let _ = writeln!(text, "waybill_canary_events{{courier=\"{slug}\"}} {events}");
        }
    }
    text
}

fn parse_rates(counts: &[PollCount]) -> BTreeMap<&str, f64> {
    let mut answers: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for count in counts {
        let (read, all) = answers.entry(count.slug.as_str()).or_default();
        match count.outcome {
            PollOutcome::CouldNotAsk => continue,
            PollOutcome::CouldNotRead => {}
            _ => *read += count.count,
        }
        *all += count.count;
    }
    let answered = answers.into_iter().filter(|(_, (_, all))| *all > 0);
    answered
        .map(|(slug, (read, all))| (slug, read as f64 / all as f64))
        .collect()
}

/// Whose limits they are: the courier's, or those of an organization's own connection to it.
fn labels(name: &str) -> String {
    match name.split_once(' ') {
        Some((slug, connection)) => format!("courier=\"{slug}\",connection=\"{connection}\""),
        None => format!("courier=\"{name}\""),
    }
}

fn write_histogram(text: &mut String, slug: &str, histogram: &Histogram) {
    let mut count = 0;
    for (end, below) in histogram.cumulative() {
        let end = end.map_or_else(|| "+Inf".to_owned(), |seconds| seconds.to_string());
        let _ = writeln!(
            text,
            "waybill_staleness_seconds_bucket{{courier=\"{slug}\",le=\"{end}\"}} {below}"
        );
        count = below;
    }
    let sum = histogram.sum;
    let _ = writeln!(
        text,
        "waybill_staleness_seconds_sum{{courier=\"{slug}\"}} {sum}\n\
         waybill_staleness_seconds_count{{courier=\"{slug}\"}} {count}"
    );
}

#[cfg(test)]
mod tests {
    use waybill_model::CourierSlug;

    use super::*;

    #[test]
    fn a_request_that_had_no_answer_says_nothing_of_the_reading() {
        let count = |slug: &str, outcome, count| PollCount {
            day: 0,
            slug: CourierSlug::parse(slug).expect("a slug"),
            outcome,
            count,
        };
        let counts = [
            count("acme", PollOutcome::Ok, 6),
            count("acme", PollOutcome::UnknownToCourier, 3),
            count("acme", PollOutcome::CouldNotRead, 3),
            count("acme", PollOutcome::CouldNotAsk, 50),
            count("gone", PollOutcome::CouldNotAsk, 50),
        ];
        let rates: Vec<_> = parse_rates(&counts).into_iter().collect();
        assert_eq!(rates, [("acme", 0.75)]);
    }

    #[test]
    fn an_organizations_own_account_is_told_apart() {
        assert_eq!(labels("dhl"), "courier=\"dhl\"");
        assert_eq!(labels("dhl 7f"), "courier=\"dhl\",connection=\"7f\"");
    }
}
