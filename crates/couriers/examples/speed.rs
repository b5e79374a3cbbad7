//! How long the pure work takes on this machine: `cargo run --release -p waybill-couriers --example speed`.
//! Prints the median time of reading an answer for each courier, and of detecting a number.

#![expect(clippy::print_stdout, reason = "it prints figures")]

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use waybill_couriers::{Couriers, Hints};

/// How often each answer is read.
const ROUNDS: usize = 40;

fn main() {
    let began = Instant::now();
    let couriers = match Couriers::embedded() {
        Ok(couriers) => couriers,
        Err(error) => return println!("{error}"),
    };
    println!("loaded in {:?}", began.elapsed());
    let mut medians = BTreeMap::new();
    for courier in couriers.all() {
        for sample in &courier.samples {
            let mut times: Vec<u128> = (0..ROUNDS)
                .map(|_| {
                    let start = Instant::now();
                    black_box(courier.read_file(&sample.name, &sample.body));
                    start.elapsed().as_nanos()
                })
                .collect();
            let name = format!("{}/{}", courier.slug(), sample.name);
            medians.insert(name, (median(&mut times), sample.body.len()));
        }
    }
    for (name, (nanoseconds, bytes)) in &medians {
        println!("{:8.1} µs  {bytes:6} B  {name}", *nanoseconds as f64 / 1e3);
    }
    let mut all: Vec<u128> = medians.values().map(|(time, _)| *time).collect();
    println!(
        "{:8.1} µs  median of {} answers",
        median(&mut all) as f64 / 1e3,
        all.len()
    );
    let examples: Vec<&String> = couriers
        .all()
        .flat_map(|courier| &courier.definition.numbers)
        .flat_map(|format| &format.examples)
        .collect();
    let mut times: Vec<u128> = examples
        .iter()
        .map(|number| {
            let start = Instant::now();
            for _ in 0..ROUNDS {
                black_box(couriers.detect(number, &Hints::default()));
            }
            start.elapsed().as_nanos() / ROUNDS as u128
        })
        .collect();
    println!(
        "{:8} ns  median of {} detections",
        median(&mut times),
        times.len()
    );
}

fn median(times: &mut [u128]) -> u128 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or(0)
}
