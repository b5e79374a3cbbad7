//! Recall and false acceptance: on public tracking numbers and on S10 numbers of every post, where those
//! lists lie beside the checkout, and on the formats' own examples with every other check digit.

use std::collections::BTreeMap;
use std::path::Path;

use waybill_couriers::{Check, Couriers, Hints, SURE};

/// Of the numbers that are a courier's, at least this share must name it.
const LEAST_RECALL: f64 = 0.98;
/// At least this share must name it first.
const LEAST_FIRST: f64 = 0.93;
/// The recall of one courier, on average over couriers.
const LEAST_MEAN_RECALL: f64 = 0.97;
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
    let shares = figures.values().filter(|it| it.right > 0);
    let shares: Vec<f64> = shares
        .map(|it| f64::from(it.found) / f64::from(it.right))
        .collect();
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let first = f64::from(all.first) / f64::from(all.right);
    println!(
        "first {first:.4} · mean recall of {} couriers {mean:.4}",
        shares.len()
    );
    assert!(recall >= LEAST_RECALL, "recall {recall}");
    assert!(mean >= LEAST_MEAN_RECALL, "mean recall {mean}");
    assert!(first >= LEAST_FIRST, "first {first}");
    assert!(
        accepted <= MOST_WRONGLY_ACCEPTED,
        "wrongly accepted {accepted}"
    );
    assert!(
        average <= MOST_CANDIDATES,
        "{average} candidates on average"
    );
}

/// Bounds of the bins in which confidence is compared with how often it was right.
const BINS: [f64; 5] = [0.0, 0.2, 0.5, 0.8, SURE];
/// How far the two may be apart on average, weighed by candidates.
const MOST_MISCALIBRATED: f64 = 0.08;
/// Who is sure is right at least so often.
const LEAST_RIGHT_WHEN_SURE: f64 = 0.97;

/// What candidates of some confidence came to.
#[derive(Default)]
struct Bin {
    candidates: f64,
    confidence: f64,
    right: f64,
}

/// Confidence is a probability: of candidates that were given so much, about that share is right. Both
/// halves of the list, told apart by a hash of the number, are held against it; nothing is fitted to
/// either.
#[test]
fn confidence_is_how_often_it_is_right() {
    let list =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/numbers_public.csv");
    let Ok(mut rows) = csv::Reader::from_path(&list) else {
        return;
    };
    let couriers = Couriers::embedded().unwrap();
    // A number can have several right couriers.
    let mut right: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.records() {
        let row = row.unwrap();
        if &row[2] == "1" && couriers.get(&row[1]).is_some() {
            let slugs = right.entry(row[0].to_owned()).or_default();
            slugs.push(row[1].to_owned());
        }
    }
    for half in [0, 1] {
        let in_half = |number: &str| {
            let hash = number
                .bytes()
                .fold(7_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte));
            (hash >> 3) % 2 == half
        };
        let mut bins: [Bin; BINS.len()] = Default::default();
        for (number, slugs) in right.iter().filter(|(number, _)| in_half(number)) {
            for it in couriers.detect(number, &Hints::default()) {
                let place = BINS.iter().rposition(|from| it.confidence >= *from);
                let bin = &mut bins[place.unwrap()];
                bin.candidates += 1.0;
                bin.confidence += it.confidence;
                let is_right = slugs.iter().any(|slug| *slug == it.slug.as_str());
                bin.right += f64::from(u8::from(is_right));
            }
        }
        for (from, bin) in BINS.iter().zip(&bins) {
            println!(
                "half {half}, from {from}: {} candidates, confidence {:.3}, right {:.3}",
                bin.candidates,
                bin.confidence / bin.candidates,
                bin.right / bin.candidates
            );
        }
        let candidates: f64 = bins.iter().map(|bin| bin.candidates).sum();
        let apart: f64 = bins.iter().map(|it| (it.confidence - it.right).abs()).sum();
        let apart = apart / candidates;
        println!("half {half}: {apart:.3} apart on average");
        assert!(apart <= MOST_MISCALIBRATED, "half {half}: {apart}");
        let sure = &bins[BINS.len() - 1];
        let sure = sure.right / sure.candidates;
        assert!(sure >= LEAST_RIGHT_WHEN_SURE, "half {half}: {sure}");
    }
}

/// Numbers of each post for [`s10_numbers_of_every_post`].
const NUMBERS_OF_A_POST: u64 = 10;

/// Half of the numbers are right; of each, nine more have another check digit.
#[test]
fn s10_numbers_of_every_post() {
    let list =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/s10_countries.json");
    let Ok(text) = std::fs::read_to_string(&list) else {
        return;
    };
    let posts: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let couriers = Couriers::embedded().unwrap();
    let check = Check::s10();
    let mut figures = Figures::default();
    for post in &posts {
        let (Some(country), Some(slug)) = (post["iso2"].as_str(), post["slug"].as_str()) else {
            continue;
        };
        if couriers
            .get(slug)
            .is_none_or(|it| it.definition.numbers.is_empty())
        {
            continue;
        }
        let offered = |number: &str| {
            let found = couriers.detect(number, &Hints::default());
            found.iter().position(|it| it.slug.as_str() == slug)
        };
        for n in 0..NUMBERS_OF_A_POST {
            // A multiplier without common factors spreads the serials over their eight digits.
            let serial = (n + 1) * 48_271_829 % 100_000_000;
            let service = char::from(b'A' + (n % 26) as u8);
            let blank = format!("R{service}{serial:08}0{country}");
            let Some(right) = check.expected(blank.as_bytes()) else {
                panic!("{blank} is no S10 number");
            };
            for digit in b'0'..=b'9' {
                let number = format!("R{service}{serial:08}{}{country}", char::from(digit));
                let place = offered(&number);
                if digit == right {
                    figures.right += 1;
                    figures.found += u32::from(place.is_some());
                    figures.first += u32::from(place == Some(0));
                } else {
                    figures.wrong += 1;
                    figures.accepted += u32::from(place.is_some());
                }
            }
        }
    }
    println!(
        "S10: {} of {} found, {} first · {} of {} with a wrong check digit accepted",
        figures.found, figures.right, figures.first, figures.accepted, figures.wrong
    );
    assert!(f64::from(figures.found) >= LEAST_RECALL * f64::from(figures.right));
    assert!(f64::from(figures.accepted) <= MOST_WRONGLY_ACCEPTED * f64::from(figures.wrong));
}

#[test]
fn examples_with_another_check_digit() {
    let couriers = Couriers::embedded().unwrap();
    let (mut wrong, mut accepted) = (0, 0);
    for courier in couriers.all() {
        let formats = courier
            .definition
            .numbers
            .iter()
            .filter(|it| !it.unverified);
        for (format, check) in formats.filter_map(|it| Some((it, it.check.as_ref()?))) {
            for example in &format.examples {
                let at = example.len() - check.after - 1;
                for digit in '0'..='9' {
                    let mut number = example.clone();
                    number.replace_range(at..=at, &digit.to_string());
                    if check.agrees(number.as_bytes()) {
                        continue;
                    }
                    wrong += 1;
                    let found = couriers.detect(&number, &Hints::default());
                    if let Some(it) = found.iter().find(|it| it.slug == *courier.slug()) {
                        accepted += 1;
                        println!("{number}: {} as {} ({})", it.slug, it.format, it.reason);
                    }
                }
            }
        }
    }
    println!("examples: {accepted} of {wrong} with a wrong check digit accepted");
    // Some couriers have a second format of the same length without a check digit.
    assert!(
        f64::from(accepted) <= 0.1 * f64::from(wrong),
        "{accepted} of {wrong}"
    );
}
