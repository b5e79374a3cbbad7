//! `POST /trackings/{id}/mark-as-completed`.

use serde_json::{Map, Value};
use waybill_model::{CompletedReason, EventTime};

use super::{
    body::{ReadBody, tolerated},
    fields::{Field, Kind, Nulls, Reader},
    object::take_text,
};
use crate::{Model, Problem, Version, read_body};

const REASONS: &[&str] = &["DELIVERED", "LOST", "RETURNED_TO_SENDER"];
pub(crate) const FIELDS: &[Field] = &[
    Field::required("reason", Kind::Choice(REASONS)),
    Field::new("event_datetime", Kind::Time),
];

/// A completion by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompleteTracking {
    /// How it ended.
    pub reason: CompletedReason,
    /// When, where the caller knows better than our clock.
    pub event_datetime: Option<EventTime>,
}

impl CompleteTracking {
    /// Reads a body of the newest version.
    ///
    /// # Errors
    /// 4001; 4009 without a reason; 4008 for an unknown one or a time that is none.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        read_body(body, Version::NEWEST)
    }
}

impl ReadBody for CompleteTracking {
    fn read(mut body: Map<String, Value>, version: Version) -> Result<Self, Problem> {
        tolerated(Model::Complete, &mut body, version);
        let fields = version.fields(Model::Complete);
        let mut fields = Reader(version).read(fields, body, Nulls::Drop)?;
        let reason = take_text(&mut fields, "reason")?.unwrap_or_default();
        let event_datetime = take_text(&mut fields, "event_datetime")?;
        Ok(Self {
            reason: CompletedReason::parse(&reason).ok_or_else(Problem::internal)?,
            event_datetime: event_datetime.as_deref().and_then(EventTime::parse),
        })
    }
}
