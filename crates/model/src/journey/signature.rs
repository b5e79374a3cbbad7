//! Who signed: names, not places or policies.

use super::fold::Event;
use super::pieces::Shipment;

/// What the signature field of the delivery that stands holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Signature {
    pub name: Option<String>,
    pub place: Option<String>,
}

/// Words of places and policies, upper case. A text made of these and of [`LITTLE_WORDS`] alone is
/// no name; any other word makes it one, for there are people called Garden or Post, who come with
/// a first name or an initial.
#[rustfmt::skip]
const NO_NAMES: &[&str] = &[
    // places
    "ADDRESS", "APARTMENT", "APT", "BACK", "BALCONY", "BASEMENT", "BOX", "BUILDING",
    "CARPORT", "CONCIERGE", "COUNTER", "DECK", "DESK", "DOCK", "DOOR", "DOORMAN", "DOORSTEP",
    "DRIVEWAY", "DROP", "DROPBOX", "ENTRANCE", "ENTRY", "FENCE", "FLOOR", "FOYER", "FRONT",
    "FRONTDOOR", "GARAGE", "GARDEN", "GATE", "GROUND", "GUARD", "HALLWAY", "HOME", "HOUSE",
    "LEASING", "LEFTDOOR", "LETTER", "LETTERBOX", "LOADING", "LOBBY", "LOCATION", "LOCKER",
    "MAIL", "MAILBOX", "MAILROOM", "MAILSLOT", "MAT", "NEIGHBOR", "NEIGHBOUR", "OFFICE",
    "OUTSIDE", "PARCEL", "PARCELLOCKER", "PATIO", "PLACE", "POINT", "PORCH", "POST", "PROPERTY",
    "REAR", "RECEIVING", "RECEPTION", "RESIDENCE", "RESIDENT", "ROOM", "SAFE", "SAFEPLACE",
    "SECURITY", "SHED", "SIDE", "SLOT", "STEPS", "STOOP", "STORE", "STORAGE", "TERRACE",
    "WAREHOUSE", "WINDOW", "YARD",
    // the same in other languages
    "ABLAGEORT", "ABSTELLORT", "AUX", "BOITE", "BOITES", "BOÎTE", "BRIEFKASTEN", "BRIEVENBUS",
    "BUREN", "BUUR", "BUZON", "BUZÓN", "CONSERJE", "CONSERJERIA", "GARAJE", "GARTEN", "HAUSTUR",
    "HAUSTUER", "HAUSTÜR", "LETTRES", "NACHBAR", "NACHBARIN", "PORTERIA", "PORTERÍA",
    "PORTINERIA", "RECEPCION", "RECEPCIÓN", "TERRASSE", "VECINO", "VOISIN", "WUNSCHORT",
    // policies
    "AUTHORISED", "AUTHORITY", "AUTHORIZED", "AVAILABLE", "BYPASSED", "CONTACT", "CONTACTLESS",
    "COVID", "COVID19", "C19", "CUSTOMER", "DELIVERED", "DELIVERY", "DRIVER", "DROPPED", "FILE",
    "FREE", "INSTRUCTION", "INSTRUCTIONS", "LEAVE", "LEFT", "NA", "NEEDED", "NONE", "NOT", "NULL",
    "OBTAINED", "PHOTO", "POD", "RECIPIENT", "RELEASE", "RELEASED", "REQUESTED", "REQUIRED",
    "SHIPPER", "SIG", "SIGNATURE", "SIGNED", "UNATTENDED", "UNKNOWN", "WAIVED", "WAIVER",
    "WITHOUT",
];

/// Words that stand between the others. Alone they are names: Le, An, De.
#[rustfmt::skip]
const LITTLE_WORDS: &[&str] = &[
    "A", "AN", "AND", "AT", "BEHIND", "BY", "DE", "DEL", "DES", "EN", "FOR", "IN", "INSIDE", "LA",
    "LE", "NEAR", "NO", "N", "OF", "ON", "OR", "OTHER", "PER", "S", "THE", "TO", "UNDER", "WITH",
];

/// Reads the delivery that stands: of several rows the newest name, and the newest place.
pub(super) fn read(events: &[Event<'_>], shipment: &Shipment<'_>) -> Signature {
    let mut signature = Signature::default();
    if shipment.delivery.is_none() {
        return signature;
    }
    let deliveries = shipment
        .walks
        .iter()
        .filter_map(|walk| walk.delivery.as_ref());
    let mut rows: Vec<usize> = deliveries
        .flat_map(|delivery| delivery.rows.clone())
        .collect();
    rows.sort_unstable();
    let members = rows
        .into_iter()
        .filter_map(|row| events.get(row))
        .flat_map(|event| &event.members);
    for member in members {
        let Some(text) = member.checkpoint.signed_by.as_deref().map(str::trim) else {
            continue;
        };
        if text.chars().any(char::is_alphabetic) {
            let slot = if is_name(text) {
                &mut signature.name
            } else {
                &mut signature.place
            };
            *slot = Some(text.to_owned());
        }
    }
    signature
}

fn is_name(text: &str) -> bool {
    let text = text.to_uppercase();
    let mut words = text
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty() && !is_number(word));
    let known = |word: &str| NO_NAMES.contains(&word);
    let all_known = words
        .clone()
        .all(|word| known(word) || LITTLE_WORDS.contains(&word));
    !(text == "N/A" || (all_known && words.any(known)))
}

fn is_number(word: &str) -> bool {
    word.chars().all(|character| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        for text in [
            "J. Porter",
            "OKONKWO",
            "M HALL",
            "Frau Garten-Weiß",
            "Front, Anna",
            "LE",
            "李雷",
        ] {
            assert!(is_name(text), "{text}");
        }
    }

    #[test]
    fn places_and_policies_are_not() {
        for text in [
            "REAR DOOR",
            "Left at side door",
            "mailbox",
            "IN/AT MAILBOX",
            "Parcel locker 12",
            "Driver Release",
            "SIGNATURE NOT REQUIRED",
            "No signature required",
            "Briefkasten",
            "Signature on file",
            "COVID-19",
            "N/A",
            "Front desk/reception",
        ] {
            assert_eq!(is_name(text), text == "{text}");
        }
    }
}
