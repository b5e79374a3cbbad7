//! `keyword` on the list of trackings.

use serde_json::json;

use crate::support::{Installation, Organization, TRACKINGS, id};

async fn found(shop: &Organization<'_>, keyword: &str) -> Vec<String> {
    let keyword = keyword.replace('+', "%2B").replace(' ', "+");
    let list = shop
        .get(&format!("{TRACKINGS}?keyword={keyword}"))
        .await
        .is(200, 200);
    let trackings = list.data()["trackings"].as_array().expect("a list");
    assert_eq!(list.data()["pagination"]["total"], trackings.len());
    trackings
        .iter()
        .map(|tracking| id(tracking).to_owned())
        .collect()
}

#[tokio::test]
async fn a_tracking_is_found_by_what_its_caller_says_of_it() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let one = shop
        .create(json!({
            "tracking_number": "ITOD-1-FIRST", "slug": "testing-courier", "id": "one", "title": "Blue Shoes",
            "order_id": "WEB-2041", "custom_fields": {"warehouse": "Northgate 7"},
            "customers": [{
                "role": "buyer", "name": "Zoë Smith", "email": "zoe@example.com", "phone_number": "+1 415 555 0100"
            }],
        }))
        .await;
    installation
        .clock
        .advance(jiff::SignedDuration::from_secs(60));
    shop.create(json!({
        "tracking_number": "ITOD-1-SECOND", "slug": "testing-courier", "id": "two", "title": "Blue hat"
    }))
    .await;

    assert_eq!(
        found(&shop, "blue").await,
        [""; 0],
        "not before it was made searchable"
    );
    assert_eq!(
        found(&shop, "itod-1-first").await,
        ["one"],
        "but by its number"
    );
    assert_eq!(installation.service.make_searchable().await, Ok(2));
    assert_eq!(installation.service.make_searchable().await, Ok(0));
    for keyword in [
        "ITOD-1-FIRST",
        "itod-1-f",
        "shoes",
        "SHO",
        "blue sho",
        "WEB-2041",
        "web 20",
        "northgate",
        "zoë smith",
        "smith z",
        "zoe@example.com",
        "zoe",
        "+14155550100",
        "+1 415-555",
        "14155550100",
    ] {
        assert_eq!(found(&shop, keyword).await, ["one"], "{keyword}");
    }
    assert_eq!(found(&shop, "blue").await, ["two", "one"]);
    assert_eq!(found(&shop, "itod").await, ["two", "one"]);
    for keyword in ["hoes", "blu shoes", "green", "warehouse", "---"] {
        assert_eq!(found(&shop, keyword).await, [""; 0], "{keyword}");
    }

    let path = format!("{TRACKINGS}/{}", id(&one));
    shop.send("PUT", &path, json!({"title": "Green boots"}).to_string())
        .await
        .is(200, 200);
    installation.service.make_searchable().await.expect("words");
    assert_eq!(found(&shop, "shoes").await, [""; 0]);
    assert_eq!(found(&shop, "green").await, ["one"]);
    shop.send("DELETE", &path, "").await.is(200, 200);
    for keyword in ["green", "smith", "ITOD-1-FIRST"] {
        assert_eq!(found(&shop, keyword).await, [""; 0], "{keyword}");
    }
}

#[tokio::test]
async fn hits_are_paged_and_filtered() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    for number in 0..25 {
        let title = if number % 2 == 0 {
            "blue shoes"
        } else {
            "red shoes"
        };
        shop.create(json!({
            "tracking_number": format!("ITOD-1-{number:04}"), "slug": "testing-courier", "title": title
        }))
        .await;
        installation
            .clock
            .advance(jiff::SignedDuration::from_secs(1));
    }
    installation.service.make_searchable().await.expect("words");
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{TRACKINGS}?keyword=blue&tag=Pending&limit=5&cursor={cursor}");
        let list = shop.get(&path).await.is(200, 200);
        let pagination = &list.data()["pagination"];
        assert_eq!(pagination["total"], 13);
        for tracking in list.data()["trackings"].as_array().expect("a list") {
            numbers.push(
                tracking["tracking_number"]
                    .as_str()
                    .expect("a number")
                    .to_owned(),
            );
        }
        match pagination["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let expected: Vec<String> = (0..25)
        .rev()
        .step_by(2)
        .map(|n| format!("ITOD-1-{n:04}"))
        .collect();
    assert_eq!(numbers, expected);
    // A cursor belongs to its keyword.
    let first = shop
        .get(&format!("{TRACKINGS}?keyword=blue&limit=5"))
        .await
        .is(200, 200);
    let cursor = first.data()["pagination"]["next_cursor"]
        .as_str()
        .expect("a cursor");
    shop.get(&format!("{TRACKINGS}?keyword=red&limit=5&cursor={cursor}"))
        .await
        .is(400, 4008);
}
