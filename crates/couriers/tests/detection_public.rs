//! Recall and false acceptance on public tracking numbers, where that list lies beside the checkout.

use std::collections::BTreeMap;
use std::path::Path;

use waybill_couriers::{Couriers, Hints};

/// Of the numbers that are a courier's, at least this share must name it.
const LEAST_RECALL: f64 = 0.98;
/// Of the numbers that are not a courier's (wrong check digit or length), at most this share may.
const MOST_WRONGLY_ACCEPTED: f64 = 0.01;
/// More candidates than this on average would be guessing.
const MOST_CANDIDATES: f64 = 2.0;

#[derive(Default)]
struct Figures {
    right: u32,
    found: u32,
    first: u32,
    wrong: u32,
    accepted: u32,
}

#[test]
fn public_numbers() {
    let list =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/numbers_public.csv");
    let Ok(mut rows) = csv::Reader::from_path(&list) else {
        return;
    };
    let couriers = Couriers::embedded().unwrap();
    let mut figures: BTreeMap<String, Figures> = BTreeMap::new();
    let (mut numbers, mut candidates) = (0, 0);
    for row in rows.records() {
        let row = row.unwrap();
        let (number, slug, valid) = (&row[0], &row[1], &row[2] == "1");
        if couriers.get(slug).is_none() {
            continue;
        }
        let offered = couriers.detect(number, &Hints::default());
        let place = offered
            .iter()
            .position(|candidate| candidate.slug.as_str() == slug);
        let figure = figures.entry(slug.to_owned()).or_default();
        if valid {
            numbers += 1;
            candidates += offered.len();
            figure.right += 1;
            figure.found += u32::from(place.is_some());
            figure.first += u32::from(place == Some(0));
        } else {
            figure.wrong += 1;
            figure.accepted += u32::from(place.is_some());
        }
        if valid != place.is_some() {
            println!("{number}: {slug} expected {valid}, offered {offered:?}");
        }
    }
    let mut all = Figures::default();
    for (slug, figure) in &figures {
        println!(
            "{slug:20} right {:3} found {:3} first {:3} · wrong {:3} accepted {}",
            figure.right, figure.found, figure.first, figure.wrong, figure.accepted
        );
        all.right += figure.right;
        all.found += figure.found;
        all.first += figure.first;
        all.wrong += figure.wrong;
        all.accepted += figure.accepted;
    }
    let recall = f64::from(all.found) / f64::from(all.right);
    let accepted = f64::from(all.accepted) / f64::from(all.wrong);
    let average = candidates as f64 / f64::from(numbers);
    println!(
        "recall {recall:.4} ({} of {}, {} first) · wrongly accepted {accepted:.4} ({} of {}) · {average:.2} candidates",
        all.found, all.right, all.first, all.accepted, all.wrong
    );
    assert!(recall >= LEAST_RECALL, "recall {recall}");
    assert!(
        accepted <= MOST_WRONGLY_ACCEPTED,
        "wrongly accepted {accepted}"
    );
    assert!(
        average <= MOST_CANDIDATES,
        "{average} candidates on average"
    );
}
