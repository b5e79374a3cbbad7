//! What is printed.

use std::{fmt::Write, ops::RangeInclusive};

use crate::{
    contest::{Contest, FIXED_HOURS},
    journeys::Kind,
    judge,
    run::Outcome,
};

const KINDS: [(&str, &[Kind]); 4] = [
    ("delivered, failed", &[Kind::Delivered, Kind::Failed]),
    ("waiting, collected", &[Kind::Waiting, Kind::Collected]),
    (
        "exceptions",
        &[Kind::Exception, Kind::Customs, Kind::Returned],
    ),
    (
        "other scans",
        &[
            Kind::Label,
            Kind::Pickup,
            Kind::Hub,
            Kind::Depot,
            Kind::Out,
            Kind::Cleared,
        ],
    ),
];

/// The table of one seed.
pub fn seed(seed: u64, contests: &[Contest]) -> String {
    let mut text = format!(
        "seed {seed}: weighed delays in minutes from when the interface could tell (from the event: in brackets)\n\
         {:15} {:16} {:>6} {:>7} {:>7} {:>9}",
        "courier", "cadence", "calls", "median", "P90", "of event"
    );
    for (name, _) in KINDS {
        let _ = write!(text, " {name:>19}");
    }
    text.push('\n');
    for contest in contests {
        for (hours, outcome) in FIXED_HOURS.iter().zip(&contest.fixed) {
            line(&mut text, contest, &format!("every {hours} h"), outcome);
        }
        line(&mut text, contest, "learned", &contest.equal_calls.1);
    }
    text
}

fn line(text: &mut String, contest: &Contest, name: &str, outcome: &Outcome) {
    let _ = write!(
        text,
        "{:15} {name:16} {:6.1} {:7.0} {:7.0} {:9}",
        contest.slug,
        outcome.calls as f64 / contest.parcels as f64,
        judge::median(outcome),
        judge::p90(outcome),
        format!(
            "({:.0})",
            judge::quantile(&outcome.told, 0.5, |told| told.since_event)
        ),
    );
    for (_, kinds) in KINDS {
        let _ = write!(text, " {:19.0}", judge::median_of(outcome, kinds));
    }
    let _ = writeln!(text, "   fullest budget {:.2}", outcome.fullest);
}

/// What all seeds come to, per courier: never averaged over couriers, whose budgets differ. Medians over the seeds, and
/// from the least to the most.
pub fn summary(all: &[Vec<Contest>]) -> String {
    let mut text = String::from(
        "| Courier | Calls a parcel, every 3 h | Median delay at equal calls | P90 | Calls at equal median | Price at equal calls | Fullest budget | Budgets exceeded |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let couriers = all.first().map_or(0, Vec::len);
    for index in 0..couriers {
        let contests: Vec<&Contest> = all.iter().filter_map(|seed| seed.get(index)).collect();
        let spread = |value: fn(&Contest) -> f64| spread(contests.iter().map(|it| value(it)));
        let delay = spread(Contest::delay_ratio);
        let calls = spread(Contest::calls_ratio);
        let fullest = spread(|contest| contest.fullest);
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.2} ({:.2} to {:.2}) | {:.2} | {:.2} ({:.2} to {:.2}) | {:.2} | {:.2} | {} |",
            contests.first().map_or("", |contest| contest.slug),
            spread(Contest::calls).0,
            delay.0,
            delay.1.start(),
            delay.1.end(),
            spread(Contest::p90_ratio).0,
            calls.0,
            calls.1.start(),
            calls.1.end(),
            spread(|contest| contest.equal_calls.0).0,
            fullest.1.end(),
            contests
                .iter()
                .filter(|contest| contest.fullest > 1.0)
                .count(),
        );
    }
    text
}

/// Median (the worse of the middle two), and from the least to the most.
fn spread(values: impl Iterator<Item = f64>) -> (f64, RangeInclusive<f64>) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    (
        at(values.len() / 2),
        at(0)..=at(values.len().saturating_sub(1)),
    )
}
