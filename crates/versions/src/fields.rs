//! Fields as tables: a name, a kind, and what may be missing. The same tables check what comes in,
//! describe what goes out, and are what the versions' changes change.

use std::fmt::Display;

use serde_json::{Map, Value};

use crate::{Model, Problem, Version, requests::values};

/// A line of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// The name on the wire.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Of a request: missing or null is 4009.
    pub required: bool,
    /// Of an answer: null where nothing is known. Every field of an answer is always there.
    pub nullable: bool,
}

/// What a value may be. Every text is checked for its JSON type and for U+0000 besides.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Text up to so many characters; empty counts as null.
    Text(usize),
    /// Text with the documented minimum of one character.
    FilledText(usize),
    /// Text of 1 to so many of these characters, with the words that say which; empty counts as null.
    Pattern(usize, fn(char) -> bool, &'static str),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// ISO 639-1.
    Language,
    /// ISO 3166-1 alpha-3; empty counts as null.
    Country,
    /// A date or date-time, as the caller wrote it.
    Time,
    /// The same, or the form `YYYYMMDD`; empty counts as null.
    ShipDate,
    /// A tracking number that is not the tracking's own.
    Number,
    /// The tracking's own number, whose absence has a code of its own.
    OwnNumber,
    /// A courier's slug where it is a value like others.
    Slug,
    /// An e-mail address; empty counts as null.
    Email,
    /// `+`, country code, number; empty counts as null.
    Phone,
    /// So many texts of 1 to so many characters.
    Texts(usize, usize),
    /// So many texts of a kind of their own: a list, or one text with commas.
    Listed(usize, &'static Kind),
    /// The same, and only a list will do.
    List(usize, &'static Kind),
    /// Text by name within the documented limits of custom fields.
    CustomFields,
    /// A number within these bounds.
    Float(f64, f64),
    /// A whole number within these bounds.
    Integer(i64, i64),
    /// True or false.
    Boolean,
    /// A time of day, `HH:mm:ss`; empty counts as null.
    ClockTime,
    /// A date with a time of day, `YYYY-MM-DD HH:mm:ss`.
    DateTime,
    /// One to seven of 1 (Monday) to 7, put in order.
    BusinessDays,
    /// Whatever there is; only answered.
    Anything,
    /// An object of these fields.
    Object(&'static [Field]),
    /// So many objects of these fields.
    Objects(usize, &'static [Field]),
    /// An object that versions change.
    Model(Model),
    /// So many objects that versions change.
    Models(usize, Model),
}

/// Where a value stands, for the problem that names it. It is written out only then: most requests have none.
pub(crate) type Path<'a> = &'a dyn Display;

/// What null means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// Absence.
    Drop,
    /// The field is cleared: it stays in the result.
    Keep,
}

impl Field {
    /// A field that may be absent.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
            nullable: false,
        }
    }

    /// A field that has to be there.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: true,
            nullable: false,
        }
    }

    /// A field of an answer that may be null.
    pub const fn or_null(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
            nullable: true,
        }
    }
}

/// Reads the fields of a table of the newest version out of an object: first whether all required
/// ones are there, then their values, both in the order of the table.
pub(crate) fn read(
    fields: &[Field],
    object: Map<String, Value>,
    nulls: Nulls,
) -> Result<Map<String, Value>, Problem> {
    Reader(Version::NEWEST).read(fields, object, nulls)
}

/// Reads by the tables of a version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader(pub Version);

impl Reader {
    /// See [`read`].
    pub(crate) fn read(
        self,
        fields: &[Field],
        mut object: Map<String, Value>,
        nulls: Nulls,
    ) -> Result<Map<String, Value>, Problem> {
        self.require(fields, &object, &"")?;
        self.read_values(fields, &mut object, &"", nulls)
    }

    /// The fields of an object of such a kind, if it is one.
    fn inner(self, kind: Kind) -> Option<&'static [Field]> {
        match kind {
            Kind::Object(fields) | Kind::Objects(_, fields) => Some(fields),
            Kind::Model(model) | Kind::Models(_, model) => Some(self.0.fields(model)),
            _ => None,
        }
    }

    /// Whether all required fields are there, nested ones included. `path` is empty or ends in a dot.
    pub(crate) fn require(
        self,
        fields: &[Field],
        object: &Map<String, Value>,
        path: Path<'_>,
    ) -> Result<(), Problem> {
        for field in fields {
            let inner = self.inner(field.kind);
            // Most fields are neither: they are not looked for.
            if !field.required && inner.is_none() {
                continue;
            }
            let is_list = matches!(field.kind, Kind::Objects(..) | Kind::Models(..));
            match (object.get(field.name), inner) {
                (None | Some(Value::Null), _)
                    if field.required && !matches!(field.kind, Kind::OwnNumber) =>
                {
                    return Err(Problem::required(format_args!("{path}{}", field.name)));
                }
                (Some(Value::Object(inner)), Some(fields)) if !is_list => {
                    self.require(fields, inner, &format_args!("{path}{}.", field.name))?;
                }
                (Some(Value::Array(items)), Some(fields)) if is_list => {
                    for (at, item) in items.iter().enumerate() {
                        if let Value::Object(inner) = item {
                            self.require(
                                fields,
                                inner,
                                &format_args!("{path}{}[{at}].", field.name),
                            )?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The values of the fields of a table, normalised; null stands in the object for what was taken. `path` is empty or
    /// ends in a dot.
    pub(crate) fn read_values(
        self,
        fields: &[Field],
        object: &mut Map<String, Value>,
        path: Path<'_>,
        nulls: Nulls,
    ) -> Result<Map<String, Value>, Problem> {
        let mut read = Map::new();
        // Most tables are longer than what is given. What is taken leaves null behind: a map is not put in order again
        // for each.
        let mut left = object.len();
        for field in fields {
            if left == 0 {
                break;
            }
            let Some(value) = object.get_mut(field.name).map(Value::take) else {
                continue;
            };
            left -= 1;
            let value = if value.is_null() {
                Value::Null
            } else {
                values::read(
                    self,
                    &field.kind,
                    value,
                    &format_args!("{path}{}", field.name),
                )?
            };
            if field.required && value.is_null() {
                return Err(Problem::invalid(
                    format_args!("{path}{}", field.name),
                    "It must not be empty.",
                ));
            }
            if nulls == Nulls::Keep || !value.is_null() {
                read.insert(field.name.to_owned(), value);
            }
        }
        Ok(read)
    }

    /// Takes out what has a wrong JSON type, as versions before 2024-07 ignore it.
    pub(crate) fn ignore_wrong_types(self, fields: &[Field], object: &mut Map<String, Value>) {
        object.retain(|name, value| {
            let Some(field) = fields.iter().find(|field| field.name == name) else {
                return true;
            };
            if let (Some(fields), Value::Object(inner)) = (self.inner(field.kind), &mut *value) {
                self.ignore_wrong_types(fields, inner);
            }
            field.kind.has_type(value)
        });
    }
}

impl Kind {
    /// The shape of its objects, where versions change it.
    pub(crate) fn model(self) -> Option<Model> {
        match self {
            Self::Model(model) | Self::Models(_, model) => Some(model),
            _ => None,
        }
    }

    /// Whether a value has the JSON type of this kind; null has every type.
    fn has_type(self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => match self {
                Self::Texts(..) => items.iter().all(Value::is_string),
                Self::Listed(..)
                | Self::List(..)
                | Self::BusinessDays
                | Self::Objects(..)
                | Self::Models(..) => true,
                _ => false,
            },
            Value::Object(_) => {
                matches!(self, Self::CustomFields | Self::Object(_) | Self::Model(_))
            }
            Value::Bool(_) => matches!(self, Self::Boolean),
            Value::Number(_) => matches!(self, Self::Float(..) | Self::Integer(..)),
            Value::String(_) => !matches!(
                self,
                Self::Texts(..)
                    | Self::List(..)
                    | Self::Objects(..)
                    | Self::Models(..)
                    | Self::CustomFields
                    | Self::Object(_)
                    | Self::Model(_)
                    | Self::Boolean
                    | Self::BusinessDays
                    | Self::Float(..)
                    | Self::Integer(..)
            ),
        }
    }
}
