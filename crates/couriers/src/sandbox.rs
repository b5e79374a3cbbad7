//! The courier that answers from a script: `testing-courier`, for demonstrations, tests and other
//! people's integrations. Pure: what it answers is a function of the number and two moments.
//!
//! A number is `<script>-<minutes>-<anything>`, as in `ITOD-3-6436426452526` or `I001T001E010E011-1-643642`.
//! The n-th step of the script comes n × minutes after the tracking was made. The last part may begin
//! with a fault to rehearse, as in `ITOD-1-OUTOFORDER77`.

use jiff::{SignedDuration, Timestamp, tz::Offset};
use serde_json::{Value, json};
use waybill_model::{EventTime, SubStatus};

/// The slug of the courier that answers from a script.
pub const SLUG: &str = "testing-courier";

/// Steps of a script.
const MAX_STEPS: usize = 10;
/// Minutes between two steps.
const MAX_MINUTES: u32 = 20;
/// Real seconds that may pass for a minute of a script: an hour is slow motion enough.
const MAX_SECONDS_PER_MINUTE: f64 = 3_600.0;
/// Where the request is sent; [`asked`] reads the rest.
const ADDRESS: &str = "sandbox://testing-courier/track?";

/// Letter of a script → the tag its sub-statuses belong to.
const LETTERS: [(char, &str); 7] = [
    ('I', "InfoReceived"),
    ('T', "InTransit"),
    ('O', "OutForDelivery"),
    ('E', "Exception"),
    ('D', "Delivered"),
    ('F', "AttemptFail"),
    ('A', "AvailableForPickup"),
];

/// First letters of a number's last part → the fault they rehearse.
const FAULTS: [(&str, Fault); 8] = [
    ("NOTFOUND", Fault::NotFound),
    ("ERROR", Fault::Error),
    ("SLOW", Fault::Slow),
    ("GARBLED", Fault::Garbled),
    ("OUTOFORDER", Fault::OutOfOrder),
    ("DUPLICATES", Fault::Duplicates),
    ("LATE", Fault::Late),
    ("NOCLOCK", Fault::NoClock),
];

/// A place of the script's parcels. As many as a script has steps, so that no two scans share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Town.
    pub city: &'static str,
    /// State.
    pub state: &'static str,
    /// Postal code.
    pub postal_code: &'static str,
    /// Country, alpha-2.
    pub country: &'static str,
}

/// Where the n-th step happens.
pub const PLACES: [Place; MAX_STEPS] = [
    place("Portland", "OR", "97209"),
    place("Boise", "ID", "83702"),
    place("Salt Lake City", "UT", "84101"),
    place("Denver", "CO", "80202"),
    place("Omaha", "NE", "68102"),
    place("Des Moines", "IA", "50309"),
    place("Chicago", "IL", "60607"),
    place("Cleveland", "OH", "44114"),
    place("Buffalo", "NY", "14203"),
    place("Albany", "NY", "12207"),
];

const fn place(city: &'static str, state: &'static str, postal_code: &'static str) -> Place {
    Place {
        city,
        state,
        postal_code,
        country: "US",
    }
}

/// What happens to a parcel, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    steps: Vec<SubStatus>,
}

/// A number of the testing courier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxNumber {
    /// What happens.
    pub script: Script,
    /// Minutes between two steps, 1 to 20.
    pub minutes: u32,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// The last part of the number, fault included.
    pub rest: String,
}

/// What can go wrong with a courier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not know the number.
    NotFound,
    /// It has an outage.
    Error,
    /// It answers after the time limit.
    Slow,
    /// It answers with something else than an answer.
    Garbled,
    /// It lists scans in no order.
    OutOfOrder,
    /// It lists each scan twice.
    Duplicates,
    /// It tells each scan one interval after it happened.
    Late,
    /// It knows days and no clock.
    NoClock,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxAnswer {
    /// This.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Vec<u8>,
    },
    /// Nothing before the time limit.
    TimedOut,
}

/// One step of a script, at its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When it happens.
    pub at: Timestamp,
    /// What happens.
    pub sub_status: SubStatus,
    /// Where it happens.
    pub place: Place,
}

impl Script {
    /// Reads `ITOD` or `I001T001E010E011`: letters of tags, each perhaps with the digits of a
    /// sub-status that exists, at most ten.
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let (_, tag) = LETTERS.iter().find(|(own, _)| *own == letter)?;
            rest = rest.get(1..)?;
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            let digits = match length {
                0 => "001",
                3 => rest.get(..3)?,
                _ => return None,
            };
            rest = rest.get(length..)?;
            steps.push(SubStatus::parse(&format!("{tag}_{digits}"))?);
        }
        (1..=MAX_STEPS)
            .contains(&steps.len())
            .then_some(Self { steps })
    }

    /// The steps' sub-statuses, in order.
    pub fn steps(&self) -> &[SubStatus] {
        &self.steps
    }

    /// The steps at their moments: the n-th (from 0) at `begin` + n × `interval`.
    pub fn timetable(&self, begin: Timestamp, interval: SignedDuration) -> Vec<Step> {
        let mut at = begin;
        let mut timetable = Vec::with_capacity(self.steps.len());
        for (sub_status, place) in self.steps.iter().zip(PLACES) {
            timetable.push(Step {
                at,
                sub_status: *sub_status,
                place,
            });
            at = at.saturating_add(interval).unwrap_or(at);
        }
        timetable
    }
}

impl SandboxNumber {
    /// Reads a number, in upper case.
    pub fn parse(number: &str) -> Option<Self> {
        let (script, rest) = number.split_once('-')?;
        let (minutes, rest) = rest.split_once('-')?;
        if rest.is_empty()
            || !minutes.bytes().all(|byte| byte.is_ascii_digit())
            || minutes.len() > 2
        {
            return None;
        }
        let minutes = minutes
            .parse()
            .ok()
            .filter(|it| (1..=MAX_MINUTES).contains(it))?;
        let fault = FAULTS.iter().find(|(word, _)| rest.starts_with(word));
        Some(Self {
            script: Script::parse(script)?,
            minutes,
            fault: fault.map(|(_, fault)| *fault),
            rest: rest.to_owned(),
        })
    }
}

/// Real time for so many minutes of a script, at least a millisecond. What makes no sense as a speed
/// counts as real time.
pub fn interval(minutes: u32, seconds_per_minute: f64) -> SignedDuration {
    let sensible = seconds_per_minute > 0.0 && seconds_per_minute <= MAX_SECONDS_PER_MINUTE;
    let seconds = if sensible { seconds_per_minute } else { 60.0 };
    let milliseconds = (f64::from(minutes) * seconds * 1_000.0).round();
    SignedDuration::from_millis((milliseconds as i64).max(1))
}

/// The number and the creation a request of the testing courier asks about.
pub fn asked(url: &str) -> Option<(String, Timestamp)> {
    // Whatever the host is replaced by, the parameters stay.
    let (_, parameters) = url.split_once('?')?;
    let parameter = |name: &str| {
        let mut pairs = parameters
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(own, _)| *own == name)
            .and_then(|(_, value)| percent_decoded(value))
    };
    Some((parameter("number")?, parameter("created_at")?.parse().ok()?))
}

/// The address for a number, as the testing courier's `request.jq` makes it.
pub fn address(number: &str, created_at: Timestamp) -> String {
    let number = crate::courier::percent_encoded(number);
    let created_at = crate::courier::percent_encoded(&created_at.to_string());
    format!("{ADDRESS}number={number}&created_at={created_at}")
}

/// What the testing courier answers at `now` about a number whose tracking was made at `created_at`.
pub fn answer(
    number: &str,
    created_at: Timestamp,
    now: Timestamp,
    seconds_per_minute: f64,
) -> SandboxAnswer {
    let unknown = || {
        json_answer(
            404,
            &json!({"error": {"code": "unknown_number", "message": "No such number"}}),
        )
    };
    let Some(parsed) = SandboxNumber::parse(number) else {
        return unknown();
    };
    match parsed.fault {
        Some(Fault::NotFound) => return unknown(),
        Some(Fault::Error) => {
            return json_answer(
                503,
                &json!({"error": {"code": "outage", "message": "Out of order"}}),
            );
        }
        Some(Fault::Slow) => return SandboxAnswer::TimedOut,
        _ => {}
    }
    let interval = interval(parsed.minutes, seconds_per_minute);
    let delay = match parsed.fault {
        Some(Fault::Late) => interval,
        _ => SignedDuration::ZERO,
    };
    let told_at = |step: &Step| step.at.saturating_add(delay).unwrap_or(step.at);
    let first = created_at.saturating_add(interval).unwrap_or(created_at);
    let timetable = parsed.script.timetable(first, interval);
    let told = timetable
        .iter()
        .take_while(|step| told_at(step) <= now)
        .count();
    let mut events: Vec<Value> = timetable
        .iter()
        .take(told)
        .map(|step| event(step, parsed.fault))
        .collect();
    match parsed.fault {
        Some(Fault::OutOfOrder) => scramble(&mut events),
        Some(Fault::Duplicates) => {
            events = events
                .into_iter()
                .flat_map(|event| [event.clone(), event])
                .collect();
        }
        _ => {}
    }
    let next = timetable.get(told).map(|step| printed(told_at(step)));
    let body = json!({"number": number, "events": events, "next_event_at": next});
    if parsed.fault == Some(Fault::Garbled) {
        return garbled(&body);
    }
    json_answer(200, &body)
}

fn event(step: &Step, fault: Option<Fault>) -> Value {
    let Step {
        at,
        sub_status,
        place,
    } = step;
    let time = match fault {
        Some(Fault::NoClock) => EventTime::from_timestamp(*at).date.to_string(),
        _ => printed(*at),
    };
    json!({
        "code": sub_status.code(),
        "time": time,
        "text": sub_status.message(),
        "city": place.city,
        "state": place.state,
        "postal_code": place.postal_code,
        "country": place.country,
    })
}

/// The last first, then the first, and so on: never in order from two on, and always the same way.
fn scramble(events: &mut [Value]) {
    events.reverse();
    let length = events.len();
    for at in (1..length.saturating_sub(1)).step_by(2) {
        events.swap(at, at + 1);
    }
}

/// Half of the numbers get the page of a load balancer, half the first part of an answer.
fn garbled(body: &Value) -> SandboxAnswer {
    let text = body.to_string();
    let body = if text.len().is_multiple_of(2) {
        b"<!DOCTYPE html><html><body><h1>Please wait</h1></body></html>".to_vec()
    } else {
        // A character cut in two ends it.
        [
            text.as_bytes().get(..text.len() / 2).unwrap_or_default(),
            b"\xe2\x82",
        ]
        .concat()
    };
    SandboxAnswer::Answer { status: 200, body }
}

fn json_answer(status: u16, body: &Value) -> SandboxAnswer {
    SandboxAnswer::Answer {
        status,
        body: body.to_string().into_bytes(),
    }
}

/// With milliseconds and offset.
fn printed(at: Timestamp) -> String {
    Offset::UTC
        .to_datetime(at)
        .strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00")
        .to_string()
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
