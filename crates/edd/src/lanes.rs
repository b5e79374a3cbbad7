//! How many business days a kind of courier needs over a lane.

use std::sync::OnceLock;

use serde::{Deserialize, de::DeserializeOwned};
use waybill_model::CountryCode;

use crate::places::region_of;

/// Kind of a courier that no table names.
const PARCEL: &str = "parcel";

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Lane {
    /// `express`, `parcel` or `post`.
    kind: String,
    /// From a country or region to another (`USA>CAN`, `europe>north-america`), or `domestic`, `region`
    /// (within one), `world`.
    #[serde(rename = "lane")]
    ways: String,
    /// Business days: one parcel in ten comes sooner.
    pub min: u32,
    /// Most come by then.
    pub likely: u32,
    /// One in ten comes later.
    pub max: u32,
    /// How much to trust the line, as the API says it.
    pub confidence: u32,
}

#[derive(Deserialize)]
struct Kinds {
    kind: String,
    names: String,
}

/// The first line that fits; the last of each kind fits everything.
pub(crate) fn lane(
    kind: &str,
    origin: CountryCode,
    destination: CountryCode,
) -> Option<&'static Lane> {
    static LANES: OnceLock<Vec<Lane>> = OnceLock::new();
    let lanes = LANES.get_or_init(|| table(include_bytes!("../data/lanes.csv")));
    let (from, to) = (region_of(origin), region_of(destination));
    lanes.iter().find(|line| {
        line.kind == kind
            && match line.ways.as_str() {
                "domestic" => origin == destination,
                "region" => from.is_some() && from == to,
                "world" => true,
                pair => pair.split_once('>').is_some_and(|(start, end)| {
                    let fits = |name: &str, country: CountryCode, region: Option<&str>| {
                        name == country.as_str() || Some(name) == region
                    };
                    fits(start, origin, from) && fits(end, destination, to)
                }),
            }
    })
}

/// Of which kind a courier is.
pub(crate) fn kind_of_courier(slug: &str) -> &'static str {
    static KINDS: OnceLock<Vec<Kinds>> = OnceLock::new();
    let kinds = KINDS.get_or_init(|| table(include_bytes!("../data/couriers.csv")));
    let named = |line: &&Kinds| line.names.split(' ').any(|name| name == slug);
    kinds.iter().find(named).map_or(PARCEL, |line| &line.kind)
}

/// Of which kind a service is, by a word of its name.
pub(crate) fn kind_of_service(name: &str) -> Option<&'static str> {
    static KINDS: OnceLock<Vec<Kinds>> = OnceLock::new();
    let kinds = KINDS.get_or_init(|| table(include_bytes!("../data/services.csv")));
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .map(str::to_lowercase)
        .collect();
    let named = |line: &&Kinds| {
        let mut names = line.names.split(' ');
        names.any(|name| words.iter().any(|word| word == name))
    };
    kinds.iter().find(named).map(|line| line.kind.as_str())
}

/// The lines of a table of ours; tests see to it that all of them are read.
pub(crate) fn table<T: DeserializeOwned>(bytes: &[u8]) -> Vec<T> {
    csv::Reader::from_reader(bytes)
        .deserialize()
        .filter_map(Result::ok)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> CountryCode {
        CountryCode::parse(code).expect("a country")
    }

    #[test]
    fn every_line_is_read_and_makes_sense() {
        let bytes = include_bytes!("../data/lanes.csv");
        let lanes: Vec<Lane> = table(bytes);
        let text = std::str::from_utf8(bytes).expect("text");
        assert_eq!(lanes.len() + 1, text.lines().count(), "cannot be read");
        for line in &lanes {
            assert!(
                line.min <= line.likely && line.likely <= line.max,
                "{line:?}"
            );
            assert!(
                [10001, 20001, 30001, 30002].contains(&line.confidence),
                "{line:?}"
            );
        }
        for kind in ["express", "parcel", "post"] {
            let last = lanes.iter().rfind(|line| line.kind == kind).expect("lines");
            assert_eq!(
                last.ways, "world",
                "the last line of {kind} has to fit everything"
            );
        }
    }

    #[test]
    fn the_nearest_line_counts() {
        let found = |kind, from, to| {
            lane(kind, country(from), country(to))
                .expect("a line")
                .ways
                .as_str()
        };
        assert_eq!(found("parcel", "DEU", "DEU"), "DEU>DEU");
        assert_eq!(found("parcel", "AND", "AND"), "domestic");
        assert_eq!(found("parcel", "DEU", "POL"), "region");
        assert_eq!(found("parcel", "DEU", "USA"), "europe>north-america");
        assert_eq!(found("post", "ATA", "DEU"), "world");
    }

    #[test]
    fn couriers_and_services_have_a_kind() {
        assert_eq!(kind_of_courier("dhl"), "express");
        assert_eq!(kind_of_courier("usps"), "post");
        assert_eq!(kind_of_courier("ups"), "parcel");
        assert_eq!(kind_of_courier("no-such-courier"), "parcel");
        assert_eq!(kind_of_service("FEDEX EXPRESS SAVER"), Some("express"));
        assert_eq!(kind_of_service("UPS Ground"), Some("parcel"));
        assert_eq!(kind_of_service("Something new"), None);
    }
}
