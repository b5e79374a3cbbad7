use super::*;

fn codes(script: &str) -> Option<Vec<&'static str>> {
    Script::parse(script).map(|script| script.steps().iter().map(|it| it.code()).collect())
}

#[test]
fn scripts_are_letters_with_and_without_digits() {
    assert_eq!(
        codes("ITOEDFA"),
        Some(vec![
            "InfoReceived_001",
            "InTransit_001",
            "OutForDelivery_001",
            "Exception_001",
            "Delivered_001",
            "AttemptFail_001",
            "AvailableForPickup_001",
        ])
    );
    assert_eq!(
        codes("I001T003E010E011").unwrap().last(),
        Some(&"Exception_011")
    );
    for wrong in [
        "",
        "X",
        "i",
        "I1",
        "I01",
        "I0011",
        "I999",
        "ITITITITITI",
        "É",
        "I T",
    ] {
        assert_eq!(codes(wrong), None, "{wrong}");
    }
}

#[test]
fn numbers_have_three_parts() {
    let number = SandboxNumber::parse("ITOD-12-OUTOFORDER77-A").unwrap();
    assert_eq!(
        (number.minutes, number.fault, number.rest.as_str()),
        (12, Some(Fault::OutOfOrder), "OUTOFORDER77-A")
    );
    assert_eq!(
        SandboxNumber::parse("D-1-XSLOW").unwrap().fault,
        None,
        "a fault stands at the begin"
    );
    for wrong in [
        "D", "D-1", "D-1-", "D--1", "D-0-1", "D-21-1", "D-+1-1", "D-001-1", "-1-1", "D-a-1",
    ] {
        assert_eq!(SandboxNumber::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn time_can_be_compressed_and_never_stands_still() {
    assert_eq!(interval(3, 60.0), SignedDuration::from_mins(3));
    assert_eq!(interval(1, 0.1), SignedDuration::from_millis(100));
    assert_eq!(interval(1, 0.000_01), SignedDuration::from_millis(1));
    for senseless in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        assert_eq!(interval(1, senseless), SignedDuration::from_mins(1));
    }
}

#[test]
fn the_address_is_read_back() {
    let created_at = "2026-03-05T12:00:00.123Z".parse().unwrap();
    for number in ["ITOD-1-A.B_C/D", "D-1-%&=+é"] {
        assert_eq!(
            asked(&address(number, created_at)),
            Some((number.to_owned(), created_at))
        );
    }
    for wrong in [
        "",
        "sandbox://x/track",
        "sandbox://x/?number=1",
        "?number=%zz&created_at=x",
        "?number=%e&created_at=",
    ] {
        assert_eq!(asked(wrong), None, "{wrong}");
    }
}

#[test]
fn the_ends_of_time_do_not_fail() {
    for (created_at, now) in [
        (Timestamp::MAX, Timestamp::MAX),
        (Timestamp::MIN, Timestamp::MAX),
        (Timestamp::MAX, Timestamp::MIN),
    ] {
        for number in ["ITITITITIT-20-1", "ITITITITIT-20-LATE", "nonsense"] {
            let _ = answer(number, created_at, now, 3_600.0);
        }
    }
}
