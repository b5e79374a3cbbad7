//! The filters written in Rust: the meter itself, and bounded stand-ins for what jaq leaves unbounded.

use std::cell::Cell;

use jaq_core::{
    Bind, DataT, Exn, Lut, Native, RunPtr, ValX,
    box_iter::box_once,
    data::HasLut,
    native::{Fun, bome, unary, v},
};
use jaq_json::{Error, Num, Val};
use jaq_std::ValT as _;

use super::{hashes, value};

/// Steps a program may take: under a second of work, and several times what the reading of an answer
/// of the greatest size needs.
pub(super) const MAX_WORK: u64 = 20_000_000;
/// The least that a tick costs.
pub(super) const LEAST_TICK: u64 = 10;
/// How deep a value may nest that a program makes: far more than any reading, far less than what
/// exhausts a stack on the way down or when it is dropped.
const MAX_VALUE_DEPTH: usize = 200;
/// Bytes of a text that count as one step.
const BYTES_PER_STEP: usize = 8;
/// Bytes of a text that is searched, parsed as a number or read as a date.
const MODEST_BYTES: usize = 4096;
/// Largest number that is read as a date, in seconds: some thirty thousand years.
const MODEST_NUMBER: f64 = 1e12;
/// Bytes of a regular expression.
const PATTERN_BYTES: usize = 512;
/// How often a regular expression may repeat a part by count (`{3}`), multiplied over all counts.
const PATTERN_REPEATS: u64 = 200;

/// What running programs work on: jaq's values, and an allowance of steps.
pub(super) struct Metered;

/// The data of one run.
#[derive(Clone)]
pub(super) struct Run<'a> {
    pub lut: &'a Lut<Metered>,
    pub work_left: &'a Cell<u64>,
    /// What a tick costs: the terms of the longest definition.
    pub tick: u64,
}

impl DataT for Metered {
    type V<'a> = Val;
    type Data<'a> = Run<'a>;
}

impl<'a> HasLut<'a, Metered> for Run<'a> {
    fn lut(&self) -> &'a Lut<Metered> {
        self.lut
    }
}

/// A filter that lets its input through after paying for it; also in paths and updates.
macro_rules! check {
    ($weight:expr) => {
        Native::<Metered>::new(|cv| {
            let paid = spend(cv.0.data(), $weight(&cv.1, cv.0.data().tick));
            box_once(paid.map(|()| cv.1))
        })
        .with_paths(|cv| {
            let paid = spend(cv.0.data(), $weight(&cv.1.0, cv.0.data().tick));
            box_once(paid.map(|()| cv.1))
        })
        .with_update(|cv, update| {
            match spend(cv.0.data(), $weight(&cv.1, cv.0.data().tick)) {
                Ok(()) => update(cv.1),
                Err(stop) => box_once(Err(stop)),
            }
        })
    };
}
/// Name, arguments, and what is run.
type Other = (&'static str, Box<[Bind]>, RunPtr<Metered>);

/// Our own filters.
pub(super) fn filters() -> Vec<Fun<Metered>> {
    let checks: [(&'static str, Native<Metered>); 7] = [
        ("!tick", check!(|_: &Val, tick: u64| Ok(tick))),
        ("!length", check!(|value, _| Ok(length(value)))),
        (
            "!each",
            check!(|value, tick: u64| Ok(tick.saturating_mul(length(value)))),
        ),
        ("!weigh", check!(|value, _| Ok(deep_weight(value)))),
        (
            "!weigh_each",
            check!(|value, tick: u64| Ok(tick.saturating_mul(deep_weight(value)))),
        ),
        ("!modest", check!(|value, _| modest(value))),
        ("!pattern", check!(|value, _| pattern(value))),
    ];
    let others: [Other; 11] = [
        ("!multiply", v(2), |mut cv| {
            let right = cv.0.pop_var();
            let left = cv.0.pop_var();
            let product = spend(cv.0.data(), Ok(deep_weight(&left) + deep_weight(&right)))
                .and_then(|()| multiply(left, right).map_err(Exn::from));
            box_once(product)
        }),
        ("range", v(3), |mut cv| {
            let by = cv.0.pop_var();
            let to = cv.0.pop_var();
            let from = cv.0.pop_var();
            let run = cv.0.data().clone();
            let steps = Steps { next: from, to, by };
            Box::new(steps.map(move |step| {
                spend(&run, Ok(run.tick))?;
                step.map_err(Exn::from)
            }))
        }),
        ("contains", v(1), |cv| {
            unary(cv, |whole, part| match (&whole, &part) {
                (Val::TStr(whole), Val::TStr(part)) => Ok(Val::from(contains(whole, part))),
                _ => Err(Error::str("`contains` looks for a text in a text")),
            })
        }),
        // What follows is jq's own, which defines it by a dozen comparisons.
        ("null", v(0), |_| box_once(Ok(Val::Null))),
        ("true", v(0), |_| box_once(Ok(Val::Bool(true)))),
        ("false", v(0), |_| box_once(Ok(Val::Bool(false)))),
        ("not", v(0), |cv| {
            box_once(Ok(Val::Bool(matches!(cv.1, Val::Null | Val::Bool(false)))))
        }),
        ("type", v(0), |cv| {
            box_once(Ok(Val::from(kind(&cv.1).to_owned())))
        }),
        ("hash", v(2), |mut cv| {
            let encoding = cv.0.pop_var();
            let algorithm = cv.0.pop_var();
            bome(hashes::hash(&cv.1, &algorithm, &encoding))
        }),
        ("hmac", v(3), |mut cv| {
            let encoding = cv.0.pop_var();
            let key = cv.0.pop_var();
            let algorithm = cv.0.pop_var();
            bome(hashes::hmac(&cv.1, &algorithm, &key, &encoding))
        }),
        ("fromjson", v(0), |cv| {
            let text = cv.1.as_utf8_bytes().map(value::from_json_bytes);
            bome(match text {
                Some(Ok(value)) => Ok(value),
                Some(Err(reason)) => Err(Error::str(reason)),
                None => Ok(cv.1),
            })
        }),
    ];
    // No value, no path, and nothing to update.
    let empty = Native::<Metered>::new(|_| Box::new(std::iter::empty()))
        .with_paths(|_| Box::new(std::iter::empty()))
        .with_update(|cv, _| box_once(Ok(cv.1)));
    checks
        .into_iter()
        .chain([("empty", empty)])
        .map(|(name, native)| (name, v(0), native))
        .chain(
            others.into_iter().map(|(name, arguments, pointer)| {
                (name, arguments, Native::<Metered>::new(pointer))
            }),
        )
        .collect()
}

fn kind(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "boolean",
        Val::Num(_) => "number",
        Val::TStr(_) | Val::BStr(_) => "string",
        Val::Arr(_) => "array",
        Val::Obj(_) => "object",
    }
}

/// Pays; once the allowance is used up, ends the run in a way no program can catch.
fn spend<'a>(run: &Run<'_>, cost: Result<u64, Error>) -> Result<(), Exn<'a, Val>> {
    let left = run.work_left.get().checked_sub(cost?);
    run.work_left.set(left.unwrap_or(0));
    left.map(|_| ()).ok_or_else(|| Exn::halt(0))
}

/// Values and bytes inside a value, at any depth.
fn deep_weight(value: &Val) -> u64 {
    let mut weight = 0;
    add_weight(value, MAX_VALUE_DEPTH, &mut weight);
    weight
}

/// Stops counting where the allowance would be exceeded anyway; too deep counts as too much.
fn add_weight(value: &Val, depth: usize, weight: &mut u64) {
    *weight += 1;
    if depth == 0 {
        *weight = u64::MAX / 2;
    }
    if *weight > MAX_WORK {
        return;
    }
    match value {
        Val::TStr(text) | Val::BStr(text) => *weight += (text.len() / BYTES_PER_STEP) as u64,
        Val::Arr(items) => {
            for item in items.iter() {
                add_weight(item, depth - 1, weight);
                if *weight > MAX_WORK {
                    return;
                }
            }
        }
        Val::Obj(entries) => {
            for (key, value) in entries.iter() {
                add_weight(key, depth - 1, weight);
                add_weight(value, depth - 1, weight);
                if *weight > MAX_WORK {
                    return;
                }
            }
        }
        Val::Num(Num::BigInt(_) | Num::Dec(_)) => *weight += MODEST_BYTES as u64,
        Val::Num(_) | Val::Null | Val::Bool(_) => {}
    }
}

/// The work of one pass over a value, or of making a sum whose parts existed and were paid for.
fn length(value: &Val) -> u64 {
    1 + match value {
        Val::TStr(text) | Val::BStr(text) => (text.len() / BYTES_PER_STEP) as u64,
        Val::Arr(items) => items.len() as u64,
        Val::Obj(entries) => entries.len() as u64,
        _ => 0,
    }
}

fn modest(value: &Val) -> Result<u64, Error> {
    let small = match value {
        Val::TStr(text) | Val::BStr(text) => text.len() <= MODEST_BYTES,
        Val::Arr(items) => {
            items.len() <= MODEST_BYTES && items.iter().all(|item| modest(item).is_ok())
        }
        Val::Num(_) => value
            .as_f64()
            .is_some_and(|number| number.abs() <= MODEST_NUMBER),
        Val::Null | Val::Bool(_) => true,
        Val::Obj(_) => false,
    };
    if !small {
        return Err(Error::str(format_args!(
            "the value is too big for this filter ({MODEST_BYTES} bytes)"
        )));
    }
    Ok(deep_weight(value))
}

/// Small patterns whose counted repeats do not multiply: the matcher unrolls them.
fn pattern(value: &Val) -> Result<u64, Error> {
    let Some(text) = value.as_utf8_bytes() else {
        return Err(Error::str("a regular expression is a text"));
    };
    let repeats = text
        .split(|byte| *byte == b'{')
        .skip(1)
        .flat_map(|counts| counts.split(|byte| !byte.is_ascii_digit()).take(2))
        .filter(|digits| !digits.is_empty())
        .fold(1_u64, |product, digits| {
            let count = std::str::from_utf8(digits)
                .ok()
                .and_then(|it| it.parse().ok());
            product.saturating_mul(count.unwrap_or(u64::MAX).max(1))
        });
    if text.len() > PATTERN_BYTES || repeats > PATTERN_REPEATS {
        return Err(Error::str("the regular expression is too big"));
    }
    Ok(text.len() as u64 * repeats)
}

/// Numbers times numbers, never growing beyond a float, and objects merged. A text is not repeated.
fn multiply(left: Val, right: Val) -> Result<Val, Error> {
    match (&left, &right) {
        (Val::Num(_), Val::Num(_)) => {
            let exact = left.as_isize().zip(right.as_isize());
            let exact = exact.and_then(|(left, right)| left.checked_mul(right));
            let rounded = left.as_f64().zip(right.as_f64());
            let rounded = rounded.map_or(Val::Null, |(left, right)| Val::from(left * right));
            Ok(exact.map_or(rounded, Val::from))
        }
        (Val::Obj(_), Val::Obj(_)) => left * right,
        _ => Err(Error::str("only numbers and objects are multiplied")),
    }
}

fn contains(whole: &[u8], part: &[u8]) -> bool {
    match (std::str::from_utf8(whole), std::str::from_utf8(part)) {
        (Ok(whole), Ok(part)) => whole.contains(part),
        _ => false,
    }
}

/// `range`, one value at a time, so that each can be paid for.
struct Steps {
    next: Val,
    to: Val,
    by: Val,
}

impl Iterator for Steps {
    type Item = Result<Val, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let zero = Val::from(0_isize);
        let within = if self.by > zero {
            self.next < self.to
        } else {
            self.by < zero && self.next > self.to
        };
        if !within {
            return None;
        }
        let following = self.next.clone() + self.by.clone();
        match following {
            Ok(following) => Some(Ok(std::mem::replace(&mut self.next, following))),
            Err(error) => {
                self.next = self.to.clone();
                Some(Err(error))
            }
        }
    }
}

/// Checked here because `jaq`'s own item is what a filter hands back.
pub(super) type Item<'a> = ValX<'a, Val>;
