//! Checkpoints that a caller gives.

use serde_json::{Value, json};
use waybill_versions::{GivenCheckpoint, Problem};

use crate::refused;

fn parse(checkpoint: impl Into<Value>) -> Result<Vec<GivenCheckpoint>, Problem> {
    GivenCheckpoint::parse_list(json!({"checkpoints": [checkpoint.into()]}))
}

#[test]
fn a_checkpoint_is_read() {
    let given = parse(json!({"tag": "Delivered", "subtag": "Delivered_003", "checkpoint_time": "2026-07-01T10:00:00+02:00",
        "message": "Left with Bob", "city": "Berlin", "country_region": "deu", "raw_tag": "D3", "slug": "ups",
        "coordinate": {"latitude": 52.5, "longitude": 13.4},
        "events": [{"code": "delivered_to_neighbor", "reason": null}, {"code": "x", "reason": {"code": "y"}}]}))
    .expect("good");
    let [checkpoint] = given.as_slice() else {
        panic!("one checkpoint")
    };
    assert_eq!(checkpoint.sub_status.code(), "Delivered_003");
    assert_eq!(checkpoint.country.expect("country").as_str(), "DEU");
    assert!((checkpoint.coordinate.expect("coordinate").latitude - 52.5).abs() < 1e-9);
    assert_eq!(
        checkpoint
            .events
            .last()
            .and_then(|(_, reason)| reason.as_deref()),
        Some("y")
    );
    let given = parse(json!({"tag": "InTransit", "checkpoint_time": "2026-07-01"})).expect("good");
    let checkpoint = given.first().expect("one checkpoint");
    assert_eq!(checkpoint.sub_status.code(), "InTransit_001");
    assert_eq!(checkpoint.message, checkpoint.sub_status.message());
}

#[test]
fn faults_name_the_checkpoint() {
    refused(GivenCheckpoint::parse_list(json!({})), 4009, "checkpoints");
    refused(
        GivenCheckpoint::parse_list(json!({"checkpoints": []})),
        4008,
        "checkpoints",
    );
    refused(
        GivenCheckpoint::parse_list(json!({"checkpoints": {}})),
        4008,
        "checkpoints",
    );
    refused(parse(json!("x")), 4008, "checkpoints[0]");
    refused(
        parse(json!({"tag": "Delivered"})),
        4009,
        "checkpoints[0].checkpoint_time",
    );
    refused(
        parse(json!({"checkpoint_time": "2026-07-01"})),
        4009,
        "checkpoints[0].tag",
    );
    let with = |fields: Value| {
        let mut body = json!({"tag": "Delivered", "checkpoint_time": "2026-07-01"});
        if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
            body.extend(fields);
        }
        parse(body)
    };
    for (fields, field) in [
        (json!({"tag": "Pending"}), "tag"),
        (json!({"tag": "Expired"}), "tag"),
        (json!({"tag": "delivered"}), "tag"),
        (json!({"subtag": "InTransit_001"}), "subtag"),
        (json!({"subtag": "Delivered_999"}), "subtag"),
        (json!({"checkpoint_time": "soon"}), "checkpoint_time"),
        (
            json!({"coordinate": {"latitude": 91, "longitude": 0}}),
            "coordinate.latitude",
        ),
        (
            json!({"coordinate": {"latitude": "1", "longitude": 0}}),
            "coordinate.latitude",
        ),
        (json!({"country_region": "DE"}), "country_region"),
        (json!({"events": ["x"]}), "events[0]"),
        (json!({"message": "\u{0}"}), "message"),
        (json!({"slug": "NO"}), "slug"),
    ] {
        refused(with(fields), 4008, &format!("checkpoints[0].{field}"));
    }
    let many = vec![json!({"tag": "Delivered", "checkpoint_time": "2026-07-01"}); 101];
    refused(
        GivenCheckpoint::parse_list(json!({"checkpoints": many})),
        4008,
        "checkpoints",
    );
}
