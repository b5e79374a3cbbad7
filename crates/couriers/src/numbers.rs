//! Number formats: what a courier's tracking numbers look like, as `[[numbers]]` of `courier.toml`
//! says it.
//!
//! A format is a pattern, optionally a check digit, and how much it weighs against other couriers'
//! formats. S10 identifiers have a shorthand, `s10 = ["GB"]`.

mod check;
mod shape;

use serde::Deserialize;
use waybill_model::CountryCode;

pub use check::Check;
pub use shape::{LONGEST_NUMBER, Shape};

/// One kind of number of one courier.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "FormatRow")]
pub struct NumberFormat {
    /// What the format is called, unique within its courier.
    pub name: String,
    /// Which numbers have the shape. Patterns are matched against the whole number in upper case
    /// without blanks and hyphens; a pattern that contains a hyphen is matched with them kept.
    pub shape: Shape,
    /// The check digit, where there is one.
    pub check: Option<Check>,
    /// What the format's evidence is.
    pub strength: Strength,
    /// The check was never tried on real numbers: a number that fails it is doubted, not refused.
    pub unverified: bool,
    /// Where the format fits, no other courier is offered.
    pub exclusive: bool,
    /// Where such parcels begin or end; empty = anywhere.
    pub countries: Vec<CountryCode>,
    /// How common the format is, against 1 for a large carrier's main format.
    pub weight: f64,
    /// Where the destination's postal code stands in the number.
    pub postal_code: Option<PostalCodePlace>,
    /// Made-up numbers that fit, check digit included.
    pub examples: Vec<String>,
}

/// What the evidence of a format is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// A check digit.
    Checked,
    /// Characters that point at one courier.
    Prefix,
    /// Anything of that length.
    Length,
}

/// Where in a number (normalised) a postal code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostalCodePlace {
    /// Characters before it.
    pub skip: usize,
    /// Its length.
    pub length: usize,
}

impl Strength {
    /// The weight of a format that does not say its own.
    fn weight(self) -> f64 {
        match self {
            Self::Checked => 1.0,
            Self::Prefix => 0.5,
            Self::Length => 0.05,
        }
    }
}

/// `[[numbers]]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormatRow {
    name: Option<String>,
    pattern: Option<String>,
    check: Option<Check>,
    strength: Option<Strength>,
    /// Two-letter countries whose post issues S10 identifiers under this courier's name.
    #[serde(default)]
    s10: Vec<String>,
    /// First letters of the S10 service indicator; all if absent.
    services: Option<String>,
    #[serde(default)]
    unverified: bool,
    #[serde(default)]
    exclusive: bool,
    #[serde(default)]
    countries: Vec<CountryCode>,
    weight: Option<f64>,
    postal_code: Option<PostalCodePlace>,
    #[serde(default)]
    examples: Vec<String>,
}

impl TryFrom<FormatRow> for NumberFormat {
    type Error = String;

    fn try_from(row: FormatRow) -> Result<Self, String> {
        let row = if row.s10.is_empty() {
            row
        } else {
            spelt_out(row)?
        };
        if row.services.is_some() {
            return Err("`services` belongs to `s10`".into());
        }
        let shape = Shape::parse(&row.pattern.ok_or("a format needs `pattern` or `s10`")?)?;
        let strength = row.strength.ok_or("a format needs `strength`")?;
        if (strength == Strength::Checked) != row.check.is_some() {
            return Err("strength `checked` and `check` go together".into());
        }
        if row.unverified && row.check.is_none() {
            return Err("`unverified` is about a check".into());
        }
        if let Some(check) = &row.check {
            if let Some(fault) = check.fault() {
                return Err(fault.into());
            }
            if shape.shortest() < check.shortest_number() {
                return Err("check: the pattern fits numbers too short for it".into());
            }
        }
        let weight = row.weight.unwrap_or_else(|| strength.weight());
        if !(weight > 0.0 && weight <= HEAVIEST) {
            return Err(format!("`weight` must be above 0 and at most {HEAVIEST}"));
        }
        Ok(Self {
            name: row
                .name
                .filter(|name| !name.is_empty())
                .ok_or("a format needs `name`")?,
            shape,
            check: row.check,
            strength,
            unverified: row.unverified,
            exclusive: row.exclusive,
            countries: row.countries,
            weight,
            postal_code: row.postal_code,
            examples: row.examples,
        })
    }
}

/// One is a large carrier's main format; nothing weighs a hundred of those.
const HEAVIEST: f64 = 100.0;

/// The S10 shorthand as the pattern and check it stands for.
fn spelt_out(row: FormatRow) -> Result<FormatRow, String> {
    if row.pattern.is_some() || row.check.is_some() || row.strength.is_some() {
        return Err("`s10` stands for pattern, check and strength: leave those out".into());
    }
    if row
        .s10
        .iter()
        .any(|country| country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        return Err("`s10` takes two-letter countries in upper case".into());
    }
    let service = match &row.services {
        None => "A-Z",
        Some(letters)
            if !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_uppercase()) =>
        {
            letters
        }
        Some(_) => return Err("`services` takes upper-case letters".into()),
    };
    let countries = row.s10.join("|");
    Ok(FormatRow {
        name: Some(
            row.name
                .unwrap_or_else(|| format!("S10 {}", row.s10.join(" "))),
        ),
        pattern: Some(format!(r"[{service}][A-Z]\d{{9}}(?:{countries})")),
        check: Some(Check::s10()),
        strength: Some(Strength::Checked),
        s10: Vec::new(),
        services: None,
        ..row
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str) -> Result<NumberFormat, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn s10_is_a_shorthand() {
        let short = format(r#"s10 = ["GB"]"#).unwrap();
        let long = format(
            r#"
            name = "S10 GB"
            pattern = '[A-Z][A-Z]\d{9}(?:GB)'
            check = { algorithm = "s10", skip = 2, after = 2 }
            strength = "checked"
            "#,
        )
        .unwrap();
        assert_eq!(short, long);
        let express = format("s10 = [\"CN\"]\nservices = \"E\"\nname = \"EMS\"").unwrap();
        assert!(
            express.shape.likelihood(13) > short.shape.likelihood(13),
            "a narrower shape says more"
        );
    }

    #[test]
    fn faults_are_told() {
        let cases = [
            ("", "a format needs `pattern` or `s10`"),
            (
                "name = \"x\"\npattern = '\\d{4}'",
                "a format needs `strength`",
            ),
            (
                "pattern = '\\d{4}'\nstrength = \"length\"",
                "a format needs `name`",
            ),
            (
                "name = \"x\"\npattern = '\\d{4}'\nstrength = \"checked\"",
                "strength `checked` and `check` go together",
            ),
            (
                "name = \"x\"\npattern = '\\d{4}'\nstrength = \"length\"\nunverified = true",
                "`unverified` is about a check",
            ),
            (
                "name = \"x\"\npattern = '\\d{4}'\nstrength = \"length\"\nweight = 0.0",
                "`weight` must be above 0 and at most 100",
            ),
            (
                "name = \"x\"\npattern = '\\d{4}'\nstrength = \"checked\"\ncheck = { algorithm = \"luhn\", skip = 3 }",
                "check: the pattern fits numbers too short for it",
            ),
            (
                "name = \"x\"\npattern = '\\d{4}'\nstrength = \"checked\"\ncheck = { algorithm = \"luhn\", weights = [1] }",
                "check: `weights` belong to the weighted algorithms, and to them only",
            ),
            (
                "s10 = [\"gb\"]",
                "`s10` takes two-letter countries in upper case",
            ),
            (
                "s10 = [\"GB\"]\nservices = \"\"",
                "`services` takes upper-case letters",
            ),
            (
                "s10 = [\"GB\"]\nstrength = \"prefix\"",
                "`s10` stands for pattern, check and strength: leave those out",
            ),
        ];
        for (text, fault) in cases {
            assert_eq!(format(text).unwrap_err(), fault, "{text}");
        }
        assert!(
            format("nonsense = 1")
                .unwrap_err()
                .contains("unknown field")
        );
    }
}
