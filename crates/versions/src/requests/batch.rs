//! `POST /waybill/v1/trackings/batch`: many trackings to make at once.

use serde_json::Value;

use super::{CreateTracking, object::object};
use crate::Problem;

/// Trackings of one batch: documented.
pub const MAX_BATCH: usize = 1_000;

impl CreateTracking {
    /// Reads `{trackings: […]}`: each is read as the body of a single create, and judged alone.
    ///
    /// # Errors
    /// 4001, 4009, 4008 of the list itself, in this order.
    pub fn parse_batch(body: Value) -> Result<Vec<Result<Self, Problem>>, Problem> {
        let mut body = object(body)?;
        let trackings = match body.remove("trackings") {
            None | Some(Value::Null) => return Err(Problem::required("trackings")),
            Some(Value::Array(trackings)) => trackings,
            Some(_) => return Err(Problem::invalid("trackings", "Send a list of trackings.")),
        };
        if !(1..=MAX_BATCH).contains(&trackings.len()) {
            let mend = format!("Send 1 to {MAX_BATCH} trackings; split a longer list.");
            return Err(Problem::invalid("trackings", &mend));
        }
        Ok(trackings.into_iter().map(Self::parse).collect())
    }
}
