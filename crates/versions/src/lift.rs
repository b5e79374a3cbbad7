//! Bodies of an older version as those of the newest.

use serde_json::{Map, Value};

use crate::{
    Model, Version,
    change::{Change, Changes},
    changes::down_to,
    fields::Kind,
};

/// Rewrites a body that was read by this version's table. `current` is what the caller's fields
/// are now, in the newest shape; empty for what is made.
pub(crate) fn lift(
    version: Version,
    model: Model,
    body: &mut Map<String, Value>,
    current: &Map<String, Value>,
) {
    for changes in down_to(version).rev() {
        lift_step(changes, model, body, current);
    }
}

/// One version up, the parts first.
fn lift_step(
    changes: &'static Changes,
    model: Model,
    body: &mut Map<String, Value>,
    current: &Map<String, Value>,
) {
    for field in changes.older.fields(model) {
        let (Kind::Model(inner) | Kind::Models(_, inner)) = field.kind else {
            continue;
        };
        let items = match body.get_mut(field.name) {
            Some(Value::Array(items)) => items.as_mut_slice(),
            Some(one) => std::slice::from_mut(one),
            None => continue,
        };
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            lift_step(changes, inner, item, current);
        }
    }
    for change in changes.of(model) {
        match change {
            Change::Rename { older, newer } => {
                if let Some(value) = body.remove(*older) {
                    body.insert((*newer).to_owned(), value);
                }
            }
            Change::Remove(older) => {
                (older.lift)(body, current);
                body.remove(older.field.name);
            }
            Change::Reshape { older, .. } => {
                for older in *older {
                    (older.lift)(body, current);
                }
            }
            Change::Recast(recast) => {
                if let Some(value) = body.get_mut(recast.field.name).filter(|v| !v.is_null()) {
                    *value = (recast.lift)(value.take());
                }
            }
            Change::Add(_) | Change::Values { .. } | Change::Only(_) => {}
        }
    }
}
