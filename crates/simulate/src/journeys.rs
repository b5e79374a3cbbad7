//! The journeys of a courier's parcels: what happens, and when the interface can tell.

use waybill_cadence::DAY;

use crate::{
    couriers::{Courier, Network},
    random::Random,
};

/// Parcels begin within so many days.
pub const BEGIN_WITHIN_DAYS: i64 = 35;

/// What a scan says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A label was made.
    Label,
    /// Taken over.
    Pickup,
    /// Scanned on the way.
    Hub,
    /// Scanned at the last depot.
    Depot,
    /// On the round.
    Out,
    /// Delivered.
    Delivered,
    /// A delivery failed.
    Failed,
    /// At a counter.
    Waiting,
    /// Fetched from it.
    Collected,
    /// Delayed, misrouted, refused.
    Exception,
    /// Held at customs.
    Customs,
    /// Let go by customs.
    Cleared,
    /// Back at the sender's.
    Returned,
}

impl Kind {
    /// What a minute of not knowing it weighs.
    pub fn weight(self) -> f64 {
        match self {
            Self::Delivered | Self::Failed | Self::Waiting | Self::Collected => 5.0,
            Self::Exception | Self::Customs | Self::Returned => 3.0,
            _ => 1.0,
        }
    }

    /// Nothing comes after it.
    pub fn ends(self) -> bool {
        matches!(self, Self::Delivered | Self::Collected | Self::Returned)
    }
}

/// One scan.
#[derive(Debug, Clone, Copy)]
pub struct Scan {
    /// What it says.
    pub kind: Kind,
    /// When it happened.
    pub happened: i64,
    /// From when the interface can tell.
    pub tellable: i64,
}

/// A parcel's journey.
#[derive(Debug, Clone)]
pub struct Journey {
    /// When it was handed to us to follow.
    pub created: i64,
    /// The day of delivery as the courier predicts it at the hand-over, as its midnight.
    pub promised: Option<i64>,
    /// Its scans, in the order in which they happened.
    pub scans: Vec<Scan>,
}

/// All journeys of a courier.
pub fn journeys(courier: &Courier, seed: u64) -> Vec<Journey> {
    let random = &mut Random::new(seed, &format!("{} journeys", courier.slug));
    (0..courier.parcels)
        .map(|_| journey(courier, random))
        .collect()
}

struct Path<'a> {
    courier: &'a Courier,
    scans: Vec<Scan>,
    at: i64,
}

impl Path<'_> {
    fn add(&mut self, kind: Kind, happened: i64, random: &mut Random) {
        let late = match kind {
            Kind::Delivered | Kind::Failed => self.courier.gaps.late_delivery,
            _ => self.courier.gaps.late,
        };
        let tellable = happened + late.minutes(random);
        self.scans.push(Scan {
            kind,
            happened,
            tellable,
        });
        self.at = happened;
    }
}

fn journey(courier: &Courier, random: &mut Random) -> Journey {
    let shares = &courier.shares;
    let begin = (random.fraction() * (BEGIN_WITHIN_DAYS * DAY) as f64) as i64;
    let label = courier.patterns.label.after(begin, begin, 0, random);
    let mut path = Path {
        courier,
        scans: Vec::new(),
        at: label,
    };
    path.add(Kind::Label, label, random);
    let created = label + (random.skewed(0.5, 6.0) * 60.0) as i64;
    if random.happens(shares.unknown)
        && let Some(scan) = path.scans.first_mut()
    {
        scan.tellable = created + ((24.0 + random.skewed(8.0, 30.0)) * 60.0) as i64;
    }
    if random.happens(shares.never_shipped) {
        return Journey {
            created,
            promised: None,
            scans: path.scans,
        };
    }
    let pickup = courier.patterns.pickup.after(
        label + courier.gaps.to_pickup.minutes(random),
        label,
        60,
        random,
    );
    path.add(Kind::Pickup, pickup, random);
    travel(&mut path, random);
    let lost = random.happens(shares.lost);
    if !lost {
        arrive(&mut path, random);
    }
    let promised = promise(&path, random);
    back_fill(&mut path, random);
    // Nothing is told before what it follows from is known to have happened.
    let mut scans = path.scans;
    scans.sort_by_key(|scan| scan.happened);
    Journey {
        created,
        promised,
        scans,
    }
}

fn travel(path: &mut Path<'_>, random: &mut Random) {
    let courier = path.courier;
    let abroad = courier.network == Network::CrossBorder;
    let silent = courier.hubs / 2;
    for hub in 0..courier.hubs {
        let gap = if hub == 0 {
            courier.gaps.from_pickup
        } else {
            courier.gaps.between_hubs
        };
        let flight = if abroad && hub == silent {
            (random.between(3.0, 12.0) * DAY as f64) as i64
        } else {
            0
        };
        let arrival =
            courier
                .patterns
                .hub
                .after(path.at + gap.minutes(random) + flight, path.at, 30, random);
        path.add(Kind::Hub, arrival, random);
        if hub % 2 == 0 && courier.hubs > 2 {
            let departure = arrival + (random.between(1.0, 4.0) * 60.0) as i64;
            path.add(Kind::Hub, departure, random);
        }
        if abroad && hub == silent && random.happens(courier.shares.customs) {
            let held = courier
                .patterns
                .office
                .after(path.at + 120, path.at, 30, random);
            path.add(Kind::Customs, held, random);
            let hours = random.skewed(30.0, 144.0);
            let cleared =
                courier
                    .patterns
                    .office
                    .after(held + (hours * 60.0) as i64, held, 60, random);
            path.add(Kind::Cleared, cleared, random);
        }
    }
    if random.happens(courier.shares.delayed) {
        let told = courier
            .patterns
            .hub
            .after(path.at + 12 * 60, path.at, 60, random);
        path.add(Kind::Exception, told, random);
        path.at += (random.between(12.0, 48.0) * 60.0) as i64;
    }
}

fn arrive(path: &mut Path<'_>, random: &mut Random) {
    let courier = path.courier;
    let shares = &courier.shares;
    let depot = courier.patterns.depot.after(
        path.at + courier.gaps.between_hubs.minutes(random),
        path.at,
        60,
        random,
    );
    path.add(Kind::Depot, depot, random);
    if random.happens(shares.returned) {
        let refused = courier
            .patterns
            .office
            .after(path.at + DAY, path.at, 60, random);
        path.add(Kind::Exception, refused, random);
        let back = courier
            .patterns
            .office
            .after(path.at + 4 * DAY, path.at, DAY, random);
        path.add(Kind::Returned, back, random);
        return;
    }
    if random.happens(shares.pickup) {
        counter(path, random);
        return;
    }
    go_round(path, random);
    if random.happens(shares.failed) {
        let failed = courier.patterns.delivered.clone().earlier(1);
        let at = failed.after(path.at, path.at, 30, random);
        path.add(Kind::Failed, at, random);
        if random.happens(0.15) {
            counter(path, random);
            return;
        }
        path.at += DAY / 2;
        go_round(path, random);
    }
    let round = path.at + courier.gaps.round.minutes(random);
    let delivered =
        courier
            .patterns
            .delivered
            .after(round.min(path.at + DAY / 3), path.at, 15, random);
    path.add(Kind::Delivered, delivered, random);
}

fn go_round(path: &mut Path<'_>, random: &mut Random) {
    let out = path.courier.patterns.out.after(
        path.at + path.courier.gaps.to_round.minutes(random),
        path.at,
        30,
        random,
    );
    path.add(Kind::Out, out, random);
}

fn counter(path: &mut Path<'_>, random: &mut Random) {
    let waiting = path
        .courier
        .patterns
        .waiting
        .after(path.at + 120, path.at, 60, random);
    path.add(Kind::Waiting, waiting, random);
    let days = match random.fraction() {
        share if share < 0.25 => 0,
        share if share < 0.55 => 1,
        share if share < 0.7 => 2,
        share if share < 0.8 => 3,
        share if share < 0.95 => 4 + (random.fraction() * 4.0) as i64,
        _ => 8 + (random.fraction() * 5.0) as i64,
    };
    let collected =
        path.courier
            .patterns
            .collected
            .after(waiting + days * DAY, waiting, 30, random);
    path.add(Kind::Collected, collected, random);
}

/// The right day for a half of all, a day off for more of them.
fn promise(path: &Path<'_>, random: &mut Random) -> Option<i64> {
    let last = path
        .scans
        .iter()
        .find(|scan| scan.kind.ends() || scan.kind == Kind::Waiting)?;
    let off = match random.fraction() {
        share if share < 0.5 => 0,
        share if share < 0.68 => 1,
        share if share < 0.85 => -1,
        share if share < 0.93 => 2,
        _ => -2,
    };
    Some((last.happened.div_euclid(DAY) + off) * DAY)
}

fn back_fill(path: &mut Path<'_>, random: &mut Random) {
    let middle: Vec<usize> = (1..path.scans.len().saturating_sub(1)).collect();
    if middle.is_empty() || !random.happens(path.courier.shares.back_filled) {
        return;
    }
    let at = middle[(random.fraction() * middle.len() as f64) as usize % middle.len()];
    path.scans[at].tellable += (random.between(6.0, 48.0) * 60.0) as i64;
}
