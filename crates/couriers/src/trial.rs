//! Trying the folders on answers and code lists from elsewhere: what `waybill couriers check --samples`
//! prints. Nothing here decides anything; it shows.

use std::collections::HashSet;

use serde::Deserialize;
use waybill_model::SubStatus;

use crate::{Courier, Couriers, HttpAnswer, Told, classify_text, statuses::checkpoint_status};

/// How a courier's table stands with a list of codes made by others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreement {
    /// The courier, as the list calls it.
    pub carrier: String,
    /// Codes with the same tag in both.
    pub agree: usize,
    /// Codes with another tag: code, the list's sub-status, ours.
    pub differ: Vec<(String, String, String)>,
    /// Codes that the courier's table lacks.
    pub missing: Vec<String>,
    /// Codes of what is no event of a parcel (Pending): an unknown number is no checkpoint, and no
    /// table may have it.
    pub no_checkpoint: Vec<String>,
}

/// How the reading of texts stands with what such a list calls its codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextAgreement {
    /// Texts of the list, each meaning once.
    pub texts: usize,
    /// Texts that are read as the same tag.
    pub same_tag: usize,
    /// Texts that are read as the same sub-status.
    pub same_sub_status: usize,
    /// Texts that are read as another tag.
    pub differ: Vec<TextDifference>,
}

/// A text that is read as another tag than a list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDifference {
    /// The text.
    pub text: String,
    /// The list's sub-status.
    pub theirs: String,
    /// What it is read as.
    pub ours: &'static str,
    /// Why it stays so, where that is settled (`texts/differences.csv`).
    pub why: Option<String>,
}

/// Texts whose reading has been looked at, and stays.
const DIFFERENCES: &str = include_str!("../texts/differences.csv");

/// A row of `differences.csv`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settled {
    text: String,
    read_as: String,
    why: String,
}

/// A row of a list of codes.
#[derive(Deserialize)]
struct Row {
    carrier: String,
    code: String,
    tag: String,
    subtag: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    basis: String,
}

/// Bases of rows that nobody vouches for.
const UNSURE: [&str; 2] = ["derived", "unsure"];

impl Couriers {
    /// The courier with a connection that a folder of samples is about: its slug, or its slug with
    /// words behind it that tell several interfaces of the courier apart (`dhl-unified`).
    pub fn behind(&self, folder: &str) -> Option<&Courier> {
        let mut slug = folder;
        loop {
            if let Some(courier) = self.get(slug).filter(|it| it.has_connection()) {
                return Some(courier);
            }
            (slug, _) = slug.rsplit_once('-')?;
        }
    }

    /// Compares the tables with a list of codes in CSV, `carrier,field,code,tag,subtag,description,basis`.
    /// Rows whose basis begins with `derived` or `unsure` are left out.
    pub fn compare(&self, list: &str) -> Result<Vec<Agreement>, String> {
        let mut agreements: Vec<Agreement> = Vec::new();
        for row in csv::Reader::from_reader(list.as_bytes()).deserialize::<Row>() {
            let row = row.map_err(|error| error.to_string())?;
            let Some(courier) = self.behind(&row.carrier) else {
                continue;
            };
            if UNSURE.iter().any(|unsure| row.basis.starts_with(unsure)) {
                continue;
            }
            let at = agreements.iter().position(|it| it.carrier == row.carrier);
            let at = at.unwrap_or_else(|| {
                let carrier = row.carrier.clone();
                agreements.push(Agreement {
                    carrier,
                    ..Agreement::default()
                });
                agreements.len() - 1
            });
            let ours = courier.meanings(&row.code);
            let agreement = &mut agreements[at];
            if checkpoint_status(&row.subtag).is_err() {
                agreement.no_checkpoint.push(row.code);
            } else if ours.is_empty() {
                agreement.missing.push(row.code);
            } else if ours.iter().any(|it| it.tag().as_str() == row.tag) {
                agreement.agree += 1;
            } else {
                let ours: Vec<_> = ours.iter().map(|it| it.code()).collect();
                agreement
                    .differ
                    .push((row.code, row.subtag, ours.join(" ")));
            }
        }
        Ok(agreements)
    }
}

/// Reads the descriptions of such a list as if they were texts of events, and compares. What is said of
/// trackings only (Pending) is left out.
pub fn compare_texts(list: &str) -> Result<TextAgreement, String> {
    let mut agreement = TextAgreement::default();
    let mut seen = HashSet::new();
    let settled = settled()?;
    for row in csv::Reader::from_reader(list.as_bytes()).deserialize::<Row>() {
        let row = row.map_err(|error| error.to_string())?;
        let text = row.description.trim().to_lowercase();
        if text.is_empty() || checkpoint_status(&row.subtag).is_err() {
            continue;
        }
        if !seen.insert((text.clone(), row.subtag.clone())) {
            continue;
        }
        let ours = classify_text(&text).unwrap_or(SubStatus::IN_TRANSIT_001);
        agreement.texts += 1;
        agreement.same_sub_status += usize::from(ours.code() == row.subtag);
        if ours.tag().as_str() == row.tag {
            agreement.same_tag += 1;
        } else {
            let why = settled
                .iter()
                .find(|it| it.text == text && it.read_as == ours.code())
                .map(|it| it.why.clone());
            agreement.differ.push(TextDifference {
                text,
                theirs: row.subtag,
                ours: ours.code(),
                why,
            });
        }
    }
    Ok(agreement)
}

fn settled() -> Result<Vec<Settled>, String> {
    csv::Reader::from_reader(DIFFERENCES.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| format!("differences.csv: {error}"))
}

impl Courier {
    /// Reads an answer that lies in a file, with all that is in it. Its name says which status it came
    /// with: `not_found`, `auth_error`, `not_authorized` and `error` begin the names of refusals.
    pub fn read_file(&self, name: &str, body: &[u8]) -> Vec<Told> {
        let begins = |word: &str| name.starts_with(word);
        let status = match name {
            _ if begins("auth_error") || begins("not_authorized") => 401,
            _ if begins("not_found") => 404,
            _ if begins("error") => 400,
            _ => 200,
        };
        self.read_all(&HttpAnswer {
            status,
            headers: &[],
            body,
        })
    }

    /// What the courier's table says of a code, in whichever field it stands.
    fn meanings(&self, code: &str) -> Vec<SubStatus> {
        let Some(programs) = &self.programs else {
            return Vec::new();
        };
        programs.statuses.anywhere(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_is_read_so() {
        for it in settled().unwrap() {
            let read = classify_text(&it.text).unwrap_or(SubStatus::IN_TRANSIT_001);
            assert_eq!(read.code(), it.read_as, "{}", it.text);
            assert!(!it.why.is_empty(), "{}", it.text);
        }
    }

    #[test]
    fn a_difference_says_why_it_stays() {
        let list = "carrier,field,code,tag,subtag,description,basis\n\
                    x,f,1,AvailableForPickup,AvailableForPickup_001,Arrived at branch,known\n\
                    x,f,2,Exception,Exception_001,arrived at terminal,known\n\
                    x,f,3,Delivered,Delivered_001,delivered,known\n";
        let agreement = compare_texts(list).unwrap();
        assert_eq!((agreement.texts, agreement.same_tag), (3, 1));
        let why: Vec<bool> = agreement.differ.iter().map(|it| it.why.is_some()).collect();
        assert_eq!(why, [true, false]);
    }
}
