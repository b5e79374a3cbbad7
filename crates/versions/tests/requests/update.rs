//! Changes, detection and completion.

use serde_json::json;
use waybill_model::Details;
use waybill_versions::{CompleteTracking, DetectCourier, UpdateTracking};

use crate::{create, refused};

#[test]
fn absent_leaves_null_clears_and_a_value_replaces() {
    let before = create(json!({"title": "Shoes", "note": "n", "order_id": "7",
        "custom_fields": {"a": "1"}, "shipment_tags": ["keep"],
        "customers": [{"name": "Ada", "email": "ada@example.org"}]}))
    .expect("good")
    .details;
    let update = UpdateTracking::parse(json!({"title": null, "note": "", "order_id": "8",
        "custom_fields": {"b": "2"}, "customers": [{"name": "Bob"}], "slug": "ups",
        "tracking_number": "ignored here", "id": 7, "shipment_tags": ["ignored"]}))
    .expect("good");
    assert_eq!(update.slug.as_ref().expect("slug").as_str(), "ups");
    let after = update.apply(&before).expect("applied");
    assert_eq!((after.title, after.note), (None, None));
    assert_eq!(after.order_id.as_deref(), Some("8"));
    assert_eq!(
        after
            .custom_fields
            .expect("kept")
            .keys()
            .collect::<Vec<_>>(),
        ["b"]
    );
    assert_eq!(after.shipment_tags, ["keep"]);
    assert_eq!(
        after
            .customers
            .first()
            .and_then(|customer| customer.email.clone()),
        None
    );

    let nothing = UpdateTracking::parse(json!({})).expect("good");
    assert_eq!(nothing.apply(&before).expect("applied"), before);
    let cleared =
        UpdateTracking::parse(json!({"customers": null, "custom_fields": null})).expect("good");
    let after = cleared.apply(&before).expect("applied");
    assert!(after.customers.is_empty() && after.custom_fields.is_none());
}

#[test]
fn a_change_is_checked_like_a_creation() {
    refused(UpdateTracking::parse(json!({"title": 7})), 4008, "title");
    refused(
        UpdateTracking::parse(json!({"customers": [{"email": []}]})),
        4008,
        "customers[0].email",
    );
    refused(UpdateTracking::parse(json!({"slug": "NO"})), 4010, "slug");
    refused(UpdateTracking::parse(json!({"slug": 1})), 4008, "slug");
    refused(
        UpdateTracking::parse(json!({"location_id": "l", "origin_state": "BE"})),
        4008,
        "location_id",
    );
    assert!(UpdateTracking::parse(json!({"location_id": "l", "origin_state": null})).is_ok());
    assert_eq!(
        UpdateTracking::parse(json!({"slug": null}))
            .expect("good")
            .slug,
        None
    );
    let details = Details::default();
    let update = UpdateTracking::parse(json!({"origin_country_region": "deu"})).expect("good");
    assert_eq!(
        update
            .apply(&details)
            .expect("applied")
            .origin_country_region
            .expect("set")
            .as_str(),
        "DEU"
    );
}

#[test]
fn detection_takes_one_slug_or_many() {
    let parse = |slug| DetectCourier::parse(json!({"tracking_number": "1234", "slug": slug}));
    let slugs = |slug| {
        parse(slug)
            .expect("good")
            .slugs
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(slugs(json!(["ups", "usps"])), ["ups", "usps"]);
    assert_eq!(slugs(json!("ups")), ["ups"]);
    for nothing in [json!(null), json!(""), json!([])] {
        assert!(slugs(nothing).is_empty());
    }
    refused(parse(json!(["ups", "NO"])), 4010, "slug[1]");
    refused(parse(json!([7])), 4008, "slug[0]");
    refused(parse(json!({})), 4008, "slug");
    refused(parse(json!(vec!["ups"; 101])), 4008, "slug");
    let body = json!({"tracking_number": "1234", "slug": ["ups"], "slug_group": "dhl-group"});
    refused(DetectCourier::parse(body), 4008, "slug_group");
    let body = json!({"tracking_number": "1234", "slug_group": "dhl-group", "origin_country_region": "deu"});
    let detect = DetectCourier::parse(body).expect("good");
    assert_eq!(detect.slug_group.as_deref(), Some("dhl-group"));
    assert_eq!(
        detect.origin_country_region.expect("origin").as_str(),
        "DEU"
    );
}

#[test]
fn completion_needs_a_reason() {
    let parse = CompleteTracking::parse;
    refused(parse(json!({})), 4009, "reason");
    refused(parse(json!({"reason": null})), 4009, "reason");
    refused(parse(json!({"reason": "delivered"})), 4008, "reason");
    refused(parse(json!({"reason": 1})), 4008, "reason");
    refused(
        parse(json!({"reason": "LOST", "event_datetime": "soon"})),
        4008,
        "event_datetime",
    );
    for reason in ["DELIVERED", "LOST", "RETURNED_TO_SENDER"] {
        let time = "2026-07-01T10:00:00+02:00";
        let complete = parse(json!({"reason": reason, "event_datetime": time})).expect("good");
        assert_eq!(complete.event_datetime.expect("time").to_string(), time);
    }
}
