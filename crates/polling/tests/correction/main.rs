//! Whose number it is, where the caller did not say: the likely couriers are asked before it settles.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

mod world;

use jiff::SignedDuration;
use serde_json::json;
use waybill_storage::{NameQuery, PollOutcome};

use crate::world::{NUMBER, World};

#[tokio::test]
async fn a_number_that_its_courier_does_not_know_goes_to_the_one_that_tells_of_it() {
    let world = World::new().await;
    world.tells("second", "2026-07-10T09:00:00Z");
    let key = world.guess().await;
    assert_eq!(world.row(key).await.slug.as_str(), "first");
    world.work().await;
    assert_eq!(world.asked(), ["first", "second"]);
    let row = world.row(key).await;
    assert_eq!(row.slug.as_str(), "second");
    assert_eq!(row.sub_status.code(), "InTransit_002");
    let corrections = world.corrections().await;
    let [(before, after, reason)] = corrections.as_slice() else {
        panic!("{corrections:?}");
    };
    assert_eq!((before.as_str(), after.as_str()), ("first", "second"));
    assert!(reason.contains("does not know"), "{reason}");
    // Both names mean it.
    for slug in ["first", "second"] {
        let query = NameQuery::Number {
            number: NUMBER.to_owned(),
            slug: Some(slug.to_owned()),
            discriminator: None,
        };
        let named = world
            .service
            .storage()
            .trackings_named(world.organization, &query);
        assert_eq!(named.await.unwrap()[0].tracking, key, "{slug}");
    }
    assert_eq!(world.page(key).await["detection"]["state"], "settled");
    // Whatever comes later, it stays there.
    world.says("second", 404, json!(null));
    world.tells("first", "2026-07-10T10:00:00Z");
    world.hours(72).await;
    assert!(!world.asked().contains(&"first".to_owned()));
    assert_eq!(world.corrections().await.len(), 1);
}

#[tokio::test]
async fn a_courier_that_tells_of_the_parcel_settles_it_and_nobody_else_is_asked() {
    let world = World::new().await;
    world.tells("first", "2026-07-10T09:00:00Z");
    let key = world.guess().await;
    let open = world.page(key).await["detection"].clone();
    assert_eq!(open["state"], "open");
    assert!(open["confidence"].as_f64().unwrap() < 0.95, "{open}");
    world.work().await;
    assert_eq!(world.asked(), ["first"]);
    assert!(world.detected(key).await.unwrap().settled);
    assert!(world.corrections().await.is_empty());
}

#[tokio::test]
async fn a_courier_that_the_caller_named_is_never_corrected() {
    let world = World::new().await;
    world.tells("second", "2026-07-10T09:00:00Z");
    let named = json!({"tracking_number": NUMBER, "slug": "first"});
    let key = world.create(named).await.unwrap();
    world.work().await;
    world.hours(72).await;
    assert!(world.asked().iter().all(|slug| slug == "first"));
    assert_eq!(world.row(key).await.slug.as_str(), "first");
    assert_eq!(world.page(key).await["detection"], json!(null));
}

#[tokio::test]
async fn naming_the_courier_ends_the_guessing() {
    let world = World::new().await;
    let key = world.guess().await;
    world.work().await;
    assert_eq!(world.asked(), ["first", "second", "third"]);
    world.update(key, json!({"slug": "first"})).await;
    world.tells("second", "2026-07-10T13:00:00Z");
    world.hours(72).await;
    assert!(world.asked().iter().all(|slug| slug == "first"));
    assert!(world.detected(key).await.is_none());
}

#[tokio::test]
async fn where_nobody_knows_the_number_the_rounds_end() {
    let world = World::new().await;
    let key = world.guess().await;
    world.work().await;
    assert_eq!(world.asked(), ["first", "second", "third"]);
    let leg = world.leg(key).await;
    assert_eq!(
        leg.slug.as_str(),
        "first",
        "its own courier has the next word"
    );
    assert!(leg.next_check_at.unwrap() > world.now());
    world.hours(60).await;
    let asked = world.asked();
    let count = |slug: &str| asked.iter().filter(|asked| *asked == slug).count();
    assert_eq!((count("second"), count("third")), (4, 4), "{asked:?}");
    let page = world.page(key).await["detection"].clone();
    assert_eq!(page["state"], "unknown", "{page}");
    assert_eq!(page["next_round_at"], json!(null));
    world.hours(48).await;
    assert!(world.asked().iter().all(|slug| slug == "first"));
    assert!(world.corrections().await.is_empty());
    // A month later it is given up; who asks again has one round more.
    world.clock.advance(SignedDuration::from_hours(31 * 24));
    world.work().await;
    assert!(!world.row(key).await.active);
    world.asked();
    let id = key.id();
    let again = world.service.retrack_tracking(world.organization, &id, 3);
    again.await.unwrap();
    world.work().await;
    assert_eq!(world.asked(), ["first", "second", "third"]);
    world.hours(24).await;
    assert!(world.asked().iter().all(|slug| slug == "first"));
}

#[tokio::test]
async fn a_courier_that_knows_the_number_of_another_parcel_does_not_get_it() {
    for (body, answer, why) in [
        (
            json!({"tracking_number": NUMBER, "destination_country_region": "DEU"}),
            json!({"to": "FRA", "events": [{"at": "2026-07-10T09:00:00Z", "code": "HUB"}]}),
            "goes to FRA",
        ),
        (
            json!({"tracking_number": NUMBER, "order_date": "2026-07-08"}),
            json!({"events": [{"at": "2026-07-06T09:00:00Z", "code": "TAKEN"},
                              {"at": "2026-07-09T09:00:00Z", "code": "HUB"}]}),
            "older than 2026-07-07",
        ),
        (
            json!({"tracking_number": NUMBER}),
            json!({"events": [{"at": "2025-03-09T09:00:00Z", "code": "HUB"}]}),
            "older than",
        ),
    ] {
        let world = World::new().await;
        world.says("second", 200, answer);
        let key = world.create(body).await.unwrap();
        world.work().await;
        assert_eq!(world.asked(), ["first", "second", "third"]);
        let row = world.row(key).await;
        assert_eq!((row.slug.as_str(), row.tag.as_str()), ("first", "Pending"));
        let attempts = world.page(key).await["legs"][0]["attempts"].clone();
        let reason = attempts[1]["reason"].as_str().unwrap();
        assert!(
            reason.contains("another parcel") && reason.contains(why),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn a_number_that_is_followed_under_the_other_courier_already_is_left_there() {
    let world = World::new().await;
    world.tells("second", "2026-07-10T09:00:00Z");
    let named = json!({"tracking_number": NUMBER, "slug": "second"});
    let other = world.create(named).await.unwrap();
    let key = world.guess().await;
    world.work().await;
    assert_eq!(world.row(key).await.slug.as_str(), "first");
    let attempts = world.page(key).await["legs"][0]["attempts"].to_string();
    assert!(attempts.contains(&other.id()), "{attempts}");
}

#[tokio::test]
async fn a_courier_that_has_no_data_yet_is_doubted_after_a_day() {
    let world = World::new().await;
    world.says("first", 204, json!(null));
    world.tells("second", "2026-07-10T13:00:00Z");
    let key = world.guess().await;
    world.work().await;
    assert_eq!(world.asked(), ["first"]);
    world.hours(20).await;
    assert!(world.asked().iter().all(|slug| slug == "first"));
    world.hours(6).await;
    assert_eq!(world.row(key).await.slug.as_str(), "second");
}

#[tokio::test]
async fn a_sure_courier_is_left_alone_with_a_fresh_label() {
    let world = World::new().await;
    let key = world
        .create(json!({"tracking_number": "SURE00000001"}))
        .await
        .unwrap();
    assert!(world.detected(key).await.unwrap().confidence >= waybill_couriers::SURE);
    world.work().await;
    assert_eq!(world.asked(), ["certain"]);
    assert_eq!(
        world.leg(key).await.outcome,
        Some(PollOutcome::UnknownToCourier)
    );
    assert_eq!(world.page(key).await["detection"]["state"], "open");
}

#[tokio::test]
async fn a_courier_that_cannot_be_asked_does_not_keep_the_others_from_it() {
    let world = World::new().await;
    world.says("first", 503, json!(null));
    world.says("second", 500, json!(null));
    world.tells("third", "2026-07-10T09:00:00Z");
    let key = world.guess().await;
    world.work().await;
    assert_eq!(world.asked(), ["first", "second", "third"]);
    assert_eq!(world.row(key).await.slug.as_str(), "third");
}

#[tokio::test]
async fn what_numbers_turned_out_to_be_says_whose_the_next_one_is() {
    let world = World::new().await;
    world.tells("third", "2026-07-10T09:00:00Z");
    for number in 1..=20 {
        let number = format!("QX{number:08}");
        world
            .create(json!({ "tracking_number": number }))
            .await
            .unwrap();
        world.work().await;
    }
    // What was remembered a minute ago is looked up again.
    world.clock.advance(SignedDuration::from_mins(2));
    world.asked();
    let next = json!({"tracking_number": "QX00000099"});
    let key = world.create(next).await.unwrap();
    assert_eq!(world.row(key).await.slug.as_str(), "third");
    world.work().await;
    assert!(world.asked().iter().all(|slug| slug == "third"));
}

#[tokio::test]
async fn what_nothing_understood_is_counted_when_it_is_learned_and_not_again() {
    let world = World::new().await;
    let event = |at: &str, code: &str| json!({"at": at, "code": code});
    let mut events = vec![
        event("2026-07-10T08:00:00Z", "TAKEN"),
        event("2026-07-10T09:00:00Z", "ZZ9"),
    ];
    world.says("certain", 200, json!({ "events": events }));
    let number = json!({"tracking_number": "SURE00000001"});
    let key = world.create(number).await.unwrap();
    world.hours(48).await;
    let counted = async || {
        let rows = world.service.storage().unclassified(10).await.unwrap();
        let told =
            |row: waybill_storage::UnclassifiedRow| (row.slug.to_string(), row.word, row.count);
        rows.into_iter().map(told).collect::<Vec<_>>()
    };
    assert!(world.asked().len() > 1);
    assert_eq!(counted().await, [("certain".into(), "ZZ9".into(), 1)]);
    // It counts as InTransit.
    assert_eq!(world.row(key).await.sub_status.code(), "InTransit_001");
    events.push(event("2026-07-12T10:00:00Z", "ZZ9"));
    world.says("certain", 200, json!({ "events": events }));
    world.hours(48).await;
    assert_eq!(counted().await, [("certain".into(), "ZZ9".into(), 2)]);
}

#[tokio::test]
async fn a_number_that_no_courier_recognises_is_kept_from_a_file_and_found_later() {
    let world = World::new().await;
    let unknown = |number: &str| json!({ "tracking_number": number });
    let refused = world.create(unknown("NEW-0001")).await.unwrap_err();
    assert_eq!(refused.code, waybill_versions::Code::CourierUnknown);
    let mut keys = Vec::new();
    // More than one job looks at.
    for number in 1..=120 {
        let number = format!("NEW-{number:04}");
        keys.push(world.import(unknown(&number)).await.unwrap());
    }
    let other = world.import(unknown("OTHER-1")).await.unwrap();
    world.work().await;
    let row = world.row(keys[0]).await;
    assert_eq!(
        (row.slug.as_str(), row.tag.as_str()),
        ("unrecognized", "Pending")
    );
    let document = row.document.text().unwrap();
    assert!(document.contains(r#""source":"csv""#), "{document}");
    assert!(world.asked().is_empty(), "there is nobody to ask");
    let again = world.import(unknown("NEW-0001")).await.unwrap_err();
    assert_eq!(again.code, waybill_versions::Code::TrackingExists);

    // Couriers that do not know it change nothing.
    world.install("unlike", r"UNLIKE\d{8}").await;
    world.work().await;
    assert!(world.corrections().await.is_empty());

    world.tells("newcomer", "2026-07-10T09:00:00Z");
    world.install("newcomer", r"NEW-\d{4}").await;
    world.work().await;
    for key in &keys {
        assert_eq!(world.row(*key).await.slug.as_str(), "newcomer");
    }
    assert_eq!(world.row(other).await.slug.as_str(), "unrecognized");
    let corrections = world.corrections().await;
    let (before, after, reason) = &corrections[0];
    assert_eq!(
        (before.as_str(), after.as_str()),
        ("unrecognized", "newcomer")
    );
    assert!(reason.contains("couriers changed"), "{reason}");
    // What had to wait for its turn has had it.
    world.hours(1).await;
    assert_eq!(world.row(keys[0]).await.tag.as_str(), "InTransit");
    let query = NameQuery::Number {
        number: "NEW-0001".to_owned(),
        slug: Some("unrecognized".to_owned()),
        discriminator: None,
    };
    let named = world
        .service
        .storage()
        .trackings_named(world.organization, &query);
    assert_eq!(
        named.await.unwrap()[0].tracking,
        keys[0],
        "the old name stays"
    );
}

#[tokio::test]
async fn an_unrecognized_number_gets_its_courier_from_the_caller_or_expires() {
    let world = World::new().await;
    let named = world
        .import(json!({"tracking_number": "NEW-0001"}))
        .await
        .unwrap();
    let lost = world
        .import(json!({"tracking_number": "NEW-0002"}))
        .await
        .unwrap();
    world.tells("second", "2026-07-10T09:00:00Z");
    world.update(named, json!({"slug": "second"})).await;
    world.work().await;
    assert_eq!(world.row(named).await.tag.as_str(), "InTransit");
    // Asking now says why nobody is asked.
    let (id, organization) = (lost.id(), world.organization);
    world.service.poll_now(organization, &id).await.unwrap();
    world.work().await;
    let leg = world.leg(lost).await;
    assert!(
        leg.reason.contains("no courier recognises"),
        "{}",
        leg.reason
    );
    world.hours(30 * 24 + 12).await;
    let row = world.row(lost).await;
    assert_eq!((row.tag.as_str(), row.active), ("Expired", false));
}
