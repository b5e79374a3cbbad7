//! What one version says otherwise than the next newer one, as values.

use serde_json::{Map, Value};

use crate::{Model, Version, fields::Field};

/// What changes from a version to the next newer one.
pub(crate) struct Changes {
    /// The older of the two.
    pub older: Version,
    /// What changes of which shapes.
    pub models: &'static [(&'static [Model], &'static [Change])],
    /// Endpoints and behaviour, in words for the changelog; their tables are `Versions` of the routes and `rules.rs`.
    pub notes: &'static [&'static str],
}

impl Changes {
    /// Those of a shape.
    pub(crate) fn of(&'static self, model: Model) -> impl Iterator<Item = &'static Change> {
        let models = self.models.iter();
        models
            .filter(move |(models, _)| models.contains(&model))
            .flat_map(|(_, changes)| changes.iter())
    }
}

/// One change of a shape. "Older" and "newer" are the two versions it lies between.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    /// The same thing under another name.
    Rename {
        older: &'static str,
        newer: &'static str,
    },
    /// Only the newer version has the field: older answers leave it out, older requests do not know it.
    Add(&'static str),
    /// Only the older version has the field. Answers make it of fields of the newer version.
    Remove(Older),
    /// Fields of the older version stand for fields of the newer one, in another shape.
    Reshape {
        older: &'static [Older],
        newer: &'static [&'static str],
    },
    /// A field of the same name in another shape.
    Recast(Recast),
    /// Values that only the newer version has, and what the older says instead.
    Values {
        field: &'static str,
        pairs: &'static [(&'static str, &'static str)],
    },
    /// The older version has these fields alone.
    Only(&'static [&'static str]),
}

/// A field of the older version that the newer does not have in this form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Older {
    /// Its line in the older version's table.
    pub field: Field,
    /// The fields of the newer version it is made of; `legacy.` marks what only old versions could say.
    pub from: &'static [&'static str],
    /// Makes its value of theirs, null where one is not there.
    pub lower: Lower,
    /// What a request of the older version means by it.
    pub lift: Lift,
}

/// Makes a value of the older version of values of the newer one.
pub(crate) type Lower = fn(&[Value]) -> Value;

/// Rewrites a body of the older version into the newer: takes the older field out and puts in what
/// it means. The second argument is what the caller's fields are now, in the newest shape; empty
/// for a tracking to be made.
pub(crate) type Lift = fn(&mut Map<String, Value>, &Map<String, Value>);

/// A field that the older version has in another shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recast {
    /// Its line in the older version's table.
    pub field: Field,
    /// From the newer value to the older.
    pub lower: fn(Value) -> Value,
    /// From the older value to the newer; null stays null.
    pub lift: fn(Value) -> Value,
}

impl Change {
    /// A field of answers in another shape.
    pub(crate) const fn recast(field: Field, lower: fn(Value) -> Value) -> Self {
        Self::Recast(Recast {
            field,
            lower,
            lift: |value| value,
        })
    }

    pub(crate) const fn rename(older: &'static str, newer: &'static str) -> Self {
        Self::Rename { older, newer }
    }
}

impl Older {
    /// A field of answers, or one that requests may send without meaning.
    pub(crate) const fn new(field: Field, from: &'static [&'static str], lower: Lower) -> Self {
        Self {
            field,
            from,
            lower,
            lift: |_, _| {},
        }
    }

    /// A field of requests too.
    pub(crate) const fn lifted(self, lift: Lift) -> Self {
        Self { lift, ..self }
    }
}

/// The first of some values that is not null.
pub(crate) fn first_known(values: &[Value]) -> Value {
    let known = values.iter().find(|value| !value.is_null());
    known.cloned().unwrap_or(Value::Null)
}

/// An empty list.
pub(crate) fn nothing(_: &[Value]) -> Value {
    Value::Array(Vec::new())
}

/// Null.
pub(crate) fn null(_: &[Value]) -> Value {
    Value::Null
}
