//! Which questions may go into one request.

use serde_json::Value;

use crate::{Courier, Query};

/// What of a question may differ between parcels, by the names that programs see.
const FIELDS: [&str; 12] = [
    "leg",
    "language",
    "destination_postal_code",
    "destination_state",
    "destination_country",
    "destination_country_alpha2",
    "origin_country",
    "origin_country_alpha2",
    "ship_date",
    "account_number",
    "tracking_key",
    "created_at",
];

/// Those of the fields that these programs may look at: of a batch they see the first question's alone.
pub(crate) fn looked_at(programs: [&str; 2]) -> Vec<&'static str> {
    let mentioned = |field: &&str| programs.iter().any(|program| program.contains(*field));
    FIELDS.into_iter().filter(mentioned).collect()
}

impl Courier {
    /// Numbers that one request may carry: 1 for couriers that are asked for each by itself.
    pub fn batch_size(&self) -> usize {
        let batch = self.connection().map_or(1, |connection| connection.batch);
        usize::try_from(batch).unwrap_or(1).max(1)
    }

    /// Questions of equal keys may go into one request: they differ in nothing that the courier's programs
    /// look at but their numbers, and lack the same required fields.
    pub fn batch_key(&self, query: &Query) -> String {
        let json = query.to_json();
        let looked_at = self.programs.iter().flat_map(|it| &it.looked_at);
        let values = looked_at.map(|field| json.get(field).cloned().unwrap_or_default());
        let required = self.definition.required_fields.iter();
        let lacks = required.map(|field| Value::from(query.has(*field)));
        values.chain(lacks).collect::<Value>().to_string()
    }
}
