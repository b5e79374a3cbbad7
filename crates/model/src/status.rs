//! Delivery statuses (tags) and sub-statuses, as tables.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident $label:literal;)*) => {
        /// The delivery status of a tracking or checkpoint; serialised as the variant's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Tag {
            $($(#[$doc])* $name,)*
        }

        impl Tag {
            /// All tags, in the order of a parcel's life.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The wire word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The words shown to people.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

tags! {
    /// Nothing known yet.
    Pending "Pending";
    /// The carrier has the data but not the parcel.
    InfoReceived "Info Received";
    /// The carrier has the parcel and moves it.
    InTransit "In Transit";
    /// On the last round.
    OutForDelivery "Out for Delivery";
    /// A delivery was tried and failed.
    AttemptFail "Failed Attempt";
    /// Waits for the recipient at a counter, shop or locker.
    AvailableForPickup "Available for Pickup";
    /// Delivered or collected.
    Delivered "Delivered";
    /// Held, refused, returned, damaged, lost or cancelled.
    Exception "Exception";
    /// Nothing was heard within the time to expiry.
    Expired "Expired";
}

impl Tag {
    /// Reads the wire word, case-sensitively.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|tag| tag.as_str() == text)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A sub-status: one line of the table below; serialised as its code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubStatus(u8);

struct Line {
    code: &'static str,
    tag: Tag,
    message: &'static str,
}

macro_rules! sub_statuses {
    ($($name:ident $code:ident $tag:ident $message:literal;)*) => {
        #[expect(non_camel_case_types, reason = "counts the lines: a variant is spelt as its code")]
        enum Index { $($code,)* }

        const TABLE: &[Line] = &[
            $(Line { code: stringify!($code), tag: Tag::$tag, message: $message },)*
        ];

        impl SubStatus {
            $(#[doc = concat!("`", stringify!($code), "`: ", $message, ".")]
            pub const $name: Self = Self(Index::$code as u8);)*

            /// All sub-statuses that may be emitted, by tag and number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

// Constant, code, tag, message. Codes whose message nobody documented print their tag's label.
sub_statuses! {
    PENDING_001 Pending_001 Pending "Pending";
    PENDING_002 Pending_002 Pending "Pending";
    PENDING_003 Pending_003 Pending "Pending";
    PENDING_004 Pending_004 Pending "Pending";
    PENDING_005 Pending_005 Pending "Pending";
    PENDING_006 Pending_006 Pending "Pending";
    INFO_RECEIVED_001 InfoReceived_001 InfoReceived "Info Received";
    IN_TRANSIT_001 InTransit_001 InTransit "In Transit";
    IN_TRANSIT_002 InTransit_002 InTransit "Acceptance scan";
    IN_TRANSIT_003 InTransit_003 InTransit "Arrival scan";
    IN_TRANSIT_004 InTransit_004 InTransit "Arrived at the destination country";
    IN_TRANSIT_005 InTransit_005 InTransit "Customs clearance completed";
    IN_TRANSIT_006 InTransit_006 InTransit "Customs clearance started";
    IN_TRANSIT_007 InTransit_007 InTransit "Departure Scan";
    IN_TRANSIT_008 InTransit_008 InTransit "Problem resolved";
    IN_TRANSIT_009 InTransit_009 InTransit "Forwarded to a different delivery address";
    IN_TRANSIT_010 InTransit_010 InTransit "In Transit";
    IN_TRANSIT_011 InTransit_011 InTransit "In Transit";
    IN_TRANSIT_012 InTransit_012 InTransit "In Transit";
    IN_TRANSIT_013 InTransit_013 InTransit "In Transit";
    OUT_FOR_DELIVERY_001 OutForDelivery_001 OutForDelivery "Out for Delivery";
    OUT_FOR_DELIVERY_003 OutForDelivery_003 OutForDelivery "Customer contacted";
    OUT_FOR_DELIVERY_004 OutForDelivery_004 OutForDelivery "Delivery appointment scheduled";
    ATTEMPT_FAIL_001 AttemptFail_001 AttemptFail "Failed Attempt";
    ATTEMPT_FAIL_002 AttemptFail_002 AttemptFail "Addressee not available";
    ATTEMPT_FAIL_003 AttemptFail_003 AttemptFail "Business Closed";
    AVAILABLE_FOR_PICKUP_001 AvailableForPickup_001 AvailableForPickup "Available for pickup";
    DELIVERED_001 Delivered_001 Delivered "Delivered";
    DELIVERED_002 Delivered_002 Delivered "Picked up by the customer";
    DELIVERED_003 Delivered_003 Delivered "Sign by customer";
    DELIVERED_004 Delivered_004 Delivered "Delivered and received cash on delivery";
    DELIVERED_005 Delivered_005 Delivered "Delivered to neighbor";
    EXCEPTION_001 Exception_001 Exception "Exception";
    EXCEPTION_002 Exception_002 Exception "Customer moved";
    EXCEPTION_003 Exception_003 Exception "Customer refused delivery";
    EXCEPTION_004 Exception_004 Exception "Delayed (Customs clearance)";
    EXCEPTION_005 Exception_005 Exception "Delayed (External factors)";
    EXCEPTION_006 Exception_006 Exception "Held for payment";
    EXCEPTION_007 Exception_007 Exception "Incorrect Address";
    EXCEPTION_008 Exception_008 Exception "Pick up missed";
    EXCEPTION_009 Exception_009 Exception "Rejected by carrier";
    EXCEPTION_010 Exception_010 Exception "Returning to sender";
    EXCEPTION_011 Exception_011 Exception "Returned to sender";
    EXCEPTION_012 Exception_012 Exception "Shipment damage";
    EXCEPTION_013 Exception_013 Exception "Shipment lost";
    EXCEPTION_014 Exception_014 Exception "Exception";
    EXCEPTION_015 Exception_015 Exception "Exception";
    EXCEPTION_016 Exception_016 Exception "Delayed (Processing issue)";
    EXCEPTION_017 Exception_017 Exception "Delayed (Extreme weather)";
    EXCEPTION_018 Exception_018 Exception "Incorrect / missing documents";
    EXCEPTION_019 Exception_019 Exception "Delayed (Late flight)";
    EXCEPTION_020 Exception_020 Exception "Shipment cancelled";
    EXCEPTION_021 Exception_021 Exception "Shipment disposed";
    EXPIRED_001 Expired_001 Expired "Expired";
}

/// Codes that are read but never written, with what they became.
const RETIRED: &[(&str, SubStatus)] =
    &[("OutForDelivery_002", SubStatus::AVAILABLE_FOR_PICKUP_001)];

impl SubStatus {
    /// Reads a code; a retired one becomes its replacement.
    pub fn parse(code: &str) -> Option<Self> {
        let retired = RETIRED.iter().find(|(old, _)| *old == code);
        if let Some((_, replacement)) = retired {
            return Some(*replacement);
        }
        Self::ALL.iter().copied().find(|sub| sub.code() == code)
    }

    /// The code, such as `InTransit_003`.
    pub const fn code(self) -> &'static str {
        self.line().code
    }

    /// The tag it belongs to.
    pub const fn tag(self) -> Tag {
        self.line().tag
    }

    /// The English text of the wire field `subtag_message`.
    pub const fn message(self) -> &'static str {
        self.line().message
    }

    /// True for the `_001` of a tag: it says no more than the tag does.
    pub fn is_generic(self) -> bool {
        self.code().ends_with("_001")
    }

    const fn line(self) -> &'static Line {
        &TABLE[self.0 as usize]
    }
}

impl fmt::Display for SubStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl fmt::Debug for SubStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl Serialize for SubStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for SubStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom("no such sub-status"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back_and_begins_with_its_tag() {
        for sub in SubStatus::ALL {
            assert_eq!(SubStatus::parse(sub.code()), Some(*sub));
            let (tag, number) = sub.code().split_once('_').expect("two parts");
            assert_eq!(Tag::parse(tag), Some(sub.tag()));
            assert_eq!(sub.is_generic(), number == "001");
        }
        assert_eq!(SubStatus::ALL.len(), TABLE.len());
    }

    #[test]
    fn a_retired_code_becomes_its_replacement() {
        let read = SubStatus::parse("OutForDelivery_002");
        assert_eq!(read, Some(SubStatus::AVAILABLE_FOR_PICKUP_001));
        assert!(
            SubStatus::ALL
                .iter()
                .all(|sub| sub.code() != "OutForDelivery_002")
        );
    }

    #[test]
    fn unknown_words_are_none() {
        assert_eq!(SubStatus::parse("InTransit_099"), None);
        assert_eq!(Tag::parse("intransit"), None);
    }
}
