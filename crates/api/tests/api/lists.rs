//! Lists: pages, filters, fields.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Installation, Organization, TRACKINGS, id};

async fn fill(shop: &Organization<'_>, count: usize) {
    for at in 0..count {
        let country = if at % 2 == 0 { "DEU" } else { "USA" };
        shop.create(json!({
            "tracking_number": format!("ITOD-1-N{at}"), "slug": "testing-courier", "title": format!("t{at}"),
            "order_id": format!("o{}", at / 2), "destination_country_region": country, "shipment_tags": [format!("s{at}")],
        }))
        .await;
        shop.installation
            .clock
            .advance(SignedDuration::from_secs(1));
    }
}

fn titles(data: &Value) -> Vec<String> {
    let trackings = data["trackings"].as_array().expect("a list");
    trackings
        .iter()
        .map(|tracking| tracking["title"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn pages_follow_each_other_newest_first() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    fill(&shop, 7).await;
    for filter in [
        "",
        "&destination=DEU,USA",
        "&tag=Pending&slug=testing-courier",
    ] {
        let (mut all, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let path = format!("{TRACKINGS}?limit=3{filter}&cursor={cursor}");
            let reply = shop.get(&path).await.is(200, 200);
            let page = &reply.data()["pagination"];
            assert_eq!(page["total"], 7);
            all.extend(titles(reply.data()));
            pages += 1;
            assert_eq!(
                page["has_next_page"].as_bool(),
                Some(page["next_cursor"].is_string())
            );
            match page["next_cursor"].as_str() {
                Some(next) if pages < 9 => cursor = next.to_owned(),
                _ => break,
            }
        }
        assert_eq!(all, ["t6", "t5", "t4", "t3", "t2", "t1", "t0"], "{filter}");
        assert!(pages <= 4, "{pages}");
        // The cursor belongs to its list.
        shop.get(&format!(
            "{TRACKINGS}?limit=3&tag=Delivered&cursor={cursor}"
        ))
        .await
        .is(400, 4008)
        .names("cursor");
    }
}

/// What an integration asks for that keeps a copy: all that changed since it asked last, and that once.
#[tokio::test]
async fn what_changed_since_is_all_that_a_copy_lacks() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    fill(&shop, 5).await;
    let all = shop.get(TRACKINGS).await.is(200, 200);
    let path = |place: usize| format!("{TRACKINGS}/{}", id(&all.data()["trackings"][place]));
    // Each is answered as changed, whether or not anything shows it.
    let same = json!({"title": "t1"}).to_string();
    shop.send("PUT", &path(3), same).await.is(200, 200);
    let own = path(2).replace(TRACKINGS, "/waybill/v1/trackings");
    let checkpoints = json!({"checkpoints": [
        {"tag": "InTransit", "checkpoint_time": "2026-07-10T11:00:00Z", "message": "On its way"},
    ]});
    shop.post(&format!("{own}/checkpoints"), checkpoints)
        .await
        .is(200, 200);
    // What is gone is not asked for again, and a sample is no tracking.
    shop.send("PUT", &path(1), r#"{"title": "gone"}"#)
        .await
        .is(200, 200);
    shop.send("DELETE", &path(1), "").await.is(200, 200);
    let webhook = json!({"url": "https://example.com/hook", "events": ["tracking_update"]});
    shop.post("/waybill/v1/webhooks", webhook).await;

    let since = "2026-07-10T12:00:05Z";
    let changed = shop
        .get(&format!("{TRACKINGS}?updated_at_min={since}"))
        .await
        .is(200, 200);
    assert_eq!(titles(changed.data()), ["t2", "t1"]);
    assert_eq!(changed.data()["pagination"]["total"], 2);
    for tracking in changed.data()["trackings"].as_array().expect("a list") {
        assert!(tracking["updated_at"].as_str() >= Some("2026-07-10T12:00:05"));
    }
    let later = format!("{TRACKINGS}?updated_at_min=2026-07-10T12:00:06Z");
    assert_eq!(shop.get(&later).await.data()["pagination"]["total"], 0);
}

#[tokio::test]
async fn filters_narrow() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    fill(&shop, 6).await;
    for (query, expected) in [
        ("tracking_numbers=itod-1-n1,ITOD-1-N4", vec!["t4", "t1"]),
        ("order_id=o1", vec!["t3", "t2"]),
        ("order_id=o1,o0", vec!["t3", "t2", "t1", "t0"]),
        ("destination=USA", vec!["t5", "t3", "t1"]),
        ("destination=usa&order_id=o1", vec!["t3"]),
        ("shipment_tags=s2,s5", vec!["t5", "t2"]),
        ("tag=Delivered", vec![]),
        ("slug=ups", vec![]),
        ("slug=no-such-courier", vec![]),
        ("return_to_sender=true", vec![]),
        ("transit_time=3", vec![]),
        ("created_at_min=2026-07-10T12:00:04Z", vec!["t5", "t4"]),
        ("created_at_max=2026-07-10T12:00:01", vec!["t1", "t0"]),
        (
            "created_at_max=2026-07-10",
            vec!["t5", "t4", "t3", "t2", "t1", "t0"],
        ),
        ("created_at_min=2026-07-11T00:00:00%2B02:00", vec![]),
        ("origin=DEU", vec![]),
    ] {
        let reply = shop.get(&format!("{TRACKINGS}?{query}")).await.is(200, 200);
        assert_eq!(titles(reply.data()), expected, "{query}");
        assert_eq!(
            reply.data()["pagination"]["total"],
            expected.len(),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_list_goes_back_120_days_but_numbers_and_orders_are_always_found() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    fill(&shop, 1).await;
    installation
        .clock
        .advance(SignedDuration::from_hours(24 * 121));
    let found = async |query: &str| {
        let reply = shop.get(&format!("{TRACKINGS}?{query}")).await.is(200, 200);
        titles(reply.data()).len()
    };
    assert_eq!(found("").await, 0);
    assert_eq!(found("tag=Pending,Expired").await, 0);
    assert_eq!(found("tracking_numbers=ITOD-1-N0").await, 1);
    assert_eq!(found("order_id=o0").await, 1);
    assert_eq!(found("created_at_min=2026-01-01").await, 1);
}

#[tokio::test]
async fn fields_narrow_every_tracking() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    fill(&shop, 2).await;
    let reply = shop
        .get(&format!("{TRACKINGS}?fields=title,tag,transit_time"))
        .await
        .is(200, 200);
    for tracking in reply.data()["trackings"].as_array().expect("a list") {
        let names: Vec<&String> = tracking.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["id", "tag", "title", "transit_time"]);
    }
    let id = reply.data()["trackings"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let one = shop
        .get(&format!("{TRACKINGS}/{id}?fields=slug&lang=de"))
        .await
        .is(200, 200);
    assert_eq!(one.data(), &json!({"id": id, "slug": "testing-courier"}));
    shop.get(&format!("{TRACKINGS}/{id}?lang=german"))
        .await
        .is(400, 4008)
        .names("lang");
}

#[tokio::test]
async fn couriers_are_listed_and_detected() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let couriers = "/tracking/2026-07/couriers";
    let all = shop.get(couriers).await.is(200, 200);
    let total = all.data()["total"].as_u64().expect("a number");
    assert!(total > 1);
    assert_eq!(
        all.data()["couriers"]
            .as_array()
            .map(|list| list.len() as u64),
        Some(total)
    );
    for (query, count) in [
        ("slug=ups,needy", 2),
        ("slug=nobody", 0),
        ("active=false", 0),
        ("active=true", total),
    ] {
        let reply = shop.get(&format!("{couriers}?{query}")).await.is(200, 200);
        assert_eq!(reply.data()["total"], count, "{query}");
    }
    insta::assert_json_snapshot!(shop.get(&format!("{couriers}?slug=needy")).await.data());

    for path in [format!("{couriers}/detect"), format!("{couriers}/detect/")] {
        let found = shop
            .post(&path, json!({"tracking_number": "ITOD-1-A"}))
            .await
            .is(200, 200);
        assert_eq!(found.data()["couriers"][0]["slug"], "testing-courier");
        let nothing = shop
            .post(&path, json!({"tracking_number": "A/B/C/D"}))
            .await
            .is(200, 200);
        assert_eq!(nothing.data(), &json!({"total": 0, "couriers": []}));
        shop.post(
            &path,
            json!({"tracking_number": "1234", "slug": ["nobody"]}),
        )
        .await
        .is(400, 4010);
        shop.post(
            &path,
            json!({"tracking_number": "NEEDY123456", "slug": ["needy"]}),
        )
        .await
        .is(400, 4011);
    }
}

#[tokio::test]
async fn messages_are_in_the_language_that_is_asked_for() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    fill(&shop, 1).await;
    let list = shop.get(TRACKINGS).await.is(200, 200);
    let id = list.data()["trackings"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let news = json!({"checkpoints": [
        {"tag": "Delivered", "checkpoint_time": "2026-07-09T10:00:00", "message": "left at the door"},
    ]});
    let path = format!("/waybill/v1/trackings/{id}/checkpoints");
    shop.post(&path, news).await.is(200, 200);
    let message = async |query: &str| {
        let one = shop.get(&format!("{TRACKINGS}/{id}{query}")).await;
        let one = one.is(200, 200).data()["checkpoints"][0].clone();
        let all = shop.get(&format!("{TRACKINGS}{query}")).await.is(200, 200);
        assert_eq!(all.data()["trackings"][0]["checkpoints"][0], one);
        assert_eq!(one["subtag_message"], "Delivered", "this one is protocol");
        one["message"].clone()
    };
    assert_eq!(message("").await, "left at the door");
    assert_eq!(message("?lang=de").await, "Zugestellt");
    assert_eq!(message("?lang=EN").await, "Delivered");
    assert_eq!(message("?lang=eo").await, "left at the door");
}
