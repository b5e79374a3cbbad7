//! Countries: ISO 3166-1 codes, English names, and the time zone where one clock rules a country.
//!
//! To add one: a line in [`COUNTRIES`], kept in the order of the alpha-3 code.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-3, upper case.
    pub alpha3: &'static str,
    /// ISO 3166-1 alpha-2, upper case.
    pub alpha2: &'static str,
    /// English short name.
    pub name: &'static str,
    /// The IANA zone if all clocks of the country agree, else `None`.
    pub zone: Option<&'static str>,
}

/// A country by its place in [`COUNTRIES`]; printed and serialised as alpha-3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode(u8);

impl CountryCode {
    /// Reads an alpha-3 or alpha-2 code in any case; `None` if there is no such country.
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim();
        let upper = || code.bytes().map(|byte| byte.to_ascii_uppercase());
        let place = match code.len() {
            3 => COUNTRIES
                .binary_search_by(|country| country.alpha3.bytes().cmp(upper()))
                .ok(),
            2 => COUNTRIES
                .iter()
                .position(|country| country.alpha2.eq_ignore_ascii_case(code)),
            _ => None,
        }?;
        u8::try_from(place).ok().map(Self)
    }

    /// The alpha-3 code.
    pub fn as_str(&self) -> &str {
        self.country().map_or("", |country| country.alpha3)
    }

    /// The alpha-2 code.
    pub fn alpha2(&self) -> &'static str {
        self.country().map_or("", |country| country.alpha2)
    }

    /// The English short name.
    pub fn name(&self) -> &'static str {
        self.country().map_or("", |country| country.name)
    }

    /// The IANA name of the country's zone, if one clock rules all of it.
    pub fn zone_name(&self) -> Option<&'static str> {
        self.country()?.zone
    }

    /// The country's zone, if one clock rules all of it.
    pub fn zone(&self) -> Option<TimeZone> {
        TimeZone::get(self.zone_name()?).ok()
    }

    /// A code is only ever made from a line of the table, so this always finds one.
    fn country(self) -> Option<&'static Country> {
        COUNTRIES.get(usize::from(self.0))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for CountryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no such country"))
    }
}

const fn country(
    alpha3: &'static str,
    alpha2: &'static str,
    name: &'static str,
    zone: &'static str,
) -> Country {
    Country {
        alpha3,
        alpha2,
        name,
        zone: if zone.is_empty() { None } else { Some(zone) },
    }
}

/// All countries, in the order of alpha-3. A zone is given where every place of the country shows
/// the same clock (Germany's exclave and China's second customary time do not count), and left
/// out where places differ, be it only on islands: a wrong zone is worse than none.
#[rustfmt::skip]
pub const COUNTRIES: [Country; 249] = [
    country("ABW", "AW", "Aruba", "America/Aruba"),
    country("AFG", "AF", "Afghanistan", "Asia/Kabul"),
    country("AGO", "AO", "Angola", "Africa/Luanda"),
    country("AIA", "AI", "Anguilla", "America/Anguilla"),
    country("ALA", "AX", "Åland Islands", "Europe/Mariehamn"),
    country("ALB", "AL", "Albania", "Europe/Tirane"),
    country("AND", "AD", "Andorra", "Europe/Andorra"),
    country("ARE", "AE", "United Arab Emirates", "Asia/Dubai"),
    country("ARG", "AR", "Argentina", "America/Argentina/Buenos_Aires"),
    country("ARM", "AM", "Armenia", "Asia/Yerevan"),
    country("ASM", "AS", "American Samoa", "Pacific/Pago_Pago"),
    country("ATA", "AQ", "Antarctica", ""),
    country("ATF", "TF", "French Southern Territories", "Indian/Kerguelen"),
    country("ATG", "AG", "Antigua and Barbuda", "America/Antigua"),
    country("AUS", "AU", "Australia", ""),
    country("AUT", "AT", "Austria", "Europe/Vienna"),
    country("AZE", "AZ", "Azerbaijan", "Asia/Baku"),
    country("BDI", "BI", "Burundi", "Africa/Bujumbura"),
    country("BEL", "BE", "Belgium", "Europe/Brussels"),
    country("BEN", "BJ", "Benin", "Africa/Porto-Novo"),
    country("BES", "BQ", "Bonaire, Sint Eustatius and Saba", "America/Kralendijk"),
    country("BFA", "BF", "Burkina Faso", "Africa/Ouagadougou"),
    country("BGD", "BD", "Bangladesh", "Asia/Dhaka"),
    country("BGR", "BG", "Bulgaria", "Europe/Sofia"),
    country("BHR", "BH", "Bahrain", "Asia/Bahrain"),
    country("BHS", "BS", "Bahamas", "America/Nassau"),
    country("BIH", "BA", "Bosnia and Herzegovina", "Europe/Sarajevo"),
    country("BLM", "BL", "Saint Barthélemy", "America/St_Barthelemy"),
    country("BLR", "BY", "Belarus", "Europe/Minsk"),
    country("BLZ", "BZ", "Belize", "America/Belize"),
    country("BMU", "BM", "Bermuda", "Atlantic/Bermuda"),
    country("BOL", "BO", "Bolivia", "America/La_Paz"),
    country("BRA", "BR", "Brazil", ""),
    country("BRB", "BB", "Barbados", "America/Barbados"),
    country("BRN", "BN", "Brunei", "Asia/Brunei"),
    country("BTN", "BT", "Bhutan", "Asia/Thimphu"),
    country("BVT", "BV", "Bouvet Island", ""),
    country("BWA", "BW", "Botswana", "Africa/Gaborone"),
    country("CAF", "CF", "Central African Republic", "Africa/Bangui"),
    country("CAN", "CA", "Canada", ""),
    country("CCK", "CC", "Cocos (Keeling) Islands", "Indian/Cocos"),
    country("CHE", "CH", "Switzerland", "Europe/Zurich"),
    country("CHL", "CL", "Chile", ""),
    country("CHN", "CN", "China", "Asia/Shanghai"),
    country("CIV", "CI", "Côte d'Ivoire", "Africa/Abidjan"),
    country("CMR", "CM", "Cameroon", "Africa/Douala"),
    country("COD", "CD", "Democratic Republic of the Congo", ""),
    country("COG", "CG", "Congo", "Africa/Brazzaville"),
    country("COK", "CK", "Cook Islands", "Pacific/Rarotonga"),
    country("COL", "CO", "Colombia", "America/Bogota"),
    country("COM", "KM", "Comoros", "Indian/Comoro"),
    country("CPV", "CV", "Cabo Verde", "Atlantic/Cape_Verde"),
    country("CRI", "CR", "Costa Rica", "America/Costa_Rica"),
    country("CUB", "CU", "Cuba", "America/Havana"),
    country("CUW", "CW", "Curaçao", "America/Curacao"),
    country("CXR", "CX", "Christmas Island", "Indian/Christmas"),
    country("CYM", "KY", "Cayman Islands", "America/Cayman"),
    country("CYP", "CY", "Cyprus", "Asia/Nicosia"),
    country("CZE", "CZ", "Czechia", "Europe/Prague"),
    country("DEU", "DE", "Germany", "Europe/Berlin"),
    country("DJI", "DJ", "Djibouti", "Africa/Djibouti"),
    country("DMA", "DM", "Dominica", "America/Dominica"),
    country("DNK", "DK", "Denmark", "Europe/Copenhagen"),
    country("DOM", "DO", "Dominican Republic", "America/Santo_Domingo"),
    country("DZA", "DZ", "Algeria", "Africa/Algiers"),
    country("ECU", "EC", "Ecuador", ""),
    country("EGY", "EG", "Egypt", "Africa/Cairo"),
    country("ERI", "ER", "Eritrea", "Africa/Asmara"),
    country("ESH", "EH", "Western Sahara", "Africa/El_Aaiun"),
    country("ESP", "ES", "Spain", ""),
    country("EST", "EE", "Estonia", "Europe/Tallinn"),
    country("ETH", "ET", "Ethiopia", "Africa/Addis_Ababa"),
    country("FIN", "FI", "Finland", "Europe/Helsinki"),
    country("FJI", "FJ", "Fiji", "Pacific/Fiji"),
    country("FLK", "FK", "Falkland Islands", "Atlantic/Stanley"),
    country("FRA", "FR", "France", "Europe/Paris"),
    country("FRO", "FO", "Faroe Islands", "Atlantic/Faroe"),
    country("FSM", "FM", "Micronesia", ""),
    country("GAB", "GA", "Gabon", "Africa/Libreville"),
    country("GBR", "GB", "United Kingdom", "Europe/London"),
    country("GEO", "GE", "Georgia", "Asia/Tbilisi"),
    country("GGY", "GG", "Guernsey", "Europe/Guernsey"),
    country("GHA", "GH", "Ghana", "Africa/Accra"),
    country("GIB", "GI", "Gibraltar", "Europe/Gibraltar"),
    country("GIN", "GN", "Guinea", "Africa/Conakry"),
    country("GLP", "GP", "Guadeloupe", "America/Guadeloupe"),
    country("GMB", "GM", "Gambia", "Africa/Banjul"),
    country("GNB", "GW", "Guinea-Bissau", "Africa/Bissau"),
    country("GNQ", "GQ", "Equatorial Guinea", "Africa/Malabo"),
    country("GRC", "GR", "Greece", "Europe/Athens"),
    country("GRD", "GD", "Grenada", "America/Grenada"),
    country("GRL", "GL", "Greenland", ""),
    country("GTM", "GT", "Guatemala", "America/Guatemala"),
    country("GUF", "GF", "French Guiana", "America/Cayenne"),
    country("GUM", "GU", "Guam", "Pacific/Guam"),
    country("GUY", "GY", "Guyana", "America/Guyana"),
    country("HKG", "HK", "Hong Kong", "Asia/Hong_Kong"),
    country("HMD", "HM", "Heard Island and McDonald Islands", ""),
    country("HND", "HN", "Honduras", "America/Tegucigalpa"),
    country("HRV", "HR", "Croatia", "Europe/Zagreb"),
    country("HTI", "HT", "Haiti", "America/Port-au-Prince"),
    country("HUN", "HU", "Hungary", "Europe/Budapest"),
    country("IDN", "ID", "Indonesia", ""),
    country("IMN", "IM", "Isle of Man", "Europe/Isle_of_Man"),
    country("IND", "IN", "India", "Asia/Kolkata"),
    country("IOT", "IO", "British Indian Ocean Territory", "Indian/Chagos"),
    country("IRL", "IE", "Ireland", "Europe/Dublin"),
    country("IRN", "IR", "Iran", "Asia/Tehran"),
    country("IRQ", "IQ", "Iraq", "Asia/Baghdad"),
    country("ISL", "IS", "Iceland", "Atlantic/Reykjavik"),
    country("ISR", "IL", "Israel", "Asia/Jerusalem"),
    country("ITA", "IT", "Italy", "Europe/Rome"),
    country("JAM", "JM", "Jamaica", "America/Jamaica"),
    country("JEY", "JE", "Jersey", "Europe/Jersey"),
    country("JOR", "JO", "Jordan", "Asia/Amman"),
    country("JPN", "JP", "Japan", "Asia/Tokyo"),
    country("KAZ", "KZ", "Kazakhstan", "Asia/Almaty"),
    country("KEN", "KE", "Kenya", "Africa/Nairobi"),
    country("KGZ", "KG", "Kyrgyzstan", "Asia/Bishkek"),
    country("KHM", "KH", "Cambodia", "Asia/Phnom_Penh"),
    country("KIR", "KI", "Kiribati", ""),
    country("KNA", "KN", "Saint Kitts and Nevis", "America/St_Kitts"),
    country("KOR", "KR", "South Korea", "Asia/Seoul"),
    country("KWT", "KW", "Kuwait", "Asia/Kuwait"),
    country("LAO", "LA", "Laos", "Asia/Vientiane"),
    country("LBN", "LB", "Lebanon", "Asia/Beirut"),
    country("LBR", "LR", "Liberia", "Africa/Monrovia"),
    country("LBY", "LY", "Libya", "Africa/Tripoli"),
    country("LCA", "LC", "Saint Lucia", "America/St_Lucia"),
    country("LIE", "LI", "Liechtenstein", "Europe/Vaduz"),
    country("LKA", "LK", "Sri Lanka", "Asia/Colombo"),
    country("LSO", "LS", "Lesotho", "Africa/Maseru"),
    country("LTU", "LT", "Lithuania", "Europe/Vilnius"),
    country("LUX", "LU", "Luxembourg", "Europe/Luxembourg"),
    country("LVA", "LV", "Latvia", "Europe/Riga"),
    country("MAC", "MO", "Macao", "Asia/Macau"),
    country("MAF", "MF", "Saint Martin (French part)", "America/Marigot"),
    country("MAR", "MA", "Morocco", "Africa/Casablanca"),
    country("MCO", "MC", "Monaco", "Europe/Monaco"),
    country("MDA", "MD", "Moldova", "Europe/Chisinau"),
    country("MDG", "MG", "Madagascar", "Indian/Antananarivo"),
    country("MDV", "MV", "Maldives", "Indian/Maldives"),
    country("MEX", "MX", "Mexico", ""),
    country("MHL", "MH", "Marshall Islands", "Pacific/Majuro"),
    country("MKD", "MK", "North Macedonia", "Europe/Skopje"),
    country("MLI", "ML", "Mali", "Africa/Bamako"),
    country("MLT", "MT", "Malta", "Europe/Malta"),
    country("MMR", "MM", "Myanmar", "Asia/Yangon"),
    country("MNE", "ME", "Montenegro", "Europe/Podgorica"),
    country("MNG", "MN", "Mongolia", ""),
    country("MNP", "MP", "Northern Mariana Islands", "Pacific/Saipan"),
    country("MOZ", "MZ", "Mozambique", "Africa/Maputo"),
    country("MRT", "MR", "Mauritania", "Africa/Nouakchott"),
    country("MSR", "MS", "Montserrat", "America/Montserrat"),
    country("MTQ", "MQ", "Martinique", "America/Martinique"),
    country("MUS", "MU", "Mauritius", "Indian/Mauritius"),
    country("MWI", "MW", "Malawi", "Africa/Blantyre"),
    country("MYS", "MY", "Malaysia", "Asia/Kuala_Lumpur"),
    country("MYT", "YT", "Mayotte", "Indian/Mayotte"),
    country("NAM", "NA", "Namibia", "Africa/Windhoek"),
    country("NCL", "NC", "New Caledonia", "Pacific/Noumea"),
    country("NER", "NE", "Niger", "Africa/Niamey"),
    country("NFK", "NF", "Norfolk Island", "Pacific/Norfolk"),
    country("NGA", "NG", "Nigeria", "Africa/Lagos"),
    country("NIC", "NI", "Nicaragua", "America/Managua"),
    country("NIU", "NU", "Niue", "Pacific/Niue"),
    country("NLD", "NL", "Netherlands", "Europe/Amsterdam"),
    country("NOR", "NO", "Norway", "Europe/Oslo"),
    country("NPL", "NP", "Nepal", "Asia/Kathmandu"),
    country("NRU", "NR", "Nauru", "Pacific/Nauru"),
    country("NZL", "NZ", "New Zealand", ""),
    country("OMN", "OM", "Oman", "Asia/Muscat"),
    country("PAK", "PK", "Pakistan", "Asia/Karachi"),
    country("PAN", "PA", "Panama", "America/Panama"),
    country("PCN", "PN", "Pitcairn", "Pacific/Pitcairn"),
    country("PER", "PE", "Peru", "America/Lima"),
    country("PHL", "PH", "Philippines", "Asia/Manila"),
    country("PLW", "PW", "Palau", "Pacific/Palau"),
    country("PNG", "PG", "Papua New Guinea", ""),
    country("POL", "PL", "Poland", "Europe/Warsaw"),
    country("PRI", "PR", "Puerto Rico", "America/Puerto_Rico"),
    country("PRK", "KP", "North Korea", "Asia/Pyongyang"),
    country("PRT", "PT", "Portugal", ""),
    country("PRY", "PY", "Paraguay", "America/Asuncion"),
    country("PSE", "PS", "Palestine", "Asia/Gaza"),
    country("PYF", "PF", "French Polynesia", ""),
    country("QAT", "QA", "Qatar", "Asia/Qatar"),
    country("REU", "RE", "Réunion", "Indian/Reunion"),
    country("ROU", "RO", "Romania", "Europe/Bucharest"),
    country("RUS", "RU", "Russia", ""),
    country("RWA", "RW", "Rwanda", "Africa/Kigali"),
    country("SAU", "SA", "Saudi Arabia", "Asia/Riyadh"),
    country("SDN", "SD", "Sudan", "Africa/Khartoum"),
    country("SEN", "SN", "Senegal", "Africa/Dakar"),
    country("SGP", "SG", "Singapore", "Asia/Singapore"),
    country("SGS", "GS", "South Georgia and the South Sandwich Islands", "Atlantic/South_Georgia"),
    country("SHN", "SH", "Saint Helena, Ascension and Tristan da Cunha", "Atlantic/St_Helena"),
    country("SJM", "SJ", "Svalbard and Jan Mayen", "Arctic/Longyearbyen"),
    country("SLB", "SB", "Solomon Islands", "Pacific/Guadalcanal"),
    country("SLE", "SL", "Sierra Leone", "Africa/Freetown"),
    country("SLV", "SV", "El Salvador", "America/El_Salvador"),
    country("SMR", "SM", "San Marino", "Europe/San_Marino"),
    country("SOM", "SO", "Somalia", "Africa/Mogadishu"),
    country("SPM", "PM", "Saint Pierre and Miquelon", "America/Miquelon"),
    country("SRB", "RS", "Serbia", "Europe/Belgrade"),
    country("SSD", "SS", "South Sudan", "Africa/Juba"),
    country("STP", "ST", "Sao Tome and Principe", "Africa/Sao_Tome"),
    country("SUR", "SR", "Suriname", "America/Paramaribo"),
    country("SVK", "SK", "Slovakia", "Europe/Bratislava"),
    country("SVN", "SI", "Slovenia", "Europe/Ljubljana"),
    country("SWE", "SE", "Sweden", "Europe/Stockholm"),
    country("SWZ", "SZ", "Eswatini", "Africa/Mbabane"),
    country("SXM", "SX", "Sint Maarten (Dutch part)", "America/Lower_Princes"),
    country("SYC", "SC", "Seychelles", "Indian/Mahe"),
    country("SYR", "SY", "Syria", "Asia/Damascus"),
    country("TCA", "TC", "Turks and Caicos Islands", "America/Grand_Turk"),
    country("TCD", "TD", "Chad", "Africa/Ndjamena"),
    country("TGO", "TG", "Togo", "Africa/Lome"),
    country("THA", "TH", "Thailand", "Asia/Bangkok"),
    country("TJK", "TJ", "Tajikistan", "Asia/Dushanbe"),
    country("TKL", "TK", "Tokelau", "Pacific/Fakaofo"),
    country("TKM", "TM", "Turkmenistan", "Asia/Ashgabat"),
    country("TLS", "TL", "Timor-Leste", "Asia/Dili"),
    country("TON", "TO", "Tonga", "Pacific/Tongatapu"),
    country("TTO", "TT", "Trinidad and Tobago", "America/Port_of_Spain"),
    country("TUN", "TN", "Tunisia", "Africa/Tunis"),
    country("TUR", "TR", "Türkiye", "Europe/Istanbul"),
    country("TUV", "TV", "Tuvalu", "Pacific/Funafuti"),
    country("TWN", "TW", "Taiwan", "Asia/Taipei"),
    country("TZA", "TZ", "Tanzania", "Africa/Dar_es_Salaam"),
    country("UGA", "UG", "Uganda", "Africa/Kampala"),
    country("UKR", "UA", "Ukraine", "Europe/Kyiv"),
    country("UMI", "UM", "U.S. Minor Outlying Islands", ""),
    country("URY", "UY", "Uruguay", "America/Montevideo"),
    country("USA", "US", "United States", ""),
    country("UZB", "UZ", "Uzbekistan", "Asia/Tashkent"),
    country("VAT", "VA", "Vatican City", "Europe/Vatican"),
    country("VCT", "VC", "Saint Vincent and the Grenadines", "America/St_Vincent"),
    country("VEN", "VE", "Venezuela", "America/Caracas"),
    country("VGB", "VG", "British Virgin Islands", "America/Tortola"),
    country("VIR", "VI", "U.S. Virgin Islands", "America/St_Thomas"),
    country("VNM", "VN", "Vietnam", "Asia/Ho_Chi_Minh"),
    country("VUT", "VU", "Vanuatu", "Pacific/Efate"),
    country("WLF", "WF", "Wallis and Futuna", "Pacific/Wallis"),
    country("WSM", "WS", "Samoa", "Pacific/Apia"),
    country("YEM", "YE", "Yemen", "Asia/Aden"),
    country("ZAF", "ZA", "South Africa", "Africa/Johannesburg"),
    country("ZMB", "ZM", "Zambia", "Africa/Lusaka"),
    country("ZWE", "ZW", "Zimbabwe", "Africa/Harare"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_unique_and_its_zones_exist() {
        for pair in COUNTRIES.windows(2) {
            assert!(pair[0].alpha3 < pair[1].alpha3, "{}", pair[1].alpha3);
        }
        let alpha2: std::collections::BTreeSet<_> = COUNTRIES.iter().map(|c| c.alpha2).collect();
        assert_eq!(alpha2.len(), COUNTRIES.len());
        for country in COUNTRIES {
            let code = CountryCode::parse(country.alpha3).expect(country.alpha3);
            assert_eq!(code.as_str(), country.alpha3);
            assert_eq!(CountryCode::parse(country.alpha2), Some(code));
            assert_eq!(code.zone().is_some(), country.zone.is_some(), "{code}");
        }
    }

    #[test]
    fn codes_are_read_in_any_case_and_length() {
        let code = CountryCode::parse("nld").expect("known");
        assert_eq!(code, CountryCode::parse(" NL ").expect("known"));
        assert_eq!(code.name(), "Netherlands");
        assert_eq!(code.zone_name(), Some("Europe/Amsterdam"));
        for text in ["", "N", "NLDX", "XX", "XXX", "é1"] {
            assert_eq!(CountryCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_country_of_several_clocks_has_no_zone() {
        for code in ["USA", "BRA", "AUS", "ESP", "PRT", "IDN"] {
            assert_eq!(CountryCode::parse(code).expect(code).zone_name(), None);
        }
    }
}
