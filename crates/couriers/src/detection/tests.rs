//! Detection over the shipped folders. All numbers are made up.

use proptest::prelude::*;
use std::sync::LazyLock;

use super::*;

mod history;

static COURIERS: LazyLock<Couriers> = LazyLock::new(|| Couriers::embedded().unwrap());

fn detect(number: &str) -> Vec<Candidate> {
    COURIERS.detect(number, &Hints::default())
}

fn slugs(candidates: &[Candidate]) -> Vec<&str> {
    candidates
        .iter()
        .map(|candidate| candidate.slug.as_str())
        .collect()
}

fn country(code: &str) -> CountryCode {
    CountryCode::parse(code).unwrap()
}

fn to(code: &str) -> Hints {
    Hints {
        destination: Some(country(code)),
        ..Hints::default()
    }
}

fn formats() -> impl Iterator<Item = (&'static str, &'static NumberFormat)> {
    COURIERS.all().flat_map(|courier| {
        let definition = &courier.definition;
        definition
            .numbers
            .iter()
            .map(|format| (definition.slug.as_str(), format))
    })
}

#[test]
fn every_format_has_examples_and_they_are_accepted_and_offered() {
    for (slug, format) in formats() {
        assert!(!format.examples.is_empty(), "{slug}, {}", format.name);
        for number in &format.examples {
            assert!(
                COURIERS.get(slug).unwrap().accepts(number),
                "{slug} does not accept {number}"
            );
            let mine = Hints {
                slugs: CourierSlug::parse(slug).map(|slug| vec![slug]),
                ..Hints::default()
            };
            assert_eq!(slugs(&COURIERS.detect(number, &mine)), [slug], "{number}");
            assert!(
                slugs(&detect(number)).contains(&slug),
                "{slug} is not offered for {number}"
            );
        }
    }
}

#[test]
fn names_of_formats_are_unique_within_a_courier() {
    for courier in COURIERS.all() {
        let mut names: Vec<_> = courier
            .definition
            .numbers
            .iter()
            .map(|format| &format.name)
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(
            names.len(),
            courier.definition.numbers.len(),
            "{}",
            courier.definition.slug
        );
    }
}

/// Another check character takes the courier away, or leaves it to another of its formats.
#[test]
fn a_changed_check_character_removes_the_format() {
    for (slug, format) in formats() {
        let Some(check) = format.check.as_ref().filter(|_| !format.unverified) else {
            continue;
        };
        for number in &format.examples {
            let at = number.len() - check.after - 1;
            for other in ('0'..='9').filter(|other| !number[at..].starts_with(*other)) {
                let changed = format!("{}{other}{}", &number[..at], &number[at + 1..]);
                for candidate in detect(&changed) {
                    assert!(
                        candidate.slug.as_str() != slug || candidate.format != format.name,
                        "{changed} is offered as {slug}, {}",
                        format.name
                    );
                }
                let only_format = COURIERS.get(slug).unwrap().definition.numbers.len() == 1;
                assert!(
                    !only_format || !COURIERS.get(slug).unwrap().accepts(&changed),
                    "{changed}"
                );
            }
        }
    }
}

proptest! {
    /// Whatever the service and serial, the issuing post comes first with the right check digit
    /// and is not named with any other.
    #[test]
    fn s10_names_the_issuer(
        service in "[LRCUV][A-Z]",
        serial in "[0-9]{8}",
        issuer in prop::sample::select(vec![
            ("AT", "austrian-post"), ("BR", "brazil-correios"), ("CH", "swiss-post"), ("CN", "china-post"),
            ("DE", "dhl-germany"), ("FR", "la-poste-colissimo"), ("GB", "royal-mail"), ("JP", "japan-post"),
            ("NL", "postnl-international"), ("SE", "sweden-posten"), ("US", "usps"), ("YP", "yanwen"),
        ]),
    ) {
        let weighted: u32 = serial.bytes().zip([8, 6, 4, 2, 3, 5, 9, 7]).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        let right = match 11 - weighted % 11 { 10 => 0, 11 => 5, digit => digit };
        let (letters, slug) = issuer;
        for digit in 0..10 {
            let candidates = detect(&format!("{service}{serial}{digit}{letters}"));
            if digit == right {
                prop_assert_eq!(candidates[0].slug.as_str(), slug);
                prop_assert!(candidates[0].checked && candidates[0].confidence > 0.9);
            } else {
                prop_assert!(!slugs(&candidates).contains(&slug));
            }
        }
    }

    #[test]
    fn any_text_is_answered(text in ".{0,120}") {
        for candidate in detect(&text) {
            prop_assert!(candidate.confidence > 0.0 && candidate.confidence < 1.0);
        }
    }

    #[test]
    fn confidences_fall_and_do_not_exceed_one(number in "[0-9]{8,24}|[A-Z]{1,2}[0-9]{8,12}[A-Z]{0,2}") {
        let candidates = detect(&number);
        prop_assert!(candidates.is_sorted_by(|a, b| a.confidence >= b.confidence));
        prop_assert!(candidates.iter().map(|candidate| candidate.confidence).sum::<f64>() <= 1.0);
    }

    /// The sandbox's numbers are nobody else's, however they are written.
    #[test]
    fn only_the_testing_courier_claims_a_script(
        script in "([ITOEDFA]([0-9]{3})?){1,10}",
        minutes in 1..=20_u8,
        rest in "[0-9A-Z]{1,24}",
        lower in any::<bool>(),
    ) {
        let number = format!("{script}-{minutes}-{rest}");
        let number = if lower { number.to_lowercase() } else { number };
        let candidates = detect(&number);
        prop_assert_eq!(slugs(&candidates), ["testing-courier"]);
    }
}

#[test]
fn each_ambiguous_family_falls_to_whom_it_should() {
    let cases: &[(&str, &[&str])] = &[
        // 12 digits: check digits decide; those that were never tried only if no other agrees.
        ("915098409564", &["fedex"]),
        ("176418457824", &["fedex", "purolator"]),
        (
            "667273077844",
            &["fedex", "sagawa", "taqbin-jp", "japan-post"],
        ),
        (
            "461397912275",
            &["sagawa", "taqbin-jp", "japan-post", "dhl-germany"],
        ),
        // 10 digits: the last is the rest of seven, or it is never DHL.
        ("9937255845", &["dhl", "fedex"]),
        ("5274412503", &["fedex"]),
        // 9 digits.
        ("648358345", &["tnt", "ups"]),
        ("265055861", &["ups"]),
        // 11 digits.
        ("77864857329", &["old-dominion"]),
        ("38011282665", &["dhl", "japan-post"]),
        // 14, 15 and 16 digits.
        ("90366201539294", &["dpd", "russian-post"]),
        ("844875540487118", &["fedex"]),
        ("4571399686577274", &["canada-post"]),
        // 20 digits: a company's GS1 number before the general label.
        ("61413770431325868121", &["fedex"]),
        ("00340438820417360025", &["dhl-germany"]),
        // A consolidator's parcel: asked of USPS, which answers for all of them.
        ("9274890165518303854491", &["usps", "fedex"]),
        // EMS goes to the EMS courier, letters and parcels to the post.
        ("EM773357013CN", &["china-ems", "china-post"]),
        // A typing error in a 1Z number is nobody's number.
        ("1Z2041E70361784216", &["ups"]),
        ("1Z2041E70361784211", &[]),
        // J-numbers by length.
        ("JD014600006281230704", &["dhl"]),
        ("JJD014600006281230704", &["dhl-germany"]),
    ];
    for (number, expected) in cases {
        let found = detect(number);
        let found_slugs = slugs(&found);
        // A courier that is added may come behind the first, without any change here.
        let mut rest = found_slugs.iter();
        let in_order = expected.iter().all(|slug| rest.any(|it| it == slug));
        assert!(
            in_order && found_slugs.first() == expected.first(),
            "{number}: {found:?}"
        );
    }
}

#[test]
fn countries_break_ties() {
    let first =
        |number: &str, hints: &Hints| COURIERS.detect(number, hints)[0].slug.as_str().to_owned();
    // Four couriers' check digits agree with this one.
    assert_eq!(first("667273077844", &Hints::default()), "fedex");
    assert_eq!(first("667273077844", &to("USA")), "fedex");
    assert!(["sagawa", "taqbin-jp"].contains(&first("667273077844", &to("JPN")).as_str()));
    // Two of them with this one.
    assert_eq!(first("176418457824", &to("CAN")), "fedex");
    // 15 digits: both agree.
    assert_eq!(first("872216480967668", &to("FRA")), "dpd");
    assert_eq!(first("872216480967668", &to("USA")), "fedex");
    // 14 digits.
    assert_eq!(first("37198357940439", &to("RUS")), "russian-post");
    assert_eq!(first("37198357940439", &to("DEU")), "dpd");
    // The issuer's letters outrank where the parcel goes.
    assert_eq!(first("RL204173069GB", &to("USA")), "royal-mail");
}

#[test]
fn reasons_say_what_was_found() {
    let reasons = |number: &str, hints: &Hints| -> Vec<String> {
        COURIERS
            .detect(number, hints)
            .into_iter()
            .map(|candidate| candidate.reason)
            .collect()
    };
    assert_eq!(
        reasons("1z 2041 e703 6178 4216", &Hints::default()),
        ["check digit agrees; prefix 1Z"]
    );
    assert_eq!(
        reasons("915098409564", &to("USA"))[0],
        "check digit agrees; 12 digits; at home in USA"
    );
    assert_eq!(
        reasons("915098409564", &to("AUS"))[0],
        "check digit agrees; 12 digits; not at home in AUS"
    );
    let postal_code = |code: &str| Hints {
        postal_code: Some(code.into()),
        ..Hints::default()
    };
    let zip = "420927259292597196016262292643";
    assert_eq!(
        reasons(zip, &postal_code("92725-0001")),
        ["check digit agrees; prefix 420; postal code agrees"]
    );
    assert_eq!(
        reasons(zip, &postal_code("10001")),
        ["check digit agrees; prefix 420; postal code differs"]
    );
    assert_eq!(
        reasons(zip, &postal_code("-")),
        ["check digit agrees; prefix 420"]
    );
}

#[test]
fn only_the_named_couriers_come_into_question() {
    let named = |slugs: &[&str]| Hints {
        slugs: Some(
            slugs
                .iter()
                .filter_map(|slug| CourierSlug::parse(slug))
                .collect(),
        ),
        ..Hints::default()
    };
    let both = COURIERS.detect("9937255845", &named(&["fedex", "usps"]));
    assert_eq!(
        slugs(&both),
        ["fedex"],
        "what DHL's check digit says is no longer asked"
    );
    assert_eq!(
        slugs(&COURIERS.detect("915098409564", &named(&["dhl"]))),
        [""; 0]
    );
    assert_eq!(
        slugs(&COURIERS.detect("ITOD-3-2041", &named(&["australia-post"]))),
        [""; 0]
    );
    assert_eq!(
        slugs(&COURIERS.detect("915098409564", &named(&[]))),
        [""; 0]
    );
}

#[test]
fn what_is_no_number_has_no_courier() {
    for text in [
        "",
        " ",
        "-",
        "HELLO",
        "12",
        "1Z",
        "ITOD",
        "ITOD-0-1",
        "ITOD-21-1",
        "ABC-DEF-123",
        "📦",
    ] {
        assert_eq!(slugs(&detect(text)), [""; 0], "{text}");
    }
    assert_eq!(slugs(&detect(&"9".repeat(5000))), [""; 0]);
}
