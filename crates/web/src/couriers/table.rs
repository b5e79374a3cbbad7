//! The rows of the page, and all of them as CSV.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{PATH, row::Row};

/// Rows of a page: a phone shows it at once.
const ROWS_OF_A_PAGE: usize = 100;

/// Which couriers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    All,
    Connected,
    Recognised,
}

impl Show {
    const CHOICES: [(Self, &'static str, &'static str); 3] = [
        (Self::All, "", "all couriers"),
        (Self::Connected, "connected", "with a live connection"),
        (Self::Recognised, "recognised", "recognised by number"),
    ];

    /// All, where the word is none of the choices.
    pub fn parse(word: &str) -> Self {
        let found = Self::CHOICES.iter().find(|(_, known, _)| *known == word);
        found.map_or(Self::All, |(show, _, _)| *show)
    }

    pub fn takes(self, row: &Row<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Connected => row.is_connected,
            Self::Recognised => row.is_recognised(),
        }
    }

    fn word(self) -> &'static str {
        let found = Self::CHOICES.iter().find(|(show, _, _)| *show == self);
        found.map_or("", |(_, word, _)| word)
    }

    /// The choices of the form, this one chosen.
    pub fn choices(self) -> String {
        let choice = |(show, word, name): &(Self, &str, &str)| {
            let selected = if *show == self { " selected" } else { "" };
            format!("<option value=\"{word}\"{selected}>{name}</option>")
        };
        Self::CHOICES.iter().map(choice).collect()
    }
}

/// How many couriers there are, and how many can do what.
pub(super) fn counts(all: &[Row<'_>]) -> String {
    let connected = all.iter().filter(|row| row.is_connected).count();
    let recognised = all.iter().filter(|row| row.is_recognised()).count();
    format!(
        "{} couriers: {connected} with a live connection, {recognised} recognised by number.",
        all.len()
    )
}

/// One page of what was found.
pub(super) struct Page {
    found: usize,
    number: usize,
}

impl Page {
    /// The page with this number, from 1; the nearest there is.
    pub fn of(found: usize, number: &str) -> Self {
        let last = found.div_ceil(ROWS_OF_A_PAGE).max(1);
        let number = number.parse().unwrap_or(1).clamp(1, last);
        Self { found, number }
    }

    fn first(&self) -> usize {
        (self.number - 1) * ROWS_OF_A_PAGE
    }

    pub fn found(&self) -> String {
        match self.found {
            0 => "No courier is called so. An unknown one can be added as a folder of data."
                .to_owned(),
            1 => "1 courier".to_owned(),
            found if found <= ROWS_OF_A_PAGE => format!("{found} couriers"),
            found => {
                let first = self.first();
                let last = (first + ROWS_OF_A_PAGE).min(found);
                format!("{found} couriers, {} to {last}", first + 1)
            }
        }
    }

    pub fn shown(&self, found: &[&Row<'_>]) -> String {
        let rows = found.iter().skip(self.first()).take(ROWS_OF_A_PAGE);
        rows.map(|row| row.html()).collect()
    }

    /// Links to all pages, where there are several.
    pub fn links(&self, search: &str, show: Show) -> String {
        let last = self.found.div_ceil(ROWS_OF_A_PAGE);
        let search = utf8_percent_encode(search, NON_ALPHANUMERIC).to_string();
        let mut links = String::new();
        for page in (1..=last).filter(|_| last > 1) {
            let current = if page == self.number {
                " aria-current=\"page\""
            } else {
                ""
            };
            let show = show.word();
            // Writing to a string cannot fail.
            let _ = write!(
                links,
                "<a href=\"{PATH}?search={search}&amp;show={show}&amp;page={page}\"{current}>{page}</a>"
            );
        }
        links
    }
}

/// Every courier in a line.
pub(super) fn csv(all: &[Row<'_>]) -> String {
    let mut text = String::from(
        "slug,name,type,countries,number_formats,connection,account,feed,required_fields\n",
    );
    for row in all {
        let definition = row.definition;
        let countries = definition.countries.iter().map(ToString::to_string);
        let countries: Vec<String> = countries.collect();
        let required = definition.required_fields.iter().map(|it| it.as_str());
        let cells = [
            definition.slug.as_str(),
            &definition.name,
            if countries.is_empty() {
                "global"
            } else {
                "by country"
            },
            &countries.join(" "),
            &definition.numbers.len().to_string(),
            if row.is_connected { row.evidence() } else { "" },
            if row.needs_account() { "required" } else { "" },
            row.feed().unwrap_or_default(),
            &required.collect::<Vec<_>>().join(" "),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// A cell, quoted where it must be (RFC 4180 §2).
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
