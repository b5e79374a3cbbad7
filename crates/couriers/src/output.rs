//! The strict shape of what `read.jq` puts out, and how it becomes an [`Outcome`].
//!
//! ```text
//! {unknown: "reason"}
//! {no_data_yet: "reason", next_check_at?}
//! {trouble: {kind: "retry_later" | "retry_after" | "bad_credentials" | "refused", seconds?, reason}}
//! {shipments: [{number?, …the fields of Reading…, checkpoints: […]}], complete?, next_check_at?}
//! ```
//! In the answer to a batch an entry of `shipments` may also be `{number, unknown}`,
//! `{number, no_data_yet}` or `{number, trouble}`. Anything else is a mistake, and is said to be one.

mod shape;

use jiff::Timestamp;
use serde_json::Value;
use waybill_model::{CheckpointEvent, Coordinate, CountryCode, EventTime, SubStatus};

use crate::{
    reading::{
        Dimensions, Estimated, LastMile, Outcome, Piece, Proof, ReadCheckpoint, Reading, Told,
        Trouble, TroubleKind, Weight,
    },
    statuses::{Statuses, checkpoint_status, is_event_code},
    texts::classify_text,
};
use shape::{
    CheckpointOutput, CoordinateOutput, Decimal, DimensionsOutput, EstimatedOutput, EventOutput,
    LastMileOutput, Output, Shipment, TroubleOutput, TroubleWord, WeightOutput,
};

/// Checkpoints of one shipment: a parcel of many pieces in a long detour has some hundreds.
const MAX_CHECKPOINTS: usize = 2_000;
/// Pieces of one shipment.
const MAX_PIECES: usize = 1_000;
/// Shipments of one answer.
const MAX_SHIPMENTS: usize = 100;
/// Characters of a text of the courier's; what is longer is cut.
const MAX_TEXT_CHARS: usize = 2_000;
/// Seconds a courier may make us wait by its own word.
pub(crate) const MAX_WAIT_SECONDS: u64 = 24 * 60 * 60;

/// What a program said: one thing of all numbers, or something of each.
pub(crate) enum Said {
    /// This holds for every number that was asked for.
    OfAll(Box<Outcome>),
    /// Shipments, not read yet.
    Shipments(Shipments),
}

/// The shipments of an output.
pub(crate) struct Shipments {
    left: Vec<Shipment>,
    complete: bool,
    next_check_at: Option<Timestamp>,
}

/// Checks the outline of a program's output.
pub(crate) fn interpret(output: Value, complete: bool) -> Result<Said, String> {
    let output: Output = serde_json::from_value(output).map_err(|error| error.to_string())?;
    let next_check_at = output.next_check_at.as_deref().map(instant).transpose()?;
    let nothing = nothing_learned(
        output.unknown,
        output.no_data_yet,
        output.trouble,
        next_check_at,
    );
    match (nothing?, output.shipments) {
        (Some(outcome), None) => Ok(Said::OfAll(Box::new(outcome))),
        (None, Some(shipments)) if shipments.len() > MAX_SHIPMENTS => {
            Err(format!("has more than {MAX_SHIPMENTS} shipments"))
        }
        (None, Some(shipments)) => Ok(Said::Shipments(Shipments {
            left: shipments,
            complete: output.complete.unwrap_or(complete),
            next_check_at,
        })),
        _ => Err(ONE_OF.into()),
    }
}

/// What is wrong with an output that says several things, or none.
const ONE_OF: &str = "exactly one of unknown, no_data_yet, trouble and shipments is wanted";

/// The outcome of the one of the three that is there; `None` if none is.
fn nothing_learned(
    unknown: Option<String>,
    no_data_yet: Option<String>,
    trouble: Option<TroubleOutput>,
    next_check_at: Option<Timestamp>,
) -> Result<Option<Outcome>, String> {
    match (unknown, no_data_yet, trouble) {
        (None, None, None) => Ok(None),
        (Some(reason), None, None) => Ok(Some(Outcome::UnknownToCourier {
            reason: text(reason).unwrap_or_default(),
        })),
        (None, Some(reason), None) => Ok(Some(Outcome::NoDataYet {
            reason: text(reason).unwrap_or_default(),
            next_check_at,
        })),
        (None, None, Some(trouble)) => Ok(Some(Outcome::CouldNotAsk(trouble.read()?))),
        _ => Err(ONE_OF.into()),
    }
}

impl Shipments {
    /// Takes out and reads the shipment with this number; or the only one, if it has none and nothing
    /// else was asked for.
    pub(crate) fn take(
        &mut self,
        number: &str,
        alone: bool,
        statuses: &Statuses,
    ) -> Result<Outcome, String> {
        let only = alone && self.left.len() == 1;
        let place = self.left.iter().position(|shipment| {
            let own = shipment.number.as_deref();
            own.map_or(only, |own| same_number(own, number))
        });
        let place = place.ok_or("has no shipment with the number that was asked for")?;
        let shipment = self.left.swap_remove(place);
        self.read(shipment, statuses)
    }

    /// Reads all of them, each with its number.
    pub(crate) fn all(mut self, statuses: &Statuses) -> Result<Vec<Told>, String> {
        std::mem::take(&mut self.left)
            .into_iter()
            .map(|shipment| {
                Ok(Told {
                    number: shipment.number.clone().and_then(text),
                    outcome: self.read(shipment, statuses)?,
                })
            })
            .collect()
    }

    fn read(&self, mut shipment: Shipment, statuses: &Statuses) -> Result<Outcome, String> {
        let nothing = nothing_learned(
            shipment.unknown.take(),
            shipment.no_data_yet.take(),
            shipment.trouble.take(),
            self.next_check_at,
        );
        if let Some(outcome) = nothing? {
            return match shipment.checkpoints {
                None => Ok(outcome),
                Some(_) => Err(ONE_OF.into()),
            };
        }
        let mut reading = shipment.read(statuses)?;
        reading.complete = self.complete;
        reading.next_check_at = self.next_check_at;
        Ok(Outcome::Reading(reading))
    }
}

/// Couriers print blanks and hyphens into numbers, and either case.
fn same_number(one: &str, other: &str) -> bool {
    let compact = |text: &str| {
        text.chars()
            .filter(|it| !it.is_whitespace() && *it != '-')
            .map(|it| it.to_ascii_uppercase())
            .collect::<String>()
    };
    one == other || compact(one) == compact(other)
}

impl TroubleOutput {
    fn read(self) -> Result<Trouble, String> {
        let kind = match (self.kind, self.seconds) {
            (TroubleWord::RetryAfter, Some(seconds)) => {
                TroubleKind::RetryAfter(seconds.min(MAX_WAIT_SECONDS))
            }
            (TroubleWord::RetryAfter, None) => {
                return Err("trouble: retry_after needs seconds".into());
            }
            (_, Some(_)) => return Err("trouble: only retry_after has seconds".into()),
            (TroubleWord::RetryLater, None) => TroubleKind::RetryLater,
            (TroubleWord::BadCredentials, None) => TroubleKind::BadCredentials,
            (TroubleWord::Refused, None) => TroubleKind::Refused,
        };
        let reason = text(self.reason).unwrap_or_default();
        Ok(Trouble { kind, reason })
    }
}

impl Shipment {
    fn read(self, statuses: &Statuses) -> Result<Reading, String> {
        let checkpoints = self.checkpoints.ok_or("missing field `checkpoints`")?;
        if checkpoints.len() > MAX_CHECKPOINTS {
            return Err(format!("has more than {MAX_CHECKPOINTS} checkpoints"));
        }
        let pieces = self.pieces.unwrap_or_default();
        if pieces.len() > MAX_PIECES {
            return Err(format!("has more than {MAX_PIECES} pieces"));
        }
        let checkpoints = checkpoints
            .into_iter()
            .enumerate()
            .map(|(position, checkpoint)| {
                checkpoint
                    .read(statuses)
                    .map_err(|fault| format!("checkpoints[{position}].{fault}"))
            })
            .collect::<Result<_, _>>()?;
        Ok(Reading {
            checkpoints,
            complete: false,
            next_check_at: None,
            estimated_delivery: self
                .estimated_delivery
                .map(EstimatedOutput::read)
                .transpose()?
                .flatten(),
            service: self.service.and_then(text),
            weight: self.weight.map(WeightOutput::read).transpose()?,
            dimensions: self.dimensions.map(DimensionsOutput::read).transpose()?,
            package_count: self.package_count,
            destination_country: country(self.destination_country),
            destination_city: self.destination_city.and_then(text),
            signature_requirement: self
                .signature_requirement
                .and_then(text)
                .map(requirement)
                .transpose()?,
            last_mile: self.last_mile.and_then(LastMileOutput::read),
            pieces: pieces
                .into_iter()
                .filter_map(|piece| {
                    text(piece.number).map(|number| Piece {
                        number,
                        kind: piece.kind,
                    })
                })
                .collect(),
            proof_of_delivery: self
                .proof_of_delivery
                .unwrap_or_default()
                .into_iter()
                .map(|proof| {
                    Ok(Proof {
                        kind: proof.kind,
                        url: link("proof_of_delivery", proof.url)?,
                    })
                })
                .collect::<Result<_, String>>()?,
            pickup_location: self.pickup_location.and_then(text),
            redirect_link: self
                .redirect_link
                .map(|url| link("redirect_link", url))
                .transpose()?,
        })
    }
}

impl CheckpointOutput {
    fn read(self, statuses: &Statuses) -> Result<ReadCheckpoint, String> {
        let time = moment("time", &self.time, self.zone.as_deref())?;
        let code = self.code.filter(|code| !code.is_empty());
        let codes = match (self.codes, &code) {
            (Some(codes), _) => codes,
            (None, Some(code)) => vec![("code".to_owned(), code.clone())],
            (None, None) => Vec::new(),
        };
        let offered = codes
            .iter()
            .map(|(field, code)| (field.as_str(), code.as_str()));
        let meaning = statuses.classify(offered);
        let decided = self
            .sub_status
            .as_deref()
            .map(checkpoint_status)
            .transpose();
        let decided = decided.map_err(|fault| format!("sub_status: {fault}"))?;
        let mut events = meaning
            .map(|meaning| meaning.events.clone())
            .unwrap_or_default();
        for event in self.events.unwrap_or_default() {
            let event = event.read()?;
            if !events.contains(&event) {
                events.push(event);
            }
        }
        let message = self.message.and_then(text).unwrap_or_default();
        let known = decided.or(meaning.map(|meaning| meaning.sub_status));
        // A code that is in no table often stands beside a text that says it all.
        let told = known.or_else(|| classify_text(&message));
        let first_code = codes.into_iter().next().map(|(_, code)| code);
        Ok(ReadCheckpoint {
            time,
            code: code.or(first_code).and_then(text),
            sub_status: told.unwrap_or(SubStatus::IN_TRANSIT_001),
            classified: known.is_some(),
            understood: told.is_some(),
            message,
            location: self.location.and_then(text),
            city: self.city.and_then(text),
            state: self.state.and_then(text),
            postal_code: self.postal_code.and_then(text),
            country: country(self.country),
            coordinate: self.coordinate.map(CoordinateOutput::read).transpose()?,
            signed_by: self.signed_by.and_then(text),
            piece: self.piece.and_then(text),
            events,
        })
    }
}

impl EventOutput {
    fn read(self) -> Result<CheckpointEvent, String> {
        let (code, reason) = match self {
            Self::Code(code) => (code, None),
            Self::WithReason { code, reason } => (code, reason),
        };
        if !is_event_code(&code) || !reason.as_deref().is_none_or(is_event_code) {
            return Err(format!("events: `{code}` is no event code"));
        }
        Ok(CheckpointEvent { code, reason })
    }
}

impl CoordinateOutput {
    fn read(self) -> Result<Coordinate, String> {
        let Self {
            latitude,
            longitude,
        } = self;
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return Err("coordinate: is not on this planet".into());
        }
        Ok(Coordinate {
            latitude,
            longitude,
        })
    }
}

impl EstimatedOutput {
    fn read(self) -> Result<Option<Estimated>, String> {
        let read =
            |field, text: Option<String>| text.map(|text| moment(field, &text, None)).transpose();
        let estimated = Estimated {
            date: read("estimated_delivery.date", self.date)?,
            min: read("estimated_delivery.min", self.min)?,
            max: read("estimated_delivery.max", self.max)?,
        };
        let nothing = [&estimated.date, &estimated.min, &estimated.max]
            .iter()
            .all(|it| it.is_none());
        Ok((!nothing).then_some(estimated))
    }
}

impl WeightOutput {
    fn read(self) -> Result<Weight, String> {
        Ok(Weight {
            unit: self.unit,
            value: self.value.read("weight.value")?,
        })
    }
}

impl DimensionsOutput {
    fn read(self) -> Result<Dimensions, String> {
        Ok(Dimensions {
            unit: self.unit,
            length: self.length.read("dimensions.length")?,
            width: self.width.read("dimensions.width")?,
            height: self.height.read("dimensions.height")?,
        })
    }
}

impl LastMileOutput {
    fn read(self) -> Option<LastMile> {
        let number = text(self.number)?;
        Some(LastMile {
            slug: self.slug.and_then(text),
            number,
        })
    }
}

impl Decimal {
    fn read(self, field: &str) -> Result<String, String> {
        let text = match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.trim().to_owned(),
        };
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
        let digits = |part: &str| {
            (1..=12).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if digits(whole) && digits(decimals) {
            Ok(text)
        } else {
            Err(format!("{field}: is not a decimal number"))
        }
    }
}

/// A time of the courier's; the zone is appended to a clock that has no offset of its own.
fn moment(field: &str, given: &str, zone: Option<&str>) -> Result<EventTime, String> {
    let wrong = || format!("{field}: is not a date or time");
    let time = EventTime::parse(given).ok_or_else(wrong)?;
    match zone {
        Some(zone) if time.time.is_some() && time.offset.is_none() => {
            let zoned = EventTime::parse(&format!("{}{}", time.text, zone.trim()));
            zoned
                .filter(|it| it.offset.is_some())
                .ok_or_else(|| "zone: is not an offset".to_owned())
        }
        _ => Ok(time),
    }
}

/// What the API calls the ways of signing.
const SIGNATURE_REQUIREMENTS: [&str; 4] = [
    "signature_required",
    "adult_signature_required",
    "indirect_signature_required",
    "no_signature_required",
];

fn requirement(given: String) -> Result<String, String> {
    if SIGNATURE_REQUIREMENTS.contains(&given.as_str()) {
        return Ok(given);
    }
    Err(format!(
        "signature_requirement: {given:?} is none of {}",
        SIGNATURE_REQUIREMENTS.join(", ")
    ))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "next_check_at: is not a moment".to_owned())
}

fn link(field: &str, url: String) -> Result<String, String> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    if web && url.chars().count() <= MAX_TEXT_CHARS && !url.contains(char::is_control) {
        Ok(url)
    } else {
        Err(format!("{field}: is not a web address"))
    }
}

/// A country by either code; what is neither is left out, since couriers write all sorts of things.
fn country(text: Option<String>) -> Option<CountryCode> {
    CountryCode::parse(text?.trim())
}

/// A text without control characters (U+0000 fits in no database) and blanks around it; none if
/// nothing is left.
#[expect(clippy::needless_pass_by_value, reason = "so that it fits `and_then`")]
fn text(given: String) -> Option<String> {
    let clean = |it: char| if it.is_control() { ' ' } else { it };
    let cleaned: String = given.chars().take(MAX_TEXT_CHARS).map(clean).collect();
    let trimmed = cleaned.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}
