//! `fields=`: only these fields of a tracking.
//!
//! The answer has `id` and the fields that are named. A name that is a field of checkpoints and not
//! of trackings (`message`, `checkpoint_time`, also written `checkpoints.message`) asks for the
//! checkpoints with such fields alone; `checkpoints` asks for whole ones. Unknown names add nothing.
//! Of the last checkpoint alone (`/last_checkpoint`) they are the fields of that checkpoint.

use serde_json::{Map, Value};
use waybill_versions::{Model, Problem};

use crate::{MAX_FILTER_ITEMS, query::Query};

const ALWAYS: &str = "id";
const CHECKPOINTS: &str = "checkpoints";
const LAST: &str = "checkpoint";

/// The named fields, by their names in the caller's version.
pub(crate) struct Fields {
    /// Those of the document; `None` keeps all.
    names: Option<Vec<String>>,
    of_checkpoints: Vec<String>,
}

impl Fields {
    /// The parameter, if it names anything.
    pub fn read(query: &Query) -> Result<Option<Self>, Problem> {
        let given = given(query)?;
        if given.is_empty() {
            return Ok(None);
        }
        let (mut names, mut of_checkpoints) = (Vec::new(), Vec::new());
        let version = query.version();
        // The other names (`tag`, `slug`, …) mean the tracking's own.
        let only_of_checkpoints = |name: &str| {
            version.names(Model::Checkpoint).any(|known| known == name)
                && !version.names(Model::Tracking).any(|known| known == name)
        };
        for name in given {
            if let Some(nested) = name.strip_prefix("checkpoints.") {
                of_checkpoints.push(nested.to_owned());
            } else if only_of_checkpoints(&name) {
                of_checkpoints.push(name);
            } else {
                names.push(name);
            }
        }
        Ok(Some(Self {
            names: Some(names),
            of_checkpoints,
        }))
    }

    /// The parameter where the answer is about one checkpoint.
    pub fn of_last_checkpoint(query: &Query) -> Result<Option<Self>, Problem> {
        let given = given(query)?;
        let bare = |name: String| match name.split_once('.') {
            Some((LAST | CHECKPOINTS, bare)) => bare.to_owned(),
            _ => name,
        };
        Ok((!given.is_empty()).then(|| Self {
            names: None,
            of_checkpoints: given.into_iter().map(bare).collect(),
        }))
    }

    /// The document with these fields alone.
    pub fn only(&self, document: &str) -> Result<String, Problem> {
        let Ok(Value::Object(mut document)) = serde_json::from_str(document) else {
            return Err(Problem::internal());
        };
        let narrow = |checkpoint: &mut Value| {
            if let Value::Object(fields) = checkpoint {
                fields.retain(|name, _| self.of_checkpoints.contains(name));
            }
        };
        let Some(names) = &self.names else {
            document.get_mut(LAST).map(narrow);
            return Ok(Value::Object(document).to_string());
        };
        let mut kept = Map::new();
        for name in [ALWAYS].into_iter().chain(names.iter().map(String::as_str)) {
            if let Some(value) = document.remove(name) {
                kept.insert(name.to_owned(), value);
            }
        }
        if !self.of_checkpoints.is_empty()
            && let Some(Value::Array(mut checkpoints)) = document.remove(CHECKPOINTS)
        {
            checkpoints.iter_mut().for_each(narrow);
            kept.insert(CHECKPOINTS.to_owned(), Value::Array(checkpoints));
        }
        Ok(Value::Object(kept).to_string())
    }
}

fn given(query: &Query) -> Result<Vec<String>, Problem> {
    query.list("fields", MAX_FILTER_ITEMS, |name| Ok(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_named_fields_and_the_id_are_kept() {
        let document = r#"{"id":"1","tag":"Delivered","title":"t","slug":"ups","message":"never",
            "checkpoints":[{"message":"m","tag":"Delivered","city":"c"}]}"#;
        let only = |names: &str| {
            let fields = Fields::read(&Query::new(&format!("fields={names}"))).expect("good");
            let text = fields.map_or_else(
                || document.to_owned(),
                |fields| fields.only(document).expect("an object"),
            );
            let value: Value = serde_json::from_str(&text).expect("JSON");
            value
        };
        assert_eq!(
            only("title,tag"),
            json!({"id": "1", "tag": "Delivered", "title": "t"})
        );
        assert_eq!(
            only("title,title,nothing"),
            json!({"id": "1", "title": "t"})
        );
        let narrow = json!({"id": "1", "checkpoints": [{"message": "m"}]});
        assert_eq!(only("message"), narrow);
        assert_eq!(only("checkpoints.message"), narrow);
        let whole = json!([{"message": "m", "tag": "Delivered", "city": "c"}]);
        assert_eq!(only("checkpoints,message")["checkpoints"], whole);
        assert_eq!(
            only(" , "),
            serde_json::from_str::<Value>(document).expect("JSON")
        );
    }
}
