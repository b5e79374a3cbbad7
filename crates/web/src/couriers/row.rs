//! A courier in the table.

use waybill_couriers::{Courier, Definition, Evidence, Feed};

/// Countries named of one courier before the rest is only counted.
const COUNTRIES_SHOWN: usize = 4;

/// What the table says of a courier.
pub(super) struct Row<'a> {
    pub definition: &'a Definition,
    pub is_connected: bool,
}

impl<'a> Row<'a> {
    pub fn of(courier: &'a Courier) -> Self {
        Self {
            definition: &courier.definition,
            is_connected: courier.has_connection(),
        }
    }

    /// Whether it is found by the number alone.
    pub fn is_recognised(&self) -> bool {
        !self.definition.numbers.is_empty()
    }

    /// What the connection rests on.
    pub fn evidence(&self) -> &'static str {
        match self.definition.evidence {
            Evidence::Sample => "sample",
            Evidence::Documented => "documented",
            Evidence::Guessed => "guessed",
        }
    }

    /// The way by which it gives its customers news, where it cannot be asked.
    pub fn feed(&self) -> Option<&'static str> {
        self.definition.feed.map(|feed| match feed {
            Feed::Api => "api",
            Feed::Webhook => "webhook",
            Feed::Push => "push",
            Feed::Ftp => "ftp",
            Feed::Sftp => "sftp",
        })
    }

    /// Whether it asks for an account of the customer's.
    pub fn needs_account(&self) -> bool {
        let connection = self.definition.connection.as_ref();
        connection.is_some_and(|it| it.credentials.iter().any(|field| field.required))
    }

    /// Whether each of these words, in lower case, is in its names or countries.
    pub fn has_all(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let definition = self.definition;
        let mut text = format!("{}\n{}\n", definition.slug, definition.name);
        text.push_str(definition.other_name.as_deref().unwrap_or_default());
        for country in &definition.countries {
            for name in [country.as_str(), country.alpha2(), country.name()] {
                text.push('\n');
                text.push_str(name);
            }
        }
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    }

    /// Its row of the page.
    pub fn html(&self) -> String {
        let definition = self.definition;
        let name = escaped(&definition.name);
        let website = definition.website.as_deref();
        let website = website.filter(|it| it.starts_with("https://") || it.starts_with("http://"));
        let name = match website {
            Some(website) => format!(
                "<a href=\"{}\" rel=\"noreferrer\">{name}</a>",
                escaped(website)
            ),
            None => name,
        };
        let other = definition.other_name.as_deref().map(escaped);
        let other = other.map(|other| format!("<small>{other}</small>"));
        format!(
            "<tr><td>{name}{}</td><td><code>{}</code></td><td data-name=\"From\">{}</td>\
             <td data-name=\"Recognised by number\">{}</td><td data-name=\"Connection\">{}</td>{}</tr>\n",
            other.unwrap_or_default(),
            definition.slug,
            self.countries(),
            self.formats(),
            self.connection(),
            self.needs(),
        )
    }

    fn countries(&self) -> String {
        let countries = &self.definition.countries;
        if countries.is_empty() {
            return "anywhere".to_owned();
        }
        let shown = countries.iter().take(COUNTRIES_SHOWN);
        let shown: Vec<String> = shown.map(|country| escaped(country.name())).collect();
        match countries.len().saturating_sub(COUNTRIES_SHOWN) {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    }

    fn formats(&self) -> String {
        match self.definition.numbers.len() {
            0 => "–".to_owned(),
            1 => "1 format".to_owned(),
            formats => format!("{formats} formats"),
        }
    }

    fn connection(&self) -> String {
        if !self.is_connected {
            let feed = self
                .feed()
                .map(|feed| format!("– <small>feed: {feed}</small>"));
            return feed.unwrap_or_else(|| "–".to_owned());
        }
        let account = if self.needs_account() {
            ", with your account"
        } else {
            ""
        };
        let sends = if self.definition.push.is_some() {
            ", sends"
        } else {
            ""
        };
        let evidence = self.evidence();
        format!("<span class=\"good\">live</span> <small>{evidence}{account}{sends}</small>")
    }

    fn needs(&self) -> String {
        let fields = self.definition.required_fields.iter();
        let fields: Vec<&str> = fields.map(|field| field.as_str()).collect();
        // An empty cell is left out on a narrow screen.
        if fields.is_empty() {
            return "<td></td>".to_owned();
        }
        let fields = fields.join("</code> <code>");
        format!("<td data-name=\"Also needs\"><code>{fields}</code></td>")
    }
}

/// Text within HTML or an attribute of it.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
