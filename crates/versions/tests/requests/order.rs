//! A body with several faults answers the first in the documented order.

use serde_json::{Value, json};
use waybill_versions::CreateTracking;

use crate::refusal;

#[test]
fn faults_are_told_in_the_documented_order() {
    let faults: &[(u16, &str, Value)] = &[
        (4005, "tracking_number", json!("!")),
        (4009, "last_mile", json!({"slug": "ups"})),
        (4008, "title", json!(7)),
        (4015, "id", json!("no id")),
        (4010, "slug", json!("NO")),
    ];
    let mut body = json!({"tracking_number": "1Z999AA10123456784"});
    let mut last = None;
    for (code, name, value) in faults.iter().rev() {
        body[*name] = value.clone();
        let given = refusal(CreateTracking::parse(body.clone())).0;
        assert_eq!(given, *code, "after adding {name}; before it was {last:?}");
        last = Some(given);
    }
    body["tracking_number"] = Value::Null;
    assert_eq!(refusal(CreateTracking::parse(body.clone())).0, 4007);
    assert_eq!(refusal(CreateTracking::parse(json!([body]))).0, 4001);
}
