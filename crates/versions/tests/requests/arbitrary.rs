//! Whatever JSON comes, it is read or refused.

use proptest::{collection, prelude::*};
use serde_json::{Map, Value};
use waybill_versions::{
    CompleteTracking, CreateTracking, CreateWebhook, DetectCourier, GivenCheckpoint, Problem,
    UpdateTracking, UpdateWebhook,
};

const NAMES: &[&str] = &[
    "tracking_number",
    "id",
    "slug",
    "slug_group",
    "title",
    "customers",
    "email",
    "phone_number",
    "custom_fields",
    "order_promised_delivery_date",
    "promised_delivery_date",
    "last_mile",
    "language",
    "shipment_tags",
    "tracking_ship_date",
    "order_date",
    "origin_country_region",
    "location_id",
    "reason",
    "event_datetime",
    "checkpoints",
    "tag",
    "subtag",
    "checkpoint_time",
    "coordinate",
    "latitude",
    "longitude",
    "events",
    "code",
    "url",
    "headers",
    "oauth",
    "token_url",
    "secret",
    "version",
    "destination_postal_code",
    "shipment_direction",
    "delivery_type",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9A-Z]{0,12}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9:]{0,6})?)?",
        proptest::sample::select(vec![
            "Delivered",
            "InTransit_001",
            "https://e.org",
            "a@b.c",
            "+4930123456",
            "DEU"
        ])
        .prop_map(str::to_owned),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let name =
            prop_oneof![8 => proptest::sample::select(NAMES).prop_map(str::to_owned), 1 => text()];
        prop_oneof![
            collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            collection::vec((name, inner), 0..12)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A refusal is the caller's fault, never ours.
fn check<T>(result: Result<T, Problem>) {
    if let Err(problem) = result {
        let entry = problem.code.entry();
        assert_eq!(entry.http_status, 400, "{problem}");
        assert!(problem.message.len() < 5_000);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_read_or_refused(body in json()) {
        let mut numbered = body.clone();
        if let Value::Object(object) = &mut numbered {
            object.insert("tracking_number".to_owned(), "1234ABCD".into());
        }
        check(CreateTracking::parse(numbered.clone()));
        check(DetectCourier::parse(numbered));
        check(CompleteTracking::parse(body.clone()));
        check(GivenCheckpoint::parse_list(body.clone()));
        check(CreateWebhook::parse(body.clone()));
        check(UpdateWebhook::parse(body.clone()));
        if let Ok(update) = UpdateTracking::parse(body) {
            check(update.apply(&waybill_model::Details::default()));
            update.apply(&waybill_model::Details::default()).expect("what was read can be applied");
        }
    }
}
