//! The tables of every version, derived once from the newest and the changes.

use std::{collections::HashMap, sync::LazyLock};

use crate::{Model, Version, change::Change, changes::down_to, fields::Field};

static TABLES: LazyLock<HashMap<(Version, Model), Vec<Field>>> = LazyLock::new(|| {
    let models = Model::ALL.iter().copied();
    models
        .flat_map(|model| Version::ALL.map(|version| ((version, model), derive(version, model))))
        .collect()
});

impl Version {
    /// The fields of a shape in this version.
    pub(crate) fn fields(self, model: Model) -> &'static [Field] {
        TABLES.get(&(self, model)).map_or(&[], Vec::as_slice)
    }

    /// The names of the fields of a shape in this version.
    pub fn names(self, model: Model) -> impl Iterator<Item = &'static str> {
        self.fields(model).iter().map(|field| field.name)
    }

    /// What this version calls a field that a courier requires besides the number.
    pub fn additional_field(self, newest: &str) -> String {
        let mut names = serde_json::json!([newest]);
        for change in changes_of(self, Model::Courier) {
            match change {
                Change::Recast(recast) if recast.field.name == "required_fields" => {
                    names = (recast.lower)(names);
                }
                _ => {}
            }
        }
        let name = names.get(0).and_then(serde_json::Value::as_str);
        name.unwrap_or(newest).to_owned()
    }

    /// The names under which this version knows a parameter of the newest's lists of trackings.
    pub fn parameters(self, newest: &str) -> Vec<&str> {
        let mut names = vec![newest];
        let mut kept = true;
        for change in changes_of(self, Model::TrackingsQuery) {
            match change {
                Change::Rename { older, newer } => {
                    for name in &mut names {
                        if name == newer {
                            *name = older;
                        }
                    }
                }
                Change::Add(name) if names.first() == Some(name) => kept = false,
                Change::Remove(older) if older.from.contains(&newest) => {
                    names.push(older.field.name);
                }
                _ => {}
            }
        }
        if !kept {
            names.remove(0);
        }
        names
    }
}

/// The changes of a shape between the newest version and this one, newest first.
pub(crate) fn changes_of(version: Version, model: Model) -> impl Iterator<Item = &'static Change> {
    down_to(version).flat_map(move |changes| changes.of(model))
}

fn derive(version: Version, model: Model) -> Vec<Field> {
    let mut fields = model.newest();
    for change in changes_of(version, model) {
        change_table(&mut fields, change);
    }
    fields
}

/// The older table of a newer one. Answers whether the change found what it is about.
fn change_table(fields: &mut Vec<Field>, change: &Change) -> bool {
    let find = |fields: &[Field], name: &str| fields.iter().position(|field| field.name == name);
    match change {
        Change::Rename { older, newer } => {
            let at = find(fields, newer);
            if let Some(field) = at.and_then(|at| fields.get_mut(at)) {
                field.name = older;
            }
            at.is_some()
        }
        Change::Add(name) => {
            let before = fields.len();
            fields.retain(|field| field.name != *name);
            fields.len() < before
        }
        Change::Remove(older) => {
            let is_new = find(fields, older.field.name).is_none();
            fields.push(older.field);
            is_new
        }
        Change::Reshape { older, newer } => {
            let at = newer.first().and_then(|name| find(fields, name));
            let before = fields.len();
            fields.retain(|field| !newer.contains(&field.name));
            let found = fields.len() + newer.len() == before;
            let at = at.unwrap_or(fields.len()).min(fields.len());
            fields.splice(at..at, older.iter().map(|older| older.field));
            found
        }
        Change::Recast(recast) => {
            let at = find(fields, recast.field.name);
            if let Some(field) = at.and_then(|at| fields.get_mut(at)) {
                *field = recast.field;
            }
            at.is_some()
        }
        Change::Values { field, .. } => find(fields, field).is_some(),
        Change::Only(names) => {
            fields.retain(|field| names.contains(&field.name));
            fields.len() == names.len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::CHANGES;

    #[test]
    fn every_change_is_about_a_field_that_is_there() {
        for model in Model::ALL {
            let mut fields = model.newest();
            for changes in CHANGES {
                for change in changes.of(*model) {
                    assert!(
                        change_table(&mut fields, change),
                        "{model:?} to {}: {change:?}",
                        changes.older
                    );
                }
            }
        }
    }

    #[test]
    fn parameters_keep_their_older_names() {
        for (version, newest, names) in [
            (Version::NEWEST, "transit_time", &["transit_time"][..]),
            (
                Version::V2024_01,
                "transit_time",
                &["transit_time", "delivery_time"],
            ),
            (Version::V4, "transit_time", &["delivery_time"]),
            (Version::V4, "order_id", &[]),
            (
                Version::V2024_10,
                "courier_destination_country_region",
                &["courier_destination_country_iso3"],
            ),
            (Version::V4, "anything", &["anything"]),
        ] {
            assert_eq!(version.parameters(newest), names, "{version} {newest}");
        }
    }
}
