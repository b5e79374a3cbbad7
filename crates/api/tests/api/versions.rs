//! The API in its older versions, over the whole way in and out.

use jiff::SignedDuration;
use serde_json::{Value, json};
use waybill_api::Options;
use waybill_versions::Version;

use crate::support::{Installation, Organization, Reply, TRACKINGS, id, redacted};

const V2024_01: &str = "/tracking/2024-01/trackings";

fn path(version: Version) -> String {
    format!("{}/trackings", version.base_path())
}

fn wrapped(version: Version, body: Value) -> Value {
    if version.wraps() {
        json!({"tracking": body})
    } else {
        body
    }
}

/// The tracking in an answer.
fn tracking(version: Version, reply: &Reply) -> &Value {
    if version.wraps() {
        &reply.data()["tracking"]
    } else {
        reply.data()
    }
}

async fn create(shop: &Organization<'_>, version: Version, body: Value) -> Value {
    let reply = shop
        .post(&path(version), wrapped(version, body))
        .await
        .is(201, 201);
    tracking(version, &reply).clone()
}

fn later(installation: &Installation) {
    installation.clock.advance(SignedDuration::from_secs(1));
}

/// A tracking with much in it, made by the newest version.
async fn full(shop: &Organization<'_>) -> Value {
    let made = shop.create(json!({
        "tracking_number": "ITOD-1-FULL", "slug": "testing-courier", "title": "Tea set", "note": "n",
        "order_id": "7001", "order_promised_delivery_date": {
            "promised_delivery_date_min": "2026-07-12", "promised_delivery_date_max": "2026-07-14"},
        "tracking_ship_date": "2026-07-09T10:00:00Z", "origin_country_region": "CHN",
        "destination_country_region": "FRA", "destination_postal_code": "75001",
        "customers": [
            {"name": "Ada", "email": "a@example.com", "role": "buyer", "id": "cus_1"},
            {"name": "Bob", "phone_number": "+33123456789"}],
        "last_mile": {"tracking_number": "RB123456785GB", "slug": "royal-mail"},
        "shipment_direction": "forward",
    })).await;
    let checkpoint = json!({"checkpoints": [{
        "tag": "InTransit", "subtag": "InTransit_011", "checkpoint_time": "2026-07-10T08:00:00Z",
        "message": "In a van", "city": "Paris", "country_region": "FRA", "postal_code": "75001",
        "coordinate": {"latitude": 48.5, "longitude": 2.25}, "events": [{"code": "picked_up"}]}]});
    let path = format!("/waybill/v1/trackings/{}/checkpoints", id(&made));
    shop.post(&path, checkpoint)
        .await
        .is(200, 200)
        .data()
        .clone()
}

#[tokio::test]
async fn a_tracking_and_its_list_in_every_version() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = full(&shop).await;
    for version in Version::ALL {
        let one = shop
            .get(&format!("{}/{}", path(version), id(&made)))
            .await
            .is(200, 200);
        assert_eq!(one.header("as-api-version"), version.as_str());
        let mut list = shop
            .get(&format!("{}?limit=7&tag=InTransit", path(version)))
            .await
            .is(200, 200);
        assert_eq!(
            &list.data()["trackings"][0],
            tracking(version, &one),
            "{version}"
        );
        list.body["data"]["trackings"] = json!([]);
        insta::assert_json_snapshot!(
            format!("answer_{version}"),
            json!({"one": redacted(&one.body), "list": list.body})
        );
    }
}

#[tokio::test]
async fn what_one_version_makes_and_changes_every_other_reads() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    for (at, version) in Version::ALL.into_iter().enumerate() {
        let number = format!("ITOD-1-R{at}");
        let made = create(
            &shop,
            version,
            json!({"tracking_number": number, "title": "Tea"}),
        )
        .await;
        let one = format!("{}/{}", path(version), id(&made));
        let patch = wrapped(version, json!({"title": "Cups", "order_id": "7"}));
        let changed = shop.send("PUT", &one, patch.to_string()).await.is(200, 200);
        assert_eq!(tracking(version, &changed)["title"], "Cups");
        for other in Version::ALL {
            let reply = shop
                .get(&format!("{}/{}", path(other), id(&made)))
                .await
                .is(200, 200);
            assert_eq!(
                tracking(other, &reply)["order_id"],
                "7",
                "{version} by {other}"
            );
        }
        let done = shop
            .post(
                &format!("{one}/mark-as-completed"),
                json!({"reason": "LOST"}),
            )
            .await;
        assert_eq!(
            tracking(version, &done.is(200, 200))["subtag"],
            "Exception_013"
        );
        // Two retracks: the second is one too many before 2026-01.
        later(&installation);
        shop.post(&format!("{one}/retrack"), json!([]))
            .await
            .is(200, 200);
        shop.post(&format!("{one}/retrack"), json!({}))
            .await
            .is(400, 4013);
        later(&installation);
        shop.post(
            &format!("{one}/mark-as-completed"),
            json!({"reason": "LOST"}),
        )
        .await
        .is(200, 200);
        later(&installation);
        let again = shop.post(&format!("{one}/retrack"), json!({})).await;
        match version.retrack_limit() {
            1 => again.is(400, 4016),
            _ => again.is(200, 200),
        };
        let gone = shop.send("DELETE", &one, "").await.is(200, 200);
        let gone = tracking(version, &gone).as_object().expect("an object");
        assert_eq!(
            gone.contains_key("checkpoints"),
            !version.wraps(),
            "{version}"
        );
        assert_eq!(gone["tracking_number"], json!(number));
    }
}

/// The rows of the page "Create a tracking" of 2024-01, with what a read shows of each.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one row of the page after another")]
async fn every_row_of_the_create_page_of_2024_01() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let rows: &[(&str, Value, Value)] = &[
        ("title", json!("Order 7001"), json!("Order 7001")),
        ("order_id", json!("7001"), json!("7001")),
        (
            "order_id_path",
            json!("https://shop.example/7001"),
            json!("https://shop.example/7001"),
        ),
        (
            "custom_fields",
            json!({"colour": "red"}),
            json!({"colour": "red"}),
        ),
        ("language", json!("fr"), json!("fr")),
        (
            "order_promised_delivery_date",
            json!("2026-07-20"),
            json!("2026-07-20"),
        ),
        (
            "delivery_type",
            json!("pickup_at_store"),
            json!("pickup_at_store"),
        ),
        ("pickup_location", json!("Shop 1"), json!("Shop 1")),
        ("pickup_note", json!("Ring twice"), json!("Ring twice")),
        ("tracking_account_number", json!("A1"), json!("A1")),
        ("tracking_key", json!("key-1"), json!("key-1")),
        ("tracking_ship_date", json!("20260701"), json!("20260701")),
        (
            "emails",
            json!(["a@example.com", "b@example.com"]),
            json!(["a@example.com", "b@example.com"]),
        ),
        (
            "emails",
            json!("a@example.com, b@example.com"),
            json!(["a@example.com", "b@example.com"]),
        ),
        ("smses", json!(["+33123456789"]), json!(["+33123456789"])),
        (
            "smses",
            json!("+33123456789,+33123456780"),
            json!(["+33123456789", "+33123456780"]),
        ),
        ("customer_name", json!("Ada"), json!("Ada")),
        ("origin_country_iso3", json!("CHN"), json!("CHN")),
        ("origin_state", json!("Beijing"), json!("Beijing")),
        ("origin_city", json!("Beijing"), json!("Beijing")),
        ("origin_postal_code", json!("065001"), json!("065001")),
        (
            "origin_raw_location",
            json!("Lihong Garden 4A"),
            json!("Lihong Garden 4A"),
        ),
        ("destination_country_iso3", json!("USA"), json!("USA")),
        ("destination_state", json!("New York"), json!("New York")),
        (
            "destination_city",
            json!("New York City"),
            json!("New York City"),
        ),
        ("destination_postal_code", json!("10001"), json!("10001")),
        (
            "destination_raw_location",
            json!("13th Street"),
            json!("13th Street"),
        ),
        ("note", json!("Handle with care"), json!("Handle with care")),
        (
            "order_date",
            json!("2026-06-30T11:23:51-05:00"),
            json!("2026-06-30T11:23:51-05:00"),
        ),
        ("order_number", json!("No. 7001"), json!("No. 7001")),
        ("shipment_type", json!("express"), json!("express")),
        (
            "shipment_tags",
            json!(["tea", "gift"]),
            json!(["tea", "gift"]),
        ),
        (
            "courier_connection_id",
            json!("connection-1"),
            json!("connection-1"),
        ),
        (
            "next_couriers",
            json!([{"slug": "usps", "tracking_number": "9400110200881234567890"}]),
            json!([{"slug": "usps", "tracking_number": "9400110200881234567890", "source": "user"}]),
        ),
        ("tracking_origin_country", json!("CHN"), json!("CHN")),
        ("tracking_destination_country", json!("USA"), json!("USA")),
        ("tracking_postal_code", json!("10001"), json!("10001")),
        ("tracking_state", json!("NY"), json!("NY")),
        (
            "shipping_method",
            json!("Free Express"),
            json!("Free Express"),
        ),
    ];
    for (at, (name, given, shown)) in rows.iter().enumerate() {
        let number = format!("ITOD-1-P{at}");
        let body = json!({"tracking": {"tracking_number": number, "slug": "testing-courier", *name: given}});
        let made = shop.post(V2024_01, body).await.is(201, 201);
        assert_eq!(&made.data()["tracking"][name], shown, "{name}");
        let one = shop
            .get(&format!("{V2024_01}/testing-courier/{number}"))
            .await
            .is(200, 200);
        assert_eq!(
            &one.data()["tracking"][name],
            shown,
            "{name} read by slug and number"
        );
    }
    // The rows that say which courier's it is.
    let group =
        json!({"tracking": {"tracking_number": "1Z999AA10123456784", "slug_group": "dhl-group"}});
    shop.post(V2024_01, group).await.is(400, 4012);
    let slug = json!({"tracking": {"tracking_number": "ITOD-1-SLUG", "slug": ["testing-courier"]}});
    let made = shop.post(V2024_01, slug).await.is(201, 201);
    assert_eq!(made.data()["tracking"]["slug"], "testing-courier");
    shop.post(V2024_01, json!({"tracking": {"slug": "ups"}}))
        .await
        .is(400, 4007);
}

#[tokio::test]
async fn errors_are_those_of_the_version() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    // The wrapper, and versions that take it though they need none.
    shop.post(V2024_01, json!({"tracking_number": "ITOD-1-A"}))
        .await
        .is(400, 4006);
    shop.post(
        TRACKINGS,
        json!({"tracking": {"tracking_number": "ITOD-1-A"}}),
    )
    .await
    .is(201, 201);
    // JSON that is no object has a code of its own in v4.
    shop.post("/v4/trackings", json!([])).await.is(400, 4002);
    shop.send("POST", "/v4/trackings", "{").await.is(400, 4001);
    shop.post(V2024_01, json!([])).await.is(400, 4001);
    // Wrong types.
    let wrong = json!({"tracking_number": "ITOD-1-B", "title": 7, "custom_fields": []});
    let made = create(&shop, Version::V2024_04, wrong.clone()).await;
    assert_eq!(
        (&made["title"], &made["custom_fields"]),
        (&json!("ITOD-1-B"), &json!({}))
    );
    shop.post(&path(Version::V2024_07), wrong)
        .await
        .is(400, 4008)
        .names("title");
    // The field by the name it was sent under.
    let bad =
        json!({"tracking": {"tracking_number": "ITOD-1-C", "emails": ["a@example.com", "no"]}});
    let refused = shop
        .post(V2024_01, bad.clone())
        .await
        .is(400, 4008)
        .names("emails[1]");
    assert_eq!(
        (refused.data(), refused.body["meta"].get("errors")),
        (&bad, None)
    );
    let iso3 = json!({"tracking_number": "ITOD-1-C", "origin_country_iso3": "Germany"});
    let refused = shop
        .post(&path(Version::V2024_10), iso3)
        .await
        .is(400, 4008);
    let refused = refused.names("origin_country_iso3");
    assert_eq!(
        (refused.data(), &refused.body["meta"]["errors"]),
        (&json!({}), &json!([]))
    );
    // A duplicate names the one that is there.
    let twice = json!({"tracking": {"tracking_number": "ITOD-1-B"}});
    let twice = shop.post(V2024_01, twice).await.is(400, 4003);
    assert_eq!(twice.data()["tracking"]["id"], made["id"]);
    // What a courier requires, by the version's name of it.
    let needy = json!({"tracking_number": "NEEDY123456", "slug": "needy"});
    shop.post(TRACKINGS, needy.clone())
        .await
        .is(400, 4011)
        .names("destination_postal_code");
    shop.post(V2024_01, json!({"tracking": needy}))
        .await
        .is(400, 4011)
        .names("tracking_postal_code");
}

#[tokio::test]
async fn paths_exist_where_their_version_has_them() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = full(&shop).await;
    let old = made["legacy_id"].as_str().expect("a legacy id");
    for version in Version::ALL {
        let base = version.base_path();
        for (path, until) in [
            ("/couriers/all".to_owned(), Version::V2025_01),
            (
                "/trackings/testing-courier/itod-1-full".to_owned(),
                Version::V2024_07,
            ),
            (format!("/last_checkpoint/{old}"), Version::V2024_04),
            (
                "/last_checkpoint/testing-courier/ITOD-1-FULL".to_owned(),
                Version::V2024_04,
            ),
        ] {
            let reply = shop.get(&format!("{base}{path}")).await;
            assert_eq!(
                reply.status == 200,
                version <= until,
                "{base}{path}: {}",
                reply.body
            );
        }
    }
    for unknown in [
        "/tracking/2025-10/trackings",
        "/v5/trackings",
        "/tracking/trackings",
        "/tracking/v4/trackings",
    ] {
        shop.get(unknown).await.is(404, 404);
    }
    let last = shop
        .get(&format!("/v4/last_checkpoint/{old}"))
        .await
        .is(200, 200);
    assert_eq!(last.data()["checkpoint"]["subtag"], "InTransit_001");
    let none = create(
        &shop,
        Version::V4,
        json!({"tracking_number": "ITOD-1-NONE"}),
    )
    .await;
    let last = shop
        .get(&format!("/v4/last_checkpoint/{}", id(&none)))
        .await
        .is(200, 200);
    assert_eq!(last.data()["checkpoint"]["message"], json!(null));
    let last = shop
        .get(&format!("/tracking/2024-04/last_checkpoint/{}", id(&none)))
        .await
        .is(200, 200);
    assert_eq!(last.data()["checkpoint"]["message"], "");
}

#[tokio::test]
async fn lists_have_pages_up_to_2024_07() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    for at in 0..5 {
        later(&installation);
        create(
            &shop,
            Version::V4,
            json!({"tracking_number": format!("ITOD-1-L{at}")}),
        )
        .await;
    }
    let numbers = |reply: &Reply| -> Vec<String> {
        let all = reply.data()["trackings"].as_array().expect("a list").iter();
        all.map(|one| one["tracking_number"].as_str().expect("text").to_owned())
            .collect()
    };
    for version in [Version::V4, Version::V2024_07] {
        let page = |number: usize| format!("{}?limit=2&page={number}", path(version));
        let second = shop.get(&page(2)).await.is(200, 200);
        assert_eq!(numbers(&second), ["ITOD-1-L2", "ITOD-1-L1"]);
        let said = ["page", "limit", "count"].map(|name| second.data()[name].clone());
        assert_eq!(said, [json!(2), json!(2), json!(5)]);
        assert_eq!(
            numbers(&shop.get(&page(3)).await.is(200, 200)),
            ["ITOD-1-L0"]
        );
        assert!(numbers(&shop.get(&page(4)).await.is(200, 200)).is_empty());
        assert!(numbers(&shop.get(&page(9_999)).await.is(200, 200)).is_empty());
        let lenient = format!("{}?page=x&created_at_min=soon", path(version));
        let lenient = shop.get(&lenient).await.is(200, 200);
        assert_eq!(lenient.data()["page"], json!(1));
    }
    for (asked, moved) in [("5000", 200), ("0", 1), ("ten", 100)] {
        let oldest = format!("{}?limit={asked}", path(Version::V2024_04));
        let oldest = shop.get(&oldest).await.is(200, 200);
        assert_eq!(oldest.data()["limit"], json!(moved));
        let newer = format!("{}?limit={asked}", path(Version::V2024_07));
        shop.get(&newer).await.is(400, 4008).names("limit");
    }
    let echoed = shop
        .get(&format!("{V2024_01}?slug=ups,usps&origin=USA&keyword=x"))
        .await
        .is(200, 200);
    assert_eq!(echoed.data()["origin"], json!(["USA"]));
    assert_eq!(echoed.data()["slug"], "ups,usps");
    let strict = path(Version::V2025_01);
    shop.get(&format!("{strict}?created_at_min=soon"))
        .await
        .is(400, 4008)
        .names("created_at_min");
    shop.get(&format!("{}?created_at_min=soon", path(Version::V2024_10)))
        .await
        .is(200, 200);
    shop.get(&format!("{}?limit=0", path(Version::V2024_10)))
        .await
        .is(400, 4008)
        .names("limit");
    let old = format!(
        "{}?courier_destination_country_iso3=Germany",
        path(Version::V2024_10)
    );
    shop.get(&old)
        .await
        .is(400, 4008)
        .names("courier_destination_country_iso3");
}

#[tokio::test]
async fn forms_of_old_clients_are_understood() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = create(
        &shop,
        Version::V4,
        json!({"tracking_number": "ITOD-1-A/B", "title": "t"}),
    )
    .await;
    // A query that is glued to the path, a bare question mark, a slash in a number.
    let glued = shop
        .get(&format!("/v4/trackings/{}&fields=title%2Ctag", id(&made)))
        .await
        .is(200, 200);
    assert_eq!(
        glued.data()["tracking"]
            .as_object()
            .expect("an object")
            .len(),
        3
    );
    shop.get(&format!("/tracking/2024-01/trackings/{}?", id(&made)))
        .await
        .is(200, 200);
    shop.get("/v4/trackings/testing-courier/ITOD-1-A/B?tracking_postal_code=1")
        .await
        .is(200, 200);
    shop.send("GET", &format!("/v4/trackings/{}", id(&made)), "{}")
        .await
        .is(200, 200);
    // Fields by the version's names.
    let fields = format!(
        "/v4/trackings/{}?fields=delivery_time,country_iso3",
        id(&made)
    );
    let fields = shop.get(&fields).await.is(200, 200);
    let names: Vec<&String> = fields.data()["tracking"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(names, ["checkpoints", "delivery_time", "id"]);
    // The key's older header, in v4 alone.
    for (version, status) in [(Version::V4, 200), (Version::V2023_10, 401)] {
        let request = axum::http::Request::builder()
            .uri(path(version))
            .header("aftership-api-key", &shop.key)
            .body(axum::body::Body::empty());
        assert_eq!(
            installation.send(request.expect("a request")).await.status,
            status
        );
    }
    let detected = json!({"tracking": {"tracking_number": "ITOD-1-A", "slug": "testing-courier"}});
    let detected = shop
        .post("/tracking/2024-01/couriers/detect/", detected)
        .await
        .is(200, 200);
    assert_eq!(detected.data()["total"], 1);
    assert_eq!(
        detected.data()["couriers"][0]["service_from_country_iso3"],
        json!([])
    );
}

#[tokio::test]
async fn an_operator_may_end_old_versions() {
    let installation = Installation::since(Version::V2025_01, Options::default());
    let shop = installation.organization("shop").await;
    let reply = shop
        .post(V2024_01, json!({"tracking_number": "ITOD-1-A"}))
        .await
        .is(201, 201);
    assert_eq!(reply.header("as-api-version"), "2025-01");
    assert_eq!(reply.data()["customers"], json!([]));
}

#[tokio::test]
async fn couriers_in_every_version() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    for version in Version::ALL {
        let body = json!({"tracking_number": "NEEDY123456", "slug": ["needy"], "destination_postal_code": "1",
            "tracking_postal_code": "1"});
        let path = format!("{}/couriers/detect", version.base_path());
        let reply = shop.post(&path, wrapped(version, body)).await.is(200, 200);
        insta::assert_json_snapshot!(format!("couriers_{version}"), reply.body);
    }
}
