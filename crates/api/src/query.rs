//! The query of a request: percent-decoded when it is read, `+` is a blank, an empty value counts
//! as absent, of a repeated name the first counts, and unknown names are ignored.

use std::{convert::Infallible, ops::RangeInclusive, str::FromStr};

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use waybill_model::EventTime;
use waybill_versions::{Problem, Version, is_language};

use crate::{DEFAULT_PAGE, MAX_PAGE, front::Asked};

/// The pairs as they came, and the version that says what they are called. Handlers ask by the
/// newest version's names.
pub(crate) struct Query {
    pairs: Vec<(Vec<u8>, String)>,
    version: Version,
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let asked = parts.extensions.get::<Asked>();
        let version = asked.map_or(Version::NEWEST, |asked| asked.0);
        let raw = parts.uri.query().unwrap_or_default();
        Ok(Self::in_version(raw, version))
    }
}

impl Query {
    /// Splits a raw query of the newest version.
    #[cfg(test)]
    pub fn new(raw: &str) -> Self {
        Self::in_version(raw, Version::NEWEST)
    }

    /// Splits a raw query; values are decoded when they are asked for.
    pub fn in_version(raw: &str, version: Version) -> Self {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), value.to_owned())
        };
        let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(pair);
        Self {
            pairs: pairs.collect(),
            version,
        }
    }

    /// The version of the request.
    pub fn version(&self) -> Version {
        self.version
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        if self.version == Version::NEWEST {
            return self.raw(name);
        }
        for name in self.version.parameters(name) {
            if let Some(text) = self.raw(name)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// A text by the name as it was sent.
    pub fn raw(&self, name: &str) -> Result<Option<String>, Problem> {
        let Some((_, raw)) = self
            .pairs
            .iter()
            .find(|(given, _)| given == name.as_bytes())
        else {
            return Ok(None);
        };
        let text = String::from_utf8(decode(raw))
            .map_err(|_| Problem::invalid(name, "Percent-encode it as UTF-8."))?;
        if text.contains('\0') {
            return Err(Problem::invalid(
                name,
                "It contains the character U+0000; leave it out.",
            ));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A parameter's value is wrong; named as the caller's version names it.
    fn invalid(&self, name: &str, mend: &str) -> Problem {
        let names = self.version.parameters(name);
        Problem::invalid(names.first().unwrap_or(&name), mend)
    }

    /// The same of a fault that another found.
    fn named(&self, name: &str, mut problem: Problem) -> Problem {
        if let Some(shown) = self.version.parameters(name).first() {
            problem.message = problem
                .message
                .replace(&format!("`{name}`"), &format!("`{shown}`"));
        }
        problem
    }

    /// A comma list of at most `max` items, each read by `parse`; blanks around items are dropped.
    pub fn list<T>(
        &self,
        name: &str,
        max: usize,
        parse: impl Fn(&str) -> Result<T, Problem>,
    ) -> Result<Vec<T>, Problem> {
        let text = self.text(name)?.unwrap_or_default();
        let items: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect();
        if items.len() > max {
            return Err(self.invalid(name, &format!("It has {max} items at most.")));
        }
        let read = |item| parse(item).map_err(|problem| self.named(name, problem));
        items.into_iter().map(read).collect()
    }

    /// A whole number.
    pub fn integer<N: FromStr>(&self, name: &str) -> Result<Option<N>, Problem> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(self.invalid(name, "Use a whole number.")),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.invalid(name, "Use `true` or `false`.")),
        }
    }

    /// A moment; a local time is read as UTC. A day alone is its first second, or its last where
    /// the moment ends a span.
    pub fn moment(&self, name: &str, ends: bool) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match EventTime::parse(&text) {
            Some(time) => Ok(Some(time.instant(None, ends))),
            None if self.version.ignores_bad_times() => Ok(None),
            None => Err(self.invalid(
                name,
                "Use a date-time such as `2026-07-01T10:00:00Z`; write `+` as `%2B`.",
            )),
        }
    }

    /// The size of a page. The oldest versions take any and move it into the limits.
    pub fn limit(&self) -> Result<usize, Problem> {
        let range: RangeInclusive<usize> = 1..=MAX_PAGE;
        if self.version.moves_sizes() {
            let limit = self.integer::<i64>("limit").ok().flatten();
            let limit = limit.and_then(|limit| usize::try_from(limit.max(1)).ok());
            return Ok(limit.unwrap_or(DEFAULT_PAGE).min(MAX_PAGE));
        }
        let limit = self.integer("limit")?.unwrap_or(DEFAULT_PAGE);
        if range.contains(&limit) {
            Ok(limit)
        } else {
            Err(Problem::invalid("limit", &format!("Use 1 to {MAX_PAGE}.")))
        }
    }

    /// Which page of a list, from 1 on; one that is no number is the first.
    pub fn page(&self) -> usize {
        let page = self.raw("page").ok().flatten();
        let page = page.and_then(|page| page.trim().parse().ok());
        page.unwrap_or(1).max(1)
    }

    /// The language of the answer's texts.
    pub fn language(&self) -> Result<Option<String>, Problem> {
        let language = self
            .text("lang")?
            .map(|language| language.to_ascii_lowercase());
        match language {
            Some(language) if !is_language(&language) => Err(Problem::invalid(
                "lang",
                "Use an ISO 639-1 code such as `en`.",
            )),
            language => Ok(language),
        }
    }

    /// A digest of what these names say, to bind a cursor to its list.
    pub fn digest(&self, names: &[&str]) -> Result<[u8; 32], Problem> {
        let mut digest = Sha256::new();
        for name in names {
            if let Some(text) = self.text(name)? {
                digest.update(name.as_bytes());
                digest.update(b"=");
                digest.update(text.as_bytes());
                digest.update(b"\0");
            }
        }
        Ok(digest.finalize().into())
    }
}

/// Undoes percent-encoding. A percent sign that encodes nothing stands for itself.
fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    decoded.push(high << 4 | low);
                    rest = after;
                } else {
                    decoded.push(b'%');
                }
            }
            (other, _) => decoded.push(*other),
        }
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded() {
        let query = Query::new("a=b+c%2Bd&&b=%C3%A9&c=&c=1&d=100%&e=%zz&a=second&f&%67=7");
        for (name, value) in [
            ("a", Some("b c+d")),
            ("b", Some("é")),
            ("c", None),
            ("d", Some("100%")),
            ("e", Some("%zz")),
            ("f", None),
            ("g", Some("7")),
            ("h", None),
        ] {
            assert_eq!(query.text(name).expect("good").as_deref(), value, "{name}");
        }
    }

    #[test]
    fn faults_name_the_parameter() {
        let refused = |raw: &str, read: fn(&Query) -> Option<Problem>| {
            let problem = read(&Query::new(raw)).expect("refused");
            assert_eq!(problem.code.entry().meta_code, 4008);
            let name = raw.split('=').next().unwrap_or_default();
            assert!(
                problem.message.contains(&format!("`{name}`")),
                "{}",
                problem.message
            );
        };
        refused("a=%ff", |query| query.text("a").err());
        refused("a=%00", |query| query.text("a").err());
        refused("a=1,2,3", |query| query.list("a", 2, |_| Ok(())).err());
        refused("n=1.5", |query| query.integer::<i64>("n").err());
        refused("b=yes", |query| query.boolean("b").err());
        for limit in ["0", "201", "-1", "ten", "1e2", "99999999999999999999"] {
            refused(&format!("limit={limit}"), |query| query.limit().err());
        }
        for moment in [
            "soon",
            "2026-01-01T00%3A00%3A00+00%3A00",
            "2026-13-01",
            "1767225600",
        ] {
            refused(&format!("m={moment}"), |query| {
                query.moment("m", false).err()
            });
        }
        refused("lang=english", |query| query.language().err());
    }

    #[test]
    fn moments_without_zone_are_utc() {
        let query = Query::new("a=2026-01-01T00:00:00%2B01:00&b=2026-01-01T00:00:00&c=2026-01-01");
        let moment = |name, ends| {
            query
                .moment(name, ends)
                .expect("good")
                .expect("there")
                .to_string()
        };
        assert_eq!(moment("a", false), "2025-12-31T23:00:00Z");
        assert_eq!(moment("b", false), "2026-01-01T00:00:00Z");
        assert_eq!(moment("c", false), "2026-01-01T00:00:00Z");
        assert_eq!(moment("c", true), "2026-01-01T23:59:59Z");
    }
}
