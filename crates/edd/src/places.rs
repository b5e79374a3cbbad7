//! Where an address lies: its zone, and which countries are near.

use std::sync::OnceLock;

use jiff::tz::TimeZone;
use serde::Deserialize;
use waybill_model::CountryCode;

use crate::lanes::table;

#[derive(Deserialize)]
struct StateZone {
    country: String,
    states: String,
    zone: String,
}

#[derive(Deserialize)]
struct Region {
    region: String,
    countries: String,
}

/// The zone of an address: the country's where one clock rules it, else the state's where we know it.
pub fn zone_of(country: CountryCode, state: Option<&str>) -> Option<TimeZone> {
    static ZONES: OnceLock<Vec<StateZone>> = OnceLock::new();
    if let Some(zone) = country.zone() {
        return Some(zone);
    }
    let state = state?.trim().to_uppercase();
    let zones = ZONES.get_or_init(|| table(include_bytes!("../data/zones.csv")));
    let line = zones.iter().find(|line| {
        line.country == country.as_str() && line.states.split(' ').any(|known| known == state)
    })?;
    TimeZone::get(&line.zone).ok()
}

/// The region of a country, where we know it.
pub(crate) fn region_of(country: CountryCode) -> Option<&'static str> {
    static REGIONS: OnceLock<Vec<Region>> = OnceLock::new();
    let regions = REGIONS.get_or_init(|| table(include_bytes!("../data/regions.csv")));
    let line = regions.iter().find(|line| {
        line.countries
            .split(' ')
            .any(|known| known == country.as_str())
    })?;
    Some(&line.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> CountryCode {
        CountryCode::parse(code).expect("a country")
    }

    #[test]
    fn a_state_has_a_zone_where_its_country_has_several() {
        let zone = |code, state| {
            let zone = zone_of(country(code), state)?;
            zone.iana_name().map(str::to_owned)
        };
        assert_eq!(zone("DEU", None).as_deref(), Some("Europe/Berlin"));
        assert_eq!(
            zone("USA", Some(" ca ")).as_deref(),
            Some("America/Los_Angeles")
        );
        assert_eq!(zone("USA", Some("NY")).as_deref(), Some("America/New_York"));
        assert_eq!(zone("AUS", Some("WA")).as_deref(), Some("Australia/Perth"));
        assert_eq!(
            zone("USA", Some("WA")).as_deref(),
            Some("America/Los_Angeles")
        );
        assert_eq!(zone("USA", None), None);
    }

    #[test]
    fn every_line_names_zones_and_countries_that_exist() {
        let zones: Vec<StateZone> = table(include_bytes!("../data/zones.csv"));
        assert!(!zones.is_empty());
        for line in zones {
            assert_eq!(country(&line.country).zone_name(), None, "{}", line.country);
            assert!(TimeZone::get(&line.zone).is_ok(), "{}", line.zone);
        }
        let regions: Vec<Region> = table(include_bytes!("../data/regions.csv"));
        let mut seen = std::collections::BTreeSet::new();
        for code in regions.iter().flat_map(|line| line.countries.split(' ')) {
            assert!(CountryCode::parse(code).is_some(), "{code}");
            assert!(seen.insert(code.to_owned()), "{code} twice");
        }
    }
}
