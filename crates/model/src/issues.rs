//! Issue flags: what an operator should look at, beside the status that the carrier's words give.
//!
//! To add one: a variant, its word, and its line in [`issue_flags`].

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::journey::{Journey, JourneyInput, Standing};
use crate::status::{SubStatus, Tag};

/// Silence of this many days is normal where nothing is known about the lane.
pub const DEFAULT_LONGEST_SILENCE_DAYS: u32 = 7;
/// Silence of this many times the lane's longest is more than being stuck.
const LOST_AFTER_SILENCES: u32 = 3;
/// Below this many days of silence nothing is called lost, however quick the lane.
const LOST_AFTER_DAYS: u32 = 21;
/// A label without a parcel for this long was probably never used.
const LABEL_AFTER: SignedDuration = days(7);
/// Most counters keep a parcel for seven days: warn while there is time to fetch it.
const PICKUP_AFTER: SignedDuration = days(5);
/// Postal customs take two days as a rule, six at the slow end.
const CUSTOMS_AFTER: SignedDuration = days(5);

/// Something an operator should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueFlag {
    /// Somebody must pay, send papers or correct the address.
    ActionRequired,
    /// The counter will soon send it back.
    PickupExpiring,
    /// No movement for longer than is normal on the lane.
    Stuck,
    /// A label, and no parcel.
    LabelNeverShipped,
    /// Held by customs for long.
    StuckAtCustoms,
    /// On its way back.
    ReturnUnderWay,
    /// Declared lost, or silent for so long that it may be.
    LostSuspected,
    /// The number seems to be another courier's.
    WrongCourier,
    /// The courier needs credentials that are missing.
    ConnectionMissing,
    /// The courier needs a field that is missing.
    RequiredFieldMissing,
}

impl IssueFlag {
    /// All flags, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::ActionRequired,
        Self::PickupExpiring,
        Self::Stuck,
        Self::LabelNeverShipped,
        Self::StuckAtCustoms,
        Self::ReturnUnderWay,
        Self::LostSuspected,
        Self::WrongCourier,
        Self::ConnectionMissing,
        Self::RequiredFieldMissing,
    ];

    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ActionRequired => "action_required",
            Self::PickupExpiring => "pickup_expiring",
            Self::Stuck => "stuck",
            Self::LabelNeverShipped => "label_never_shipped",
            Self::StuckAtCustoms => "stuck_at_customs",
            Self::ReturnUnderWay => "return_under_way",
            Self::LostSuspected => "lost_suspected",
            Self::WrongCourier => "wrong_courier",
            Self::ConnectionMissing => "connection_missing",
            Self::RequiredFieldMissing => "required_field_missing",
        }
    }

    /// Reads the wire word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str() == text)
    }
}

/// What a journey cannot know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IssueFacts {
    /// The last look-up failed for want of credentials.
    pub connection_missing: bool,
    /// The last look-up failed for want of a field.
    pub required_field_missing: bool,
    /// Detection found a courier that fits better.
    pub wrong_courier: bool,
    /// Longest silence that is normal on the lane, in days.
    pub longest_silence_days: Option<u32>,
}

/// The flags of a journey, in the order of [`IssueFlag::ALL`]. A parcel that came to its end, or was
/// completed by hand, has none.
pub fn issue_flags(
    journey: &Journey,
    input: &JourneyInput<'_>,
    facts: &IssueFacts,
) -> Vec<IssueFlag> {
    let over = journey.completion.is_some()
        || journey.tag == Tag::Delivered
        || journey.sub_status == SubStatus::EXCEPTION_011;
    if over {
        return Vec::new();
    }
    IssueFlag::ALL
        .into_iter()
        .filter(|flag| is_raised(*flag, journey, input, facts))
        .collect()
}

fn is_raised(
    flag: IssueFlag,
    journey: &Journey,
    input: &JourneyInput<'_>,
    facts: &IssueFacts,
) -> bool {
    let sub = journey.sub_status;
    let silent_for = journey
        .standing
        .last()
        .map_or(SignedDuration::ZERO, |newest| {
            input.now.duration_since(newest.instant)
        });
    let for_longer_than = |duration: SignedDuration| silent_for >= duration;
    let normal = facts
        .longest_silence_days
        .unwrap_or(DEFAULT_LONGEST_SILENCE_DAYS);
    let on_its_way = matches!(
        journey.tag,
        Tag::InTransit | Tag::OutForDelivery | Tag::AttemptFail
    );
    match flag {
        IssueFlag::ActionRequired => needs_action(&journey.standing),
        IssueFlag::PickupExpiring => {
            journey.tag == Tag::AvailableForPickup && for_longer_than(PICKUP_AFTER)
        }
        IssueFlag::Stuck => on_its_way && silent_for > days(normal),
        IssueFlag::LabelNeverShipped => {
            journey.tag == Tag::InfoReceived
                && journey.pickup.is_none()
                && for_longer_than(LABEL_AFTER)
        }
        IssueFlag::StuckAtCustoms => {
            let at_customs = [SubStatus::IN_TRANSIT_006, SubStatus::EXCEPTION_004];
            at_customs.contains(&sub) && for_longer_than(CUSTOMS_AFTER)
        }
        IssueFlag::ReturnUnderWay => sub == SubStatus::EXCEPTION_010,
        IssueFlag::LostSuspected => {
            let long = normal
                .saturating_mul(LOST_AFTER_SILENCES)
                .max(LOST_AFTER_DAYS);
            sub == SubStatus::EXCEPTION_013 || (on_its_way && silent_for > days(long))
        }
        IssueFlag::WrongCourier => facts.wrong_courier,
        IssueFlag::ConnectionMissing => facts.connection_missing,
        IssueFlag::RequiredFieldMissing => facts.required_field_missing,
    }
}

/// Payment, papers or an address are wanted, and no later scan shows that they came: neither a
/// clearance nor a departure, neither a round nor a return.
fn needs_action(standing: &[Standing]) -> bool {
    let wanted = [
        SubStatus::EXCEPTION_006,
        SubStatus::EXCEPTION_007,
        SubStatus::EXCEPTION_018,
    ];
    let settled = [
        SubStatus::IN_TRANSIT_005,
        SubStatus::IN_TRANSIT_007,
        SubStatus::IN_TRANSIT_008,
        SubStatus::IN_TRANSIT_009,
        SubStatus::OUT_FOR_DELIVERY_001,
        SubStatus::AVAILABLE_FOR_PICKUP_001,
        SubStatus::EXCEPTION_010,
        SubStatus::EXCEPTION_011,
    ];
    let last = standing
        .iter()
        .rev()
        .map(|standing| standing.sub_status)
        .find(|sub| wanted.contains(sub) || settled.contains(sub) || sub.tag() == Tag::Delivered);
    last.is_some_and(|sub| wanted.contains(&sub))
}

const fn days(count: u32) -> SignedDuration {
    SignedDuration::from_hours(count as i64 * 24)
}
