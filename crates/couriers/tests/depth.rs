//! What each connection tells, as its folder shows it: the page `docs/courier-depth.md`.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

use std::{fmt::Write as _, fs};

use waybill_couriers::{Courier, Couriers, Evidence, Outcome, Reading};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/courier-depth.md");
const HEAD: &str = "# What each connection tells

What a courier's interface offers and its folder reads, found in the folder's own samples; the tests write this page
(`WAYBILL_WRITE=1 cargo test -p waybill-couriers --test depth`). *Numbers* are how many one request asks for. *Push*: the
courier sends its news to `/waybill/v1/push/{slug}/{token}` ([couriers](couriers.md)), and how they are proved to be its own.
*Evidence*: recorded answers of the interface, or its documentation.

Left out, and why: pictures of signatures and doors that UPS and Canada Post put inside answers (a proof of delivery here is
an address); Royal Mail's picture, which is a request of its own (who signed is read); the unified push of DHL, whose messages
differ by product and are described nowhere; pushes that need a contract to be read about (Australia Post, DPD, DHL Paket). GLS
and DPD tell neither dates nor proofs.

| Courier | Evidence | Numbers | Push | Delivery date | Signed by | Proof of delivery | Pick-up point | Last mile | Pieces | Codes |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
";

#[test]
fn the_page_says_what_the_folders_show() {
    let couriers = Couriers::embedded().unwrap();
    let connected = couriers.all().filter(|it| it.has_connection());
    let rows: Vec<String> = connected.map(row).collect();
    if std::env::var_os("WAYBILL_WRITE").is_some() {
        fs::write(PAGE, format!("{HEAD}{}", rows.concat())).unwrap();
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let written = page.strip_prefix(HEAD).unwrap_or_default();
    // A new folder has to touch nothing but itself; those that stand there are as they say.
    let is_true = |line: &str| rows.iter().any(|row| row.trim_end() == line);
    assert!(
        !written.is_empty() && written.lines().all(is_true),
        "docs/courier-depth.md is not what the folders show: run the tests with WAYBILL_WRITE=1"
    );
}

fn row(courier: &Courier) -> String {
    let readings: Vec<Reading> = courier
        .samples
        .iter()
        .filter(|it| !it.name.starts_with("push") && !it.name.starts_with("token"))
        .flat_map(|it| courier.read_file(&it.name, &it.body))
        .filter_map(|told| match told.outcome {
            Outcome::Reading(reading) => Some(reading),
            _ => None,
        })
        .collect();
    let any = |tells: &dyn Fn(&Reading) -> bool| {
        if readings.iter().any(tells) {
            "yes"
        } else {
            ""
        }
    };
    let definition = &courier.definition;
    let push = definition.push.as_ref().map_or("", |push| {
        use waybill_couriers::PushSignature::{Hmac, None, Secret};
        match push.signature {
            None => "by the address",
            Secret { .. } => "secret",
            Hmac { .. } => "HMAC",
        }
    });
    let mut row = String::new();
    let cells = [
        definition.slug.to_string(),
        match definition.evidence {
            Evidence::Sample => "samples",
            Evidence::Documented => "documented",
            Evidence::Guessed => "guessed",
        }
        .to_owned(),
        courier.connection().unwrap().batch.to_string(),
        push.to_owned(),
        any(&|it| it.estimated_delivery.is_some()).to_owned(),
        any(&|it| it.checkpoints.iter().any(|it| it.signed_by.is_some())).to_owned(),
        any(&|it| !it.proof_of_delivery.is_empty()).to_owned(),
        any(&|it| it.pickup_location.is_some()).to_owned(),
        any(&|it| it.last_mile.is_some()).to_owned(),
        any(&|it| !it.pieces.is_empty()).to_owned(),
        courier.code_count().to_string(),
    ];
    // Writing to a string cannot fail.
    let _ = writeln!(row, "| {} |", cells.join(" | "));
    row
}
