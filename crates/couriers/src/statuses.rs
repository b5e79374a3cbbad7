//! `statuses.csv`: what a courier's codes mean.
//!
//! Columns `field,code,sub_status,events`. `field` says where the code stood, in the words of the
//! courier's `read.jq`. A code that begins with `~` is a phrase: it is met where the text contains it,
//! whatever the case; the longest phrase of a field wins, and an exact code wins over any phrase.
//! `events` are the codes of what happened, separated by blanks, each perhaps with a reason:
//! `delivery_attempt_failed:incorrect_missing_address`.

use std::collections::HashMap;

use serde::Deserialize;
use waybill_model::{CheckpointEvent, SubStatus, Tag};

/// Lines of one table; the longest known has six hundred.
const MAX_ROWS: usize = 10_000;

/// The compiled table.
#[derive(Debug, Default)]
pub struct Statuses {
    exact: HashMap<(String, String), Meaning>,
    /// Per field, longest phrase first.
    phrases: HashMap<String, Vec<(String, Meaning)>>,
}

/// What a code means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The sub-status of a checkpoint with this code.
    pub sub_status: SubStatus,
    /// What happened, in the API's words.
    pub events: Vec<CheckpointEvent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    field: String,
    code: String,
    sub_status: String,
    #[serde(default)]
    events: String,
}

impl Statuses {
    /// Reads a table. The message names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut statuses = Self::default();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for (position, row) in reader.deserialize::<Row>().enumerate() {
            // The header is line 1.
            let line = position + 2;
            if position >= MAX_ROWS {
                return Err(format!("has more than {MAX_ROWS} lines"));
            }
            let row = row.map_err(|error| error.to_string())?;
            statuses
                .add(row)
                .map_err(|fault| format!("line {line}: {fault}"))?;
        }
        for phrases in statuses.phrases.values_mut() {
            phrases.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        }
        Ok(statuses)
    }

    /// The meaning of the first of these (field, code) that is in the table.
    pub fn classify<'a>(
        &self,
        codes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<&Meaning> {
        codes
            .into_iter()
            .find_map(|(field, code)| self.find(field, code))
    }

    /// Number of codes in the table.
    pub fn len(&self) -> usize {
        self.exact.len() + self.phrases.values().map(Vec::len).sum::<usize>()
    }

    /// True if the table has no codes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sub-statuses of a code in whichever field it stands, whatever its case; without doubles.
    pub(crate) fn anywhere(&self, code: &str) -> Vec<SubStatus> {
        let text = code.trim().to_lowercase();
        let exact = self
            .exact
            .iter()
            .filter(|((_, own), _)| own.to_lowercase() == text)
            .map(|(_, meaning)| meaning);
        let mut found: Vec<SubStatus> = exact.map(|it| it.sub_status).collect();
        if found.is_empty() {
            let phrases = self.phrases.keys();
            found.extend(phrases.filter_map(|field| Some(self.find(field, code)?.sub_status)));
        }
        found.sort_by_key(|it| it.code());
        found.dedup();
        found
    }

    fn find(&self, field: &str, code: &str) -> Option<&Meaning> {
        let code = code.trim();
        let key = (field.to_owned(), code.to_owned());
        if let Some(meaning) = self.exact.get(&key) {
            return Some(meaning);
        }
        let phrases = self.phrases.get(field)?;
        let text = code.to_lowercase();
        let found = phrases.iter().find(|(phrase, _)| text.contains(phrase))?;
        Some(&found.1)
    }

    fn add(&mut self, row: Row) -> Result<(), String> {
        let Row {
            field,
            code,
            sub_status,
            events,
        } = row;
        let code = code.trim();
        if field.trim().is_empty() || code.is_empty() {
            return Err("field and code may not be empty".into());
        }
        let sub_status = checkpoint_status(&sub_status)?;
        let events = events
            .split_ascii_whitespace()
            .map(event)
            .collect::<Result<_, _>>()?;
        let meaning = Meaning { sub_status, events };
        let twice = format!("`{field}` has the code `{code}` twice");
        match code.strip_prefix('~') {
            Some(phrase) => {
                let phrase = phrase.to_lowercase();
                let phrases = self.phrases.entry(field).or_default();
                if phrases.iter().any(|(other, _)| *other == phrase) {
                    return Err(twice);
                }
                phrases.push((phrase, meaning));
            }
            None => {
                if self
                    .exact
                    .insert((field, code.to_owned()), meaning)
                    .is_some()
                {
                    return Err(twice);
                }
            }
        }
        Ok(())
    }
}

/// A sub-status a checkpoint may have. Pending and Expired are said of trackings only: an unknown
/// number is no checkpoint.
pub(crate) fn checkpoint_status(code: &str) -> Result<SubStatus, String> {
    let sub_status = SubStatus::parse(code).ok_or_else(|| format!("`{code}` is no sub-status"))?;
    if matches!(sub_status.tag(), Tag::Pending | Tag::Expired) {
        return Err(format!("a checkpoint cannot be `{code}`"));
    }
    Ok(sub_status)
}

fn event(text: &str) -> Result<CheckpointEvent, String> {
    let (code, reason) = match text.split_once(':') {
        Some((code, reason)) => (code, Some(reason)),
        None => (text, None),
    };
    if !is_event_code(code) || !reason.is_none_or(is_event_code) {
        return Err(format!(
            "`{text}` is no event: lower-case words joined by `_`"
        ));
    }
    Ok(CheckpointEvent {
        code: code.to_owned(),
        reason: reason.map(str::to_owned),
    })
}

/// The form of event and reason codes.
pub(crate) fn is_event_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "field,code,sub_status,events\n\
        code,D1,Delivered_001,\n\
        code,R7,Exception_003,rejected_by_customer:not_what_customer_ordered return_to_sender_requested\n\
        text,~delay,Exception_005,\n\
        text,~weather delay,Exception_017,\n\
        text,~no delay,InTransit_001,\n\
        text,Weather delay!,Exception_001,\n";

    fn sub_status(codes: &[(&str, &str)]) -> Option<&'static str> {
        let table = Statuses::parse(TABLE).unwrap();
        table
            .classify(codes.iter().copied())
            .map(|meaning| meaning.sub_status.code())
    }

    #[test]
    fn the_first_known_code_wins() {
        assert_eq!(sub_status(&[("code", "D1")]), Some("Delivered_001"));
        assert_eq!(sub_status(&[("code", " D1 ")]), Some("Delivered_001"));
        assert_eq!(
            sub_status(&[("code", "??"), ("code", "R7")]),
            Some("Exception_003")
        );
        assert_eq!(sub_status(&[("other", "D1")]), None);
        assert_eq!(
            sub_status(&[("code", "d1")]),
            None,
            "codes are compared as they are"
        );
        assert_eq!(sub_status(&[]), None);
    }

    #[test]
    fn phrases_are_found_in_texts_longest_first() {
        assert_eq!(
            sub_status(&[("text", "A WEATHER DELAY is likely")]),
            Some("Exception_017")
        );
        assert_eq!(sub_status(&[("text", "some delay")]), Some("Exception_005"));
        assert_eq!(
            sub_status(&[("text", "there is no delay")]),
            Some("InTransit_001")
        );
        assert_eq!(
            sub_status(&[("text", "Weather delay!")]),
            Some("Exception_001")
        );
        assert_eq!(sub_status(&[("code", "delay")]), None);
    }

    #[test]
    fn events_and_their_reasons_are_read() {
        let table = Statuses::parse(TABLE).unwrap();
        let meaning = table.classify([("code", "R7")]).unwrap();
        let events: Vec<_> = meaning
            .events
            .iter()
            .map(|it| (it.code.as_str(), it.reason.as_deref()))
            .collect();
        assert_eq!(
            events,
            [
                ("rejected_by_customer", Some("not_what_customer_ordered")),
                ("return_to_sender_requested", None)
            ]
        );
        assert_eq!(table.len(), 6);
    }

    #[test]
    fn faults_name_their_line() {
        for (rows, fault) in [
            (
                "a,1,InTransit_001,\na,1,InTransit_002,\n",
                "line 3: `a` has the code `1` twice",
            ),
            (
                "a,~x,InTransit_001,\na,~X,InTransit_002,\n",
                "line 3: `a` has the code `~X` twice",
            ),
            (
                "a,1,InTransit_999,\n",
                "line 2: `InTransit_999` is no sub-status",
            ),
            (
                "a,1,Pending_001,\n",
                "line 2: a checkpoint cannot be `Pending_001`",
            ),
            (
                "a,1,Expired_001,\n",
                "line 2: a checkpoint cannot be `Expired_001`",
            ),
            (
                ",1,InTransit_001,\n",
                "line 2: field and code may not be empty",
            ),
            (
                "a,1,InTransit_001,Bad-Event\n",
                "line 2: `Bad-Event` is no event",
            ),
        ] {
            let error =
                Statuses::parse(&format!("field,code,sub_status,events\n{rows}")).unwrap_err();
            assert!(error.starts_with(fault), "{error}");
        }
        assert!(Statuses::parse("field,code,sub_status,colour\na,1,InTransit_001,red\n").is_err());
        assert!(Statuses::parse("field,code,sub_status,events\na,1\n").is_err());
    }
}
