//! Everything that can be said about folders without a network: for `waybill couriers check`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{Courier, Couriers, Hints, HttpAnswer, Outcome, Query, Sample};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which courier.
    pub slug: String,
    /// Which file of its folder.
    pub file: String,
    /// What is wrong.
    pub problem: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}: {}", self.slug, self.file, self.problem)
    }
}

/// `<sample>.expected.json`: what was asked, and what is to be made of the answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    number: String,
    #[serde(default = "ok")]
    status: u16,
    outcome: Value,
}

fn ok() -> u16 {
    200
}

impl Couriers {
    /// Checks all folders: samples are read as expected, examples are detected, nothing lies about
    /// unused. Schema and totality of programs were checked when the folders were loaded.
    pub fn check(&self) -> Vec<Finding> {
        self.all()
            .flat_map(|courier| {
                let mut findings = courier.check();
                findings.extend(self.check_examples(courier));
                findings
            })
            .collect()
    }

    /// Examples must be offered for their courier, and numbers of a script for nobody else.
    fn check_examples(&self, courier: &Courier) -> Vec<Finding> {
        let mut findings = Vec::new();
        for format in &courier.definition.numbers {
            for example in &format.examples {
                let candidates = self.detect(example, &Hints::default());
                let slugs: Vec<_> = candidates.iter().map(|it| it.slug.as_str()).collect();
                let slug = courier.slug().as_str();
                if !slugs.contains(&slug) {
                    let problem = format!(
                        "numbers `{}`: {example} is offered for {slugs:?}",
                        format.name
                    );
                    findings.push(courier.finding("courier.toml", problem));
                }
                if slug == crate::sandbox::SLUG && slugs != [slug] {
                    let problem = format!("numbers: {example} is claimed by {slugs:?} too");
                    findings.push(courier.finding("courier.toml", problem));
                }
            }
        }
        findings
    }
}

impl Courier {
    fn finding(&self, file: &str, problem: String) -> Finding {
        Finding {
            slug: self.slug().to_string(),
            file: file.to_owned(),
            problem,
        }
    }

    fn check(&self) -> Vec<Finding> {
        let unused = self
            .strangers
            .iter()
            .map(|file| self.finding(file, "nobody looks at this file".to_owned()));
        let mut findings: Vec<_> = unused.collect();
        if self.has_connection() && self.samples.is_empty() {
            findings.push(self.finding("samples", "there is no sample of an answer".to_owned()));
        }
        for sample in &self.samples {
            if let Err(problem) = self.check_sample(sample) {
                findings.push(self.finding(&format!("samples/{}", sample.name), problem));
            }
        }
        findings
    }

    fn check_sample(&self, sample: &Sample) -> Result<(), String> {
        let expected = sample
            .expected
            .as_deref()
            .ok_or("there is no .expected.json beside it")?;
        let expected: Expected =
            serde_json::from_slice(expected).map_err(|error| format!(".expected.json: {error}"))?;
        let outcome = self.try_answer(&expected.number, expected.status, &sample.body);
        if let Outcome::Reading(reading) = &outcome
            && let Some(unknown) = reading.checkpoints.iter().find(|it| !it.classified)
        {
            let code = unknown.code.as_deref().unwrap_or("none");
            return Err(format!("the code `{code}` is not in statuses.csv"));
        }
        let outcome = serde_json::to_value(outcome).map_err(|error| error.to_string())?;
        match difference("outcome", &expected.outcome, &outcome) {
            None => Ok(()),
            Some(difference) => Err(difference),
        }
    }

    /// Reads an answer outside of any tracking: for samples and for `waybill couriers check --samples`.
    /// Asked at the epoch, so that the outcome depends on nothing but the answer.
    pub fn try_answer(&self, number: &str, status: u16, body: &[u8]) -> Outcome {
        let query = Query::new(number, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        self.read(
            &query,
            &HttpAnswer {
                status,
                headers: &[],
                body,
            },
        )
    }
}

/// The first place where two values differ.
fn difference(path: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(a), Value::Object(b)) => {
            let missing = a.keys().find(|key| !b.contains_key(*key));
            if let Some(key) = missing {
                return Some(format!("{path}.{key}: expected {}, found nothing", a[key]));
            }
            if let Some(key) = b.keys().find(|key| !a.contains_key(*key)) {
                return Some(format!("{path}.{key}: expected nothing, found {}", b[key]));
            }
            a.iter()
                .find_map(|(key, value)| difference(&format!("{path}.{key}"), value, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs
                .into_iter()
                .find_map(|(at, (a, b))| difference(&format!("{path}[{at}]"), a, b))
        }
        _ if expected == found => None,
        _ => Some(format!("{path}: expected {expected}, found {found}")),
    }
}
