//! One loaded courier: its definition, and what its programs and tables were compiled to.

use waybill_model::CourierSlug;

use crate::{
    Authentication, Connection, Definition, batch::looked_at, detection::Index, load::LoadError,
    program::Program, statuses::Statuses,
};

/// One file of a courier's folder.
pub(crate) struct FolderFile {
    /// Path within the folder, with `/`.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A loaded courier.
#[derive(Debug)]
pub struct Courier {
    /// What `courier.toml` says.
    pub definition: Definition,
    /// Answers to try the programs on.
    pub samples: Vec<Sample>,
    /// Its number formats, compiled.
    pub(crate) index: Index,
    /// What it is asked and read with.
    pub(crate) programs: Option<Programs>,
    /// Files nobody looks at, for the check.
    pub(crate) strangers: Vec<String>,
    /// It stands in the catalogue alone.
    listed: bool,
}

/// The compiled files of a connection.
#[derive(Debug)]
pub(crate) struct Programs {
    pub request: Program,
    pub read: Program,
    pub statuses: Statuses,
    pub login: Option<Login>,
    pub push: Option<Program>,
    /// What of a question the programs may look at besides its number.
    pub looked_at: Vec<&'static str>,
}

/// The programs that buy a token.
#[derive(Debug)]
pub(crate) struct Login {
    pub request: Program,
    pub read: Program,
}

/// An answer of the courier's, and what is to be made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// File name within `samples/`.
    pub name: String,
    /// The answer's body.
    pub body: Vec<u8>,
    /// `<name>.expected.json`, if there is one.
    pub expected: Option<Vec<u8>>,
}

const DEFINITION: &str = "courier.toml";
const REQUEST: &str = "request.jq";
const READ: &str = "read.jq";
const STATUSES: &str = "statuses.csv";
const TOKEN_REQUEST: &str = "token_request.jq";
const TOKEN_READ: &str = "token_read.jq";
const PUSH: &str = "push.jq";
/// Files of a connection, and what of `courier.toml` each belongs to.
const PROGRAMS: [(&str, &str); 6] = [
    (REQUEST, "has no [connection]"),
    (READ, "has no [connection]"),
    (STATUSES, "has no [connection]"),
    (TOKEN_REQUEST, "has no authentication of the kind `login`"),
    (TOKEN_READ, "has no authentication of the kind `login`"),
    (PUSH, "has no [push]"),
];
const SAMPLES: &str = "samples/";
const EXPECTED: &str = ".expected.json";

impl Courier {
    /// The courier's slug.
    pub fn slug(&self) -> &CourierSlug {
        &self.definition.slug
    }

    /// Whether the courier is a row of the catalogue and has no folder.
    pub fn is_listed_only(&self) -> bool {
        self.listed
    }

    /// Whether the courier can be asked.
    pub fn has_connection(&self) -> bool {
        self.definition.connection.is_some()
    }

    /// Codes of its table.
    pub fn code_count(&self) -> usize {
        self.programs.as_ref().map_or(0, |it| it.statuses.len())
    }

    /// How the courier is asked, if it can be.
    pub fn connection(&self) -> Option<&Connection> {
        self.definition.connection.as_ref()
    }

    /// The courier's own page for a number. What is not known is left empty; the language falls back
    /// to the courier's own.
    pub fn tracking_link(
        &self,
        number: &str,
        language: Option<&str>,
        postal_code: Option<&str>,
    ) -> Option<String> {
        let template = self.definition.tracking_link.as_deref()?;
        let wanted = language.filter(|it| self.definition.languages.iter().any(|own| own == it));
        let language = wanted.unwrap_or(&self.definition.default_language);
        Some(
            template
                .replace("{language}", &percent_encoded(language))
                .replace(
                    "{postal_code}",
                    &percent_encoded(postal_code.unwrap_or_default()),
                )
                .replace("{number}", &percent_encoded(number)),
        )
    }

    /// A courier that is known by name alone.
    pub(crate) fn listed(definition: Definition, index: Index) -> Self {
        Self {
            definition,
            samples: Vec::new(),
            index,
            programs: None,
            strangers: Vec::new(),
            listed: true,
        }
    }

    /// Compiles a folder. The error names the file, and the line or field in it.
    pub(crate) fn load(folder: &str, name: &str, files: &[FolderFile]) -> Result<Self, LoadError> {
        let fail = |file: &str, problem: String| LoadError {
            folder: folder.to_owned(),
            file: file.to_owned(),
            problem,
        };
        let text = |file: &str| {
            let found = files.iter().find(|it| it.path == file);
            let found = found.ok_or_else(|| fail(file, "is missing".to_owned()))?;
            std::str::from_utf8(&found.bytes).map_err(|_| fail(file, "is not UTF-8".to_owned()))
        };
        let definition = Definition::parse(text(DEFINITION)?).map_err(|it| fail(DEFINITION, it))?;
        if definition.slug.as_str() != name {
            let problem = format!("slug: is `{}`, but the folder is `{name}`", definition.slug);
            return Err(fail(DEFINITION, problem));
        }
        let index = Index::new([(&definition.slug, definition.numbers.as_slice())])
            .map_err(|it| fail(DEFINITION, format!("numbers: {it}")))?;
        let needed = files_of(&definition);
        if let Some((file, why)) = PROGRAMS
            .iter()
            .find(|(file, _)| !needed.contains(file) && files.iter().any(|it| it.path == *file))
        {
            return Err(fail(file, format!("is there, but courier.toml {why}")));
        }
        let compile =
            |file: &str| Program::compile(text(file)?).map_err(|it| fail(file, it.to_string()));
        let programs = definition
            .connection
            .as_ref()
            .map(|_| {
                Ok(Programs {
                    request: compile(REQUEST)?,
                    read: compile(READ)?,
                    statuses: Statuses::parse(text(STATUSES)?).map_err(|it| fail(STATUSES, it))?,
                    login: needed
                        .contains(&TOKEN_READ)
                        .then(|| {
                            Ok(Login {
                                request: compile(TOKEN_REQUEST)?,
                                read: compile(TOKEN_READ)?,
                            })
                        })
                        .transpose()?,
                    push: needed.contains(&PUSH).then(|| compile(PUSH)).transpose()?,
                    looked_at: looked_at([text(REQUEST)?, text(READ)?]),
                })
            })
            .transpose()?;
        let strangers = files.iter().map(|file| file.path.clone());
        let strangers = strangers.filter(|it| {
            it != DEFINITION
                && !PROGRAMS.iter().any(|(file, _)| file == it)
                && !it.starts_with(SAMPLES)
        });
        Ok(Self {
            strangers: strangers.collect(),
            listed: false,
            samples: samples(files),
            definition,
            index,
            programs,
        })
    }
}

/// The programs and tables that a courier so defined has.
fn files_of(definition: &Definition) -> Vec<&'static str> {
    let Some(connection) = &definition.connection else {
        return Vec::new();
    };
    let mut files = vec![REQUEST, READ, STATUSES];
    if connection.authentication == Authentication::Login {
        files.extend([TOKEN_REQUEST, TOKEN_READ]);
    }
    if definition.push.is_some() {
        files.push(PUSH);
    }
    files
}

fn samples(files: &[FolderFile]) -> Vec<Sample> {
    let in_samples = || {
        files
            .iter()
            .filter_map(|file| Some((file.path.strip_prefix(SAMPLES)?, file)))
    };
    in_samples()
        .filter(|(name, _)| !name.ends_with(EXPECTED))
        .map(|(name, file)| {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            let expected =
                in_samples().find(|(other, _)| other.strip_suffix(EXPECTED) == Some(stem));
            Sample {
                name: name.to_owned(),
                body: file.bytes.clone(),
                expected: expected.map(|(_, file)| file.bytes.clone()),
            }
        })
        .collect()
}

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3).
pub(crate) fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
