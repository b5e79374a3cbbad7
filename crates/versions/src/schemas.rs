//! The shapes of a version as JSON Schemas (2020-12, as OpenAPI 3.1 has them), from the same tables
//! that read and lower them.

use serde_json::{Map, Value, json};

use crate::{
    Model, Version,
    fields::{Field, Kind},
};

/// Which side of the wire a shape is on: what is given may be incomplete and is not closed, what is
/// answered is complete and closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A body or a query.
    Given,
    /// An answer.
    Answered,
    /// An answer of which only some fields may have been asked for.
    Narrowed,
}

impl Version {
    /// A reference to the schema of a shape, which is put into `schemas` with all that it refers to.
    pub fn schema(self, model: Model, side: Side, schemas: &mut Map<String, Value>) -> Value {
        let name = match side {
            Side::Given => format!("{model:?}Given").replace("GivenGiven", "Given"),
            Side::Answered => format!("{model:?}"),
            Side::Narrowed => format!("{model:?}Narrowed"),
        };
        if !schemas.contains_key(&name) {
            // Put in first, so that a shape within itself would end.
            schemas.insert(name.clone(), Value::Null);
            let schema = self.object(self.fields(model), side, schemas);
            schemas.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// The parameters of a query: name and schema.
    pub fn query_schemas(self, model: Model) -> Vec<(&'static str, Value)> {
        let mut none = Map::new();
        let fields = self.fields(model).iter();
        fields
            .map(|field| (field.name, self.value(field.kind, Side::Given, &mut none)))
            .collect()
    }

    fn object(self, fields: &[Field], side: Side, schemas: &mut Map<String, Value>) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in fields {
            let schema = self.value(field.kind, side, schemas);
            let (is_required, may_be_null) = match side {
                Side::Given => (field.required, !field.required),
                Side::Answered => (true, field.nullable),
                Side::Narrowed => (false, field.nullable),
            };
            if is_required {
                required.push(field.name);
            }
            let schema = if may_be_null { or_null(schema) } else { schema };
            properties.insert(field.name.to_owned(), schema);
        }
        let mut object = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        if side != Side::Given {
            object["additionalProperties"] = json!(false);
        }
        object
    }

    fn value(self, kind: Kind, side: Side, schemas: &mut Map<String, Value>) -> Value {
        let given = side == Side::Given;
        let text = |longest: usize, shortest: usize| {
            let mut schema = json!({"type": "string"});
            if given && shortest > 0 {
                schema["minLength"] = json!(shortest);
            }
            if given && longest < usize::MAX {
                schema["maxLength"] = json!(longest);
            }
            schema
        };
        match kind {
            Kind::Text(longest) | Kind::Pattern(longest, ..) => text(longest, 0),
            Kind::FilledText(longest) => text(longest, 1),
            Kind::Choice(words) => json!({"type": "string", "enum": words}),
            Kind::Language => json!({"type": "string", "description": "ISO 639-1"}),
            Kind::Country => json!({"type": "string", "description": "ISO 3166-1 alpha-3"}),
            Kind::ClockTime => json!({"type": "string", "description": "`HH:mm:ss`"}),
            Kind::DateTime => {
                json!({"type": "string", "description": "`YYYY-MM-DD HH:mm:ss`"})
            }
            Kind::BusinessDays => {
                let day = json!({"type": "integer", "minimum": 1, "maximum": 7});
                bounded(json!({"type": "array", "items": day}), 7, given)
            }
            Kind::Time | Kind::ShipDate => {
                json!({"type": "string", "description": "A date or date-time"})
            }
            Kind::Number | Kind::OwnNumber | Kind::Slug | Kind::Email | Kind::Phone => {
                json!({"type": "string"})
            }
            Kind::Texts(max, longest) => bounded(
                json!({"type": "array", "items": text(longest, 1)}),
                max,
                given,
            ),
            Kind::Listed(max, kind) => {
                let list = self.value(Kind::List(max, kind), side, schemas);
                if given {
                    json!({"anyOf": [list, {"type": "string"}]})
                } else {
                    list
                }
            }
            Kind::List(max, kind) => {
                let items = self.value(*kind, side, schemas);
                bounded(json!({"type": "array", "items": items}), max, given)
            }
            Kind::CustomFields => {
                json!({"type": "object", "additionalProperties": {"type": "string"}})
            }
            Kind::Anything => json!({}),
            Kind::Float(..) => json!({"type": "number"}),
            Kind::Integer(..) => json!({"type": "integer"}),
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::Object(fields) => self.object(fields, side, schemas),
            Kind::Objects(max, fields) => {
                let items = self.object(fields, side, schemas);
                bounded(json!({"type": "array", "items": items}), max, given)
            }
            Kind::Model(model) => self.schema(model, side, schemas),
            Kind::Models(max, model) => {
                let items = self.schema(model, side, schemas);
                bounded(json!({"type": "array", "items": items}), max, given)
            }
        }
    }
}

fn bounded(mut list: Value, max: usize, given: bool) -> Value {
    if given && max < usize::MAX {
        list["maxItems"] = json!(max);
    }
    list
}

/// The schema of the same or null.
fn or_null(mut schema: Value) -> Value {
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    }
    match schema.get_mut("type") {
        Some(kind) => {
            *kind = json!([kind.take(), "null"]);
            schema
        }
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}
