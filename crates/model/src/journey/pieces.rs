//! Shipments of several pieces: delivered when all are, otherwise where the rest is.

use super::JourneyInput;
use super::fold::Event;
use super::status::Walk;
use crate::event_time::EventTime;
use crate::status::{SubStatus, Tag};

/// The shipment as a whole.
pub(super) struct Shipment<'a> {
    /// The status; none without checkpoints.
    pub status: Option<SubStatus>,
    /// The pieces' walks; one without pieces.
    pub walks: Vec<Walk>,
    /// The event of the delivery that stands: of several pieces the last one's.
    pub delivery: Option<usize>,
    /// When that was.
    pub delivery_time: Option<&'a EventTime>,
    /// Pieces delivered, for shipments of several.
    pub pieces_delivered: Option<u32>,
}

impl Shipment<'_> {
    /// No delivery stands: the parcel was declared lost.
    pub fn undo_deliveries(&mut self) {
        self.delivery = None;
        self.delivery_time = None;
        for walk in &mut self.walks {
            walk.delivery = None;
        }
    }
}

/// Walks each piece and joins the results.
pub(super) fn join<'a>(input: &JourneyInput<'_>, events: &[Event<'a>]) -> Shipment<'a> {
    let Pieces { walks, unseen } = walk_pieces(input, events);
    let announced = input.package_count.unwrap_or(0) > 1;
    let several = announced || events.iter().any(|event| event.piece().is_some());
    let is_delivered = |walk: &&Walk| {
        let status = walk.status.map(|(sub, _)| sub.tag());
        status == Some(Tag::Delivered)
    };
    let newest = |walks: &mut dyn Iterator<Item = &Walk>| {
        walks
            .filter_map(|walk| walk.status)
            .max_by_key(|(_, event)| *event)
            .map(|(sub, _)| sub)
    };
    let delivered = walks.iter().filter(is_delivered).count();
    let status = if delivered < walks.len() {
        newest(&mut walks.iter().filter(|walk| !is_delivered(walk)))
    } else if unseen > 0 {
        Some(SubStatus::IN_TRANSIT_001)
    } else {
        newest(&mut walks.iter())
    };
    let delivery = if unseen > 0 {
        None
    } else {
        last_delivery(&walks)
    };
    let delivered = count_delivered(input, events, delivered);
    Shipment {
        status,
        delivery,
        delivery_time: delivery
            .and_then(|event| events.get(event))
            .map(|event| &event.first.checkpoint.time),
        walks,
        pieces_delivered: several.then_some(delivered),
    }
}

struct Pieces {
    walks: Vec<Walk>,
    /// Announced pieces without a scan of their own.
    unseen: usize,
}

/// Scans without a piece are about the whole shipment, unless a piece is missing among the named
/// ones and the carrier had the parcel: then they are the lead piece's, which many carriers print
/// without its number.
fn walk_pieces(input: &JourneyInput<'_>, events: &[Event<'_>]) -> Pieces {
    let mut named: Vec<&str> = events.iter().filter_map(Event::piece).collect();
    named.sort_unstable();
    named.dedup();
    if named.is_empty() {
        let walk = Walk::along(input, events, 0..events.len());
        return Pieces {
            walks: if events.is_empty() {
                Vec::new()
            } else {
                vec![walk]
            },
            unseen: 0,
        };
    }
    let announced = usize::try_from(input.package_count.unwrap_or(0)).unwrap_or(usize::MAX);
    let missing = announced.saturating_sub(named.len());
    let of = |piece: Option<&str>, whole: bool| {
        let indices = events
            .iter()
            .enumerate()
            .filter(move |(_, event)| event.piece() == piece || (whole && event.piece().is_none()));
        Walk::along(input, events, indices.map(|(index, _)| index))
    };
    let lead = Some(of(None, false)).filter(|walk| missing > 0 && walk.possession);
    let whole = lead.is_none();
    let mut walks: Vec<Walk> = named.iter().map(|piece| of(Some(piece), whole)).collect();
    let unseen = missing - usize::from(lead.is_some());
    walks.extend(lead);
    Pieces { walks, unseen }
}

/// The start of the shipment's delivery: the last piece's, once every piece has one.
fn last_delivery(walks: &[Walk]) -> Option<usize> {
    let mut last = None;
    for walk in walks {
        let first_row = *walk.delivery.as_ref()?.rows.first()?;
        last = last.max(Some(first_row));
    }
    last
}

/// Without named pieces one status speaks for all that were announced.
fn count_delivered(input: &JourneyInput<'_>, events: &[Event<'_>], delivered: usize) -> u32 {
    let delivered = u32::try_from(delivered).unwrap_or(u32::MAX);
    match input.package_count {
        Some(announced) if events.iter().all(|event| event.piece().is_none()) => {
            announced.saturating_mul(delivered)
        }
        _ => delivered,
    }
}
