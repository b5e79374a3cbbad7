//! Everything that can be said about folders without a network: for `waybill couriers check`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Candidate, Courier, Couriers, Hints, HttpAnswer, NumberFormat, Outcome, Query, Sample,
    courier::Login,
};

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

/// An example of a courier's numbers that may be another courier's as well: no fault, but good to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// The format it is an example of.
    pub format: String,
    /// The number.
    pub example: String,
    /// How likely it is the courier's own.
    pub confidence: f64,
    /// The others, likeliest first.
    pub others: Vec<Candidate>,
}

impl std::fmt::Display for Clash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = |confidence: f64| (confidence * 100.0).round();
        write!(
            formatter,
            "numbers `{}`: {} is its own by {} %",
            self.format,
            self.example,
            percent(self.confidence)
        )?;
        for other in &self.others {
            write!(
                formatter,
                ", {} {} %",
                other.slug,
                percent(other.confidence)
            )?;
        }
        Ok(())
    }
}

/// What the name of a sample begins with that is a message of the courier's own.
const PUSHED: &str = "push";
/// What the name of a sample begins with that is the answer to a login.
const TOKEN: &str = "token";

/// `<sample>.expected.json` of a message: what it says of which numbers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedPush {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    told: Value,
}

/// `<sample>.expected.json` of the answer to a login.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedToken {
    #[serde(default = "ok")]
    status: u16,
    token: String,
    expires_in_seconds: u64,
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

    /// What `check` finds of one courier, and who else its numbers may belong to. `None`: there is no
    /// such courier.
    pub fn check_one(&self, slug: &str) -> Option<(Vec<Finding>, Vec<Clash>)> {
        let courier = self.get(slug)?;
        let mut findings = courier.check();
        findings.extend(self.check_examples(courier));
        Some((findings, self.clashes(courier)))
    }

    /// The other couriers that are offered for the examples of this one, where any are.
    fn clashes(&self, courier: &Courier) -> Vec<Clash> {
        let formats = courier.definition.numbers.iter();
        let examples = formats.flat_map(|it| it.examples.iter().map(move |example| (it, example)));
        let clash = |(format, example): (&NumberFormat, &String)| {
            let (own, others): (Vec<_>, Vec<_>) = self
                .detect(example, &Hints::default())
                .into_iter()
                .partition(|it| it.slug == *courier.slug());
            (!others.is_empty()).then(|| Clash {
                format: format.name.clone(),
                example: example.clone(),
                confidence: own.first().map_or(0.0, |it| it.confidence),
                others,
            })
        };
        examples.filter_map(clash).collect()
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
        let Some(expected) = sample.expected.as_deref() else {
            return Err(self.wanted_expectation(sample));
        };
        if self.definition.push.is_some() && sample.name.starts_with(PUSHED) {
            return self.check_message(sample, parsed(expected)?);
        }
        if let Some(login) = self.programs.as_ref().and_then(|it| it.login.as_ref())
            && sample.name.starts_with(TOKEN)
        {
            return self.check_token(login, sample, &parsed(expected)?);
        }
        let expected: Expected = parsed(expected)?;
        let outcome = self.try_answer(&expected.number, expected.status, &sample.body);
        all_classified(&outcome)?;
        agree("outcome", &expected.outcome, &outcome)
    }

    /// What to write beside a sample that has no expectation, if the reading is right.
    fn wanted_expectation(&self, sample: &Sample) -> String {
        let formats = self.definition.numbers.iter();
        let number = formats.flat_map(|it| &it.examples).next();
        let number = number.map_or("1", String::as_str);
        let outcome = self.try_answer(number, ok(), &sample.body);
        let read = serde_json::json!({ "number": number, "outcome": outcome });
        format!(
            "there is no .expected.json beside it; as the answer to {number} it is read as\n{read:#}"
        )
    }

    fn check_message(&self, sample: &Sample, expected: ExpectedPush) -> Result<(), String> {
        let headers: Vec<_> = expected.headers.into_iter().collect();
        let message = HttpAnswer {
            status: 200,
            headers: &headers,
            body: &sample.body,
        };
        let told = self.read_message(&message).map_err(|it| it.to_string())?;
        told.iter().try_for_each(|it| all_classified(&it.outcome))?;
        agree("told", &expected.told, &told)
    }

    fn check_token(
        &self,
        login: &Login,
        sample: &Sample,
        expected: &ExpectedToken,
    ) -> Result<(), String> {
        let answer = HttpAnswer {
            status: expected.status,
            headers: &[],
            body: &sample.body,
        };
        let token = self.read_login(login, &answer).map_err(|it| it.reason)?;
        agree(
            "token",
            &Value::from(expected.token.as_str()),
            &token.access_token,
        )?;
        let seconds = Value::from(expected.expires_in_seconds);
        agree("expires_in_seconds", &seconds, &token.expires_in_seconds)
    }

    /// Reads an answer outside of any tracking, for one number.
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

fn parsed<T: serde::de::DeserializeOwned>(expected: &[u8]) -> Result<T, String> {
    serde_json::from_slice(expected).map_err(|error| format!(".expected.json: {error}"))
}

/// A code of a sample that is in no table is a gap in the table.
fn all_classified(outcome: &Outcome) -> Result<(), String> {
    let Outcome::Reading(reading) = outcome else {
        return Ok(());
    };
    match reading.checkpoints.iter().find(|it| !it.classified) {
        None => Ok(()),
        Some(unknown) => {
            let code = unknown.code.as_deref().unwrap_or("none");
            Err(format!("the code `{code}` is not in statuses.csv"))
        }
    }
}

fn agree(what: &str, expected: &Value, found: &impl serde::Serialize) -> Result<(), String> {
    let found = serde_json::to_value(found).map_err(|error| error.to_string())?;
    difference(what, expected, &found).map_or(Ok(()), Err)
}

/// The first place where two values differ.
fn difference(path: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(a), Value::Object(b)) => {
            let missing = a.keys().find(|key| !b.contains_key(*key));
            // An outcome is an object of one key: another one is told as a whole.
            if missing.is_some() && a.len() == 1 && b.len() == 1 {
                return Some(format!("{path}: expected {expected}, found {found}"));
            }
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
