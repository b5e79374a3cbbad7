//! Issue flags, on journeys of our own cases and a few more.

mod common;

use jiff::{SignedDuration, Timestamp};
use waybill_model::{IssueFacts, IssueFlag, JourneyInput, derive, issue_flags};

use IssueFlag::{
    ActionRequired, ConnectionMissing, LabelNeverShipped, LostSuspected, PickupExpiring,
    RequiredFieldMissing, ReturnUnderWay, Stuck, StuckAtCustoms, WrongCourier,
};

/// The flags of one of our cases, `days` after its own present.
fn flags(case: &str, days: i64, facts: IssueFacts) -> Vec<IssueFlag> {
    let cases = common::own_cases();
    let case = cases.iter().find(|known| known.name == case).expect(case);
    let input = case.input();
    let now: Timestamp = input.now + SignedDuration::from_hours(days * 24);
    let input = JourneyInput { now, ..input };
    issue_flags(&derive(&input, &case.checkpoints), &input, &facts)
}

#[test]
fn each_flag_is_raised_by_its_journey() {
    let none = IssueFacts::default();
    for (case, days, expected) in [
        ("duty_open", 0, vec![ActionRequired]),
        ("exception_on_the_round", 0, vec![ActionRequired]),
        ("shop_deposit", 0, vec![]),
        ("one_instant_exception_and_counter", 0, vec![]),
        ("one_instant_exception_and_counter", 6, vec![PickupExpiring]),
        ("by_instant_not_by_arrival", 0, vec![]),
        ("by_instant_not_by_arrival", 9, vec![Stuck]),
        ("by_instant_not_by_arrival", 25, vec![Stuck, LostSuspected]),
        ("label_alone", 0, vec![]),
        ("label_alone", 3, vec![LabelNeverShipped]),
        ("one_instant_customs", 9, vec![Stuck]),
        ("clearance_before_pickup", 0, vec![]),
        ("way_back", 0, vec![ReturnUnderWay]),
        ("exceptions_are_asked_on", 0, vec![LostSuspected]),
        ("way_back_done", 40, vec![]),
        ("ordinary", 40, vec![]),
        ("lost_by_hand", 40, vec![]),
        ("nothing_known", 0, vec![]),
    ] {
        assert_eq!(flags(case, days, none), expected, "{case} + {days} d");
    }
}

#[test]
fn customs_count_while_they_are_the_newest() {
    let none = IssueFacts::default();
    assert_eq!(flags("held_by_customs", 6, none), vec![StuckAtCustoms]);
}

#[test]
fn the_lane_tells_what_is_long() {
    let slow = IssueFacts {
        longest_silence_days: Some(20),
        ..IssueFacts::default()
    };
    assert_eq!(flags("by_instant_not_by_arrival", 9, slow), vec![]);
    assert_eq!(flags("by_instant_not_by_arrival", 22, slow), vec![Stuck]);
}

#[test]
fn what_the_journey_cannot_know_is_told() {
    let facts = IssueFacts {
        connection_missing: true,
        required_field_missing: true,
        wrong_courier: true,
        longest_silence_days: None,
    };
    let expected = vec![WrongCourier, ConnectionMissing, RequiredFieldMissing];
    assert_eq!(flags("nothing_known", 0, facts), expected);
    assert_eq!(flags("ordinary", 0, facts), vec![]);
}

#[test]
fn words_are_read_back() {
    for flag in IssueFlag::ALL {
        assert_eq!(IssueFlag::parse(flag.as_str()), Some(flag));
        let json = serde_json::to_string(&flag).expect("json");
        assert_eq!(json, format!("\"{}\"", flag.as_str()));
    }
}
