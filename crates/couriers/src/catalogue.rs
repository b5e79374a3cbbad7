//! The catalogue: the couriers of the world by name, most of which have no folder of their own.
//!
//! `couriers/catalogue.csv` has a row for each, with what is known without asking. Such a courier has no
//! number formats and no connection: it is served by what the user brings (files, messages, an
//! aggregator's account). A folder of the same slug replaces the row.

use std::collections::BTreeMap;

use serde::Deserialize;
use waybill_model::{CountryCode, CourierSlug};

use crate::{
    Courier,
    definition::{Definition, Evidence, Feed, Field},
    detection::Index,
    load::LoadError,
};

/// The file beside the folders.
pub(crate) const CATALOGUE: &str = "catalogue.csv";
/// Rows of a catalogue; the world's has some fifteen hundred.
const MAX_ROWS: usize = 10_000;

/// A row as written; lists are separated by blanks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    slug: CourierSlug,
    name: String,
    other_name: Option<String>,
    phone: Option<String>,
    website: Option<String>,
    default_language: String,
    languages: String,
    countries: String,
    required_fields: String,
    optional_fields: String,
    feed: Option<Feed>,
}

/// The couriers of a catalogue. The error names the line.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<CourierSlug, Courier>, LoadError> {
    let fail = |line: usize, problem: String| LoadError {
        folder: "couriers".to_owned(),
        file: CATALOGUE.to_owned(),
        problem: format!("line {line}: {problem}"),
    };
    // A courier without formats has an index of nothing, which all of them share.
    let index = Index::new([]).map_err(|problem| fail(1, problem))?;
    let mut couriers = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for (position, row) in reader.deserialize::<Row>().enumerate() {
        // The header is line 1.
        let line = position + 2;
        if position >= MAX_ROWS {
            return Err(fail(line, format!("there are more than {MAX_ROWS} rows")));
        }
        let row = row.map_err(|error| fail(line, error.to_string()))?;
        let definition = row.definition().map_err(|problem| fail(line, problem))?;
        let slug = definition.slug.clone();
        let courier = Courier::listed(definition, index.clone());
        if couriers.insert(slug.clone(), courier).is_some() {
            return Err(fail(line, format!("`{slug}` stands there twice")));
        }
    }
    Ok(couriers)
}

impl Row {
    fn definition(self) -> Result<Definition, String> {
        let countries = words(&self.countries, "countries", CountryCode::parse)?;
        let definition = Definition {
            slug: self.slug,
            name: self.name,
            other_name: self.other_name,
            phone: self.phone,
            website: self.website,
            default_language: self.default_language,
            languages: words(&self.languages, "languages", |it| Some(it.to_owned()))?,
            countries,
            tracking_link: None,
            required_fields: words(&self.required_fields, "required_fields", Field::parse)?,
            optional_fields: words(&self.optional_fields, "optional_fields", Field::parse)?,
            numbers_exhaustive: false,
            evidence: Evidence::Documented,
            feed: self.feed,
            connection: None,
            push: None,
            numbers: Vec::new(),
        };
        definition.checked()
    }
}

fn words<T>(text: &str, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    text.split_ascii_whitespace()
        .map(|word| parse(word).ok_or_else(|| format!("{column}: `{word}` is not known")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "slug,name,other_name,phone,website,default_language,languages,countries,required_fields,optional_fields,feed\n";

    #[test]
    fn rows_are_couriers_that_cannot_be_asked() {
        let text = format!(
            "{HEADER}acme,Acme,,+1 2,https://acme.test,de,de en,DEU AUT,destination_postal_code,tracking_ship_date,sftp\n"
        );
        let couriers = parse(&text).unwrap();
        let acme = couriers.values().next().unwrap();
        assert!(!acme.has_connection() && !acme.accepts("1234567890"));
        let definition = &acme.definition;
        assert_eq!(definition.required_fields, [Field::DestinationPostalCode]);
        assert_eq!(definition.feed, Some(Feed::Sftp));
        assert_eq!(definition.countries.len(), 2);
        assert_eq!(definition.other_name, None);
    }

    #[test]
    fn faults_name_their_line() {
        for (rows, problem) in [
            (
                "a,A,,,,en,,,,,\na,B,,,,en,,,,,\n",
                "line 3: `a` stands there twice",
            ),
            (
                "a,A,,,,en,,XXX,,,\n",
                "line 2: countries: `XXX` is not known",
            ),
            (
                "a,A,,,,en,,,shoe_size,,\n",
                "line 2: required_fields: `shoe_size`",
            ),
            ("a, ,,,,en,,,,,\n", "line 2: name: must have"),
            ("a,A,,,,english!,,,,,\n", "line 2: languages:"),
            ("a,A,,,,en,,,,,pigeon\n", "line 2: "),
            ("a,A\n", "line 2: "),
        ] {
            let error = parse(&format!("{HEADER}{rows}")).unwrap_err();
            assert!(error.problem.starts_with(problem), "{error}");
        }
    }
}
