//! Every kind of field, right and wrong.

#![expect(clippy::too_many_lines, reason = "a table is as long as what it lists")]

use serde_json::{Value, json};
use waybill_model::Direction;

use crate::{create, refused};

#[test]
fn a_full_body_is_read_and_normalised() {
    let created = create(json!({
        "id": "order_77-a", "slug": "ups", "title": "Shoes", "language": "DE",
        "order_promised_delivery_date": {"promised_delivery_date_min": "2026-07-01", "promised_delivery_date_max": "2026-07-03"},
        "custom_fields": {"size": "42"}, "shipment_tags": ["a", "b"],
        "origin_country_region": "deu", "destination_country_region": "USA",
        "destination_postal_code": "10001-12", "tracking_ship_date": "20260701",
        "customers": [{"role": "receiver", "name": "Ada", "email": "ada@example.org",
            "phone_number": "+49 30 123456", "language": "de", "shoe_size": 42, "id": null}],
        "last_mile": {"tracking_number": " rb 123456785 gb", "slug": "royal-mail"},
        "shipment_direction": "return", "note": "", "unknown": {"a": [1]}, "order_number": null,
    }))
    .expect("a good body");
    assert_eq!(created.number.as_str(), "1Z999AA10123456784");
    assert_eq!(created.own_id.expect("own id").as_str(), "order_77-a");
    assert_eq!(created.slug.expect("slug").as_str(), "ups");
    let details = created.details;
    assert_eq!(details.language.as_deref(), Some("de"));
    assert_eq!(
        details.origin_country_region.expect("origin").as_str(),
        "DEU"
    );
    assert_eq!(details.shipment_direction, Some(Direction::Return));
    assert_eq!(
        details.note, None,
        "an empty text is absence where no minimum is documented"
    );
    assert_eq!(
        details.last_mile.expect("last mile").tracking_number,
        "RB123456785GB"
    );
    let customer = details.customers.first().expect("a customer");
    assert_eq!(
        (customer.name.as_deref(), customer.id.as_deref()),
        (Some("Ada"), None)
    );
}

#[test]
fn numbers_are_raised_and_freed_of_blanks() {
    for (given, kept) in [("abc 123", "ABC123"), ("\u{200b}a-b.c_d/e\n", "A-B.C_D/E")] {
        assert_eq!(
            create(json!({"tracking_number": given}))
                .expect("good")
                .number
                .as_str(),
            kept
        );
    }
}

#[test]
fn wrong_values_name_their_field() {
    let long = |length: usize| "x".repeat(length);
    let many = |count: usize| vec!["tag"; count];
    let pairs = |count: usize| {
        Value::Object(
            (0..count)
                .map(|at| (format!("k{at}"), json!("v")))
                .collect(),
        )
    };
    let customers = |count: usize| vec![json!({"name": "Ada"}); count];
    let table: &[(Value, &str)] = &[
        (json!({"title": 7}), "title"),
        (json!({"title": ""}), "title"),
        (json!({"title": ["a"]}), "title"),
        (json!({"title": long(513)}), "title"),
        (json!({"title": "a\u{0}b"}), "title"),
        (json!({"note": "\u{0}"}), "note"),
        (json!({"order_id": true}), "order_id"),
        (json!({"order_date": "yesterday"}), "order_date"),
        (json!({"order_date": "2026-02-30T10:00:00Z"}), "order_date"),
        (json!({"custom_fields": []}), "custom_fields"),
        (json!({"custom_fields": pairs(26)}), "custom_fields"),
        (json!({"custom_fields": {"k": 7}}), "custom_fields.k"),
        (
            json!({"custom_fields": {"k": long(513)}}),
            "custom_fields.k",
        ),
        (json!({"custom_fields": {long(31): "v"}}), "custom_fields"),
        (json!({"custom_fields": {"k": "\u{0}"}}), "custom_fields.k"),
        (json!({"custom_fields": {"\u{0}": "v"}}), "custom_fields"),
        (json!({"language": "english"}), "language"),
        (json!({"language": "xx"}), "language"),
        (json!({"language": ""}), "language"),
        (
            json!({"order_promised_delivery_date": "2026-07-01"}),
            "order_promised_delivery_date",
        ),
        (
            json!({"order_promised_delivery_date": {"promised_delivery_date": "1 July"}}),
            "order_promised_delivery_date.promised_delivery_date",
        ),
        (
            json!({"order_promised_delivery_date": {"promised_delivery_date_min": "2026-07-03", "promised_delivery_date_max": "2026-07-01"}}),
            "order_promised_delivery_date.promised_delivery_date_max",
        ),
        (json!({"delivery_type": "drone"}), "delivery_type"),
        (json!({"delivery_type": ""}), "delivery_type"),
        (
            json!({"tracking_account_number": "a b"}),
            "tracking_account_number",
        ),
        (json!({"tracking_key": "a b"}), "tracking_key"),
        (
            json!({"tracking_ship_date": "20261301"}),
            "tracking_ship_date",
        ),
        (
            json!({"destination_postal_code": long(11)}),
            "destination_postal_code",
        ),
        (
            json!({"destination_postal_code": "10001!"}),
            "destination_postal_code",
        ),
        (
            json!({"destination_postal_code": 10001}),
            "destination_postal_code",
        ),
        (
            json!({"origin_country_region": "US"}),
            "origin_country_region",
        ),
        (
            json!({"destination_country_region": "XXX"}),
            "destination_country_region",
        ),
        (
            json!({"destination_country_region": "ÜÜ"}),
            "destination_country_region",
        ),
        (json!({"shipment_tags": "a,b"}), "shipment_tags"),
        (json!({"shipment_tags": many(51)}), "shipment_tags"),
        (
            json!({"shipment_tags": ["a", long(33)]}),
            "shipment_tags[1]",
        ),
        (json!({"shipment_tags": ["a", ""]}), "shipment_tags[1]"),
        (json!({"shipment_tags": [null]}), "shipment_tags[0]"),
        (json!({"customers": {}}), "customers"),
        (json!({"customers": customers(4)}), "customers"),
        (json!({"customers": ["Ada"]}), "customers[0]"),
        (json!({"customers": [{"email": 7}]}), "customers[0].email"),
        (
            json!({"customers": [{}, {"email": "ada"}]}),
            "customers[1].email",
        ),
        (
            json!({"customers": [{"email": "a b@example.org"}]}),
            "customers[0].email",
        ),
        (
            json!({"customers": [{"phone_number": "030123456"}]}),
            "customers[0].phone_number",
        ),
        (
            json!({"customers": [{"phone_number": "+49 abc"}]}),
            "customers[0].phone_number",
        ),
        (
            json!({"customers": [{"language": "german"}]}),
            "customers[0].language",
        ),
        (
            json!({"last_mile": {"tracking_number": "!", "slug": "ups"}}),
            "last_mile.tracking_number",
        ),
        (
            json!({"last_mile": {"tracking_number": "1234", "slug": "No Slug"}}),
            "last_mile.slug",
        ),
        (
            json!({"shipment_direction": "sideways"}),
            "shipment_direction",
        ),
        (
            json!({"location_id": "l1", "origin_city": "Berlin"}),
            "location_id",
        ),
        (json!({"slug_group": "nobody-group"}), "slug_group"),
        (
            json!({"slug": "ups", "slug_group": "dhl-group"}),
            "slug_group",
        ),
        (json!({"slug": ["ups"]}), "slug"),
        (json!({"id": 7}), "id"),
        (json!({"tracking_number": 1234}), "tracking_number"),
        (json!({"tracking_number": "12\u{0}34"}), "tracking_number"),
    ];
    for (fields, field) in table {
        refused(create(fields.clone()), 4008, field);
    }
}

#[test]
fn other_faults_have_their_own_codes() {
    for body in [json!(null), json!([]), json!("x"), json!(1)] {
        refused_code(body, 4001);
    }
    for body in [json!({}), json!({"tracking_number": null})] {
        refused_code(body, 4007);
    }
    for number in ["", "  ", "abc", &"A".repeat(101), "ABC!1234", "ÄBC1234"] {
        refused(
            create(json!({"tracking_number": number})),
            4005,
            "tracking_number",
        );
    }
    refused(
        create(json!({"last_mile": {"slug": "ups"}})),
        4009,
        "last_mile.tracking_number",
    );
    refused(
        create(json!({"last_mile": {"tracking_number": "1234"}})),
        4009,
        "last_mile.slug",
    );
    for slug in ["UPS", "u p s", "-ups", &"u".repeat(65)] {
        refused(create(json!({"slug": slug})), 4010, "slug");
    }
    for id in ["", "a b", "ä", &"i".repeat(129)] {
        refused(create(json!({"id": id})), 4015, "id");
    }
}

#[track_caller]
fn refused_code(body: Value, code: u16) {
    let (given, message) = crate::refusal(waybill_versions::CreateTracking::parse(body));
    assert_eq!(given, code, "{message}");
}
