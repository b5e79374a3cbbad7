//! The journeys of a courier's parcels: what happens, and when the interface can tell.

use waybill_cadence::DAY;

use crate::{
    couriers::{Courier, Network, Spread},
    pattern::Pattern,
    random::Random,
};

/// Parcels begin within so many days.
pub const BEGIN_WITHIN_DAYS: i64 = 35;

/// How long after the first day an unknown number stays unknown; hours, as all of these.
const UNKNOWN: Spread = Spread(8.0, 30.0);
/// What comes next without travelling: at a counter, at customs, a delay.
const SOON: Spread = Spread(8.0, 24.0);
const CUSTOMS: Spread = Spread(30.0, 144.0);
const REFUSED: Spread = Spread(24.0, 48.0);
const RETURNED: Spread = Spread(96.0, 200.0);

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
    /// What follows after such a gap, when its pattern suits.
    fn follow(&mut self, kind: Kind, gap: Spread, pattern: &Pattern, random: &mut Random) {
        self.add(kind, pattern.after(self.at, gap, random), random);
    }

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
    let label = loop {
        let minute = (random.fraction() * (BEGIN_WITHIN_DAYS * DAY) as f64) as i64;
        if courier.patterns.label.suits(minute, random) {
            break minute;
        }
    };
    let mut path = Path {
        courier,
        scans: Vec::new(),
        at: label,
    };
    path.add(Kind::Label, label, random);
    let created = label + (random.skewed(0.5, 6.0) * 60.0) as i64;
    let known = random
        .happens(shares.unknown)
        .then(|| created + DAY + UNKNOWN.minutes(random));
    if !random.happens(shares.never_shipped) {
        let pickup = &courier.patterns.pickup;
        path.follow(Kind::Pickup, courier.gaps.to_pickup, pickup, random);
        travel(&mut path, random);
        if !random.happens(shares.lost) {
            arrive(&mut path, random);
        }
    }
    let promised = promise(&path, random);
    back_fill(&mut path, random);
    let mut scans = path.scans;
    // Of a number that is not known nothing is told.
    for scan in &mut scans {
        scan.tellable = scan.tellable.max(known.unwrap_or(i64::MIN));
    }
    scans.sort_by_key(|scan| scan.happened);
    Journey {
        created,
        promised,
        scans,
    }
}

fn travel(path: &mut Path<'_>, random: &mut Random) {
    let Courier { gaps, patterns, .. } = path.courier;
    let abroad = path.courier.network == Network::CrossBorder;
    let hubs = hubs(path.courier, random);
    let silent = path.courier.hubs / 2;
    for hub in 0..hubs {
        if abroad && hub == silent {
            path.at += (random.between(3.0, 12.0) * DAY as f64) as i64;
            path.follow(Kind::Hub, SOON, &patterns.hub, random);
        } else {
            let gap = if hub == 0 {
                gaps.from_pickup
            } else {
                gaps.between_hubs
            };
            path.follow(Kind::Hub, gap, &patterns.hub, random);
        }
        if hub < path.courier.departures {
            let departure = path.at + (random.between(1.0, 4.0) * 60.0) as i64;
            path.add(Kind::Hub, departure, random);
        }
        if abroad && hub == silent && random.happens(path.courier.shares.customs) {
            path.follow(Kind::Customs, SOON, &patterns.office, random);
            path.follow(Kind::Cleared, CUSTOMS, &patterns.office, random);
        }
    }
    if random.happens(path.courier.shares.delayed) {
        path.follow(Kind::Exception, SOON, &patterns.hub, random);
        path.at += (random.between(12.0, 48.0) * 60.0) as i64;
    }
}

/// Routes differ: half of them have a place more or less.
fn hubs(courier: &Courier, random: &mut Random) -> usize {
    match random.fraction() {
        share if share < 0.25 => courier.hubs - 1,
        share if share < 0.75 => courier.hubs,
        _ => courier.hubs + 1,
    }
}

fn arrive(path: &mut Path<'_>, random: &mut Random) {
    let Courier {
        gaps,
        patterns,
        shares,
        ..
    } = path.courier;
    path.follow(Kind::Depot, gaps.between_hubs, &patterns.depot, random);
    if random.happens(shares.returned) {
        path.follow(Kind::Exception, REFUSED, &patterns.office, random);
        path.follow(Kind::Returned, RETURNED, &patterns.office, random);
        return;
    }
    if random.happens(shares.pickup) {
        counter(path, random);
        return;
    }
    path.follow(Kind::Out, gaps.to_round, &patterns.out, random);
    if random.happens(shares.failed) {
        let earlier = patterns.delivered.clone().earlier(1);
        path.follow(Kind::Failed, gaps.round, &earlier, random);
        match random.fraction() {
            share if share < 0.15 => return counter(path, random),
            // A second try on the same day.
            share if share < 0.2 => {}
            _ => {
                path.at = (path.at.div_euclid(DAY) + 1) * DAY + 5 * 60;
                path.follow(Kind::Out, gaps.to_round, &patterns.out, random);
            }
        }
    }
    path.follow(Kind::Delivered, gaps.round, &patterns.delivered, random);
}

fn counter(path: &mut Path<'_>, random: &mut Random) {
    let patterns = &path.courier.patterns;
    path.follow(Kind::Waiting, SOON, &patterns.waiting, random);
    let waiting = path.at;
    let collected = loop {
        let days = match random.fraction() {
            share if share < 0.25 => 0,
            share if share < 0.55 => 1,
            share if share < 0.7 => 2,
            share if share < 0.8 => 3,
            share if share < 0.95 => 4 + (random.fraction() * 4.0) as i64,
            _ => 8 + (random.fraction() * 5.0) as i64,
        };
        let minute =
            (waiting.div_euclid(DAY) + days) * DAY + (random.fraction() * DAY as f64) as i64;
        if minute > waiting && patterns.collected.suits(minute, random) {
            break minute;
        }
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::couriers::couriers;

    /// A courier's parcels under some seeds.
    fn under_seeds(slug: &str) -> Vec<Journey> {
        let under = |seed| {
            let all = couriers(seed);
            let courier = all.iter().find(|courier| courier.slug == slug).unwrap();
            journeys(courier, seed)
        };
        (1..=8).flat_map(under).collect()
    }

    /// The median and the ninth decile.
    fn of_all(journeys: &[Journey], measure: impl Fn(&Journey) -> Option<f64>) -> (f64, f64) {
        let mut all: Vec<f64> = journeys.iter().filter_map(measure).collect();
        all.sort_by(f64::total_cmp);
        (all[all.len() / 2], all[all.len() * 9 / 10])
    }

    fn hours(journey: &Journey, from: Kind, to: &[Kind]) -> Option<f64> {
        let at = |kinds: &[Kind]| {
            let mut scans = journey.scans.iter();
            scans
                .find(|scan| kinds.contains(&scan.kind))
                .map(|scan| scan.happened)
        };
        Some((at(to)? - at(&[from])?) as f64 / 60.0)
    }

    /// Scans without the label; hours from label to pick-up and of the round, days from pick-up to delivery: median and
    /// ninth decile.
    #[test]
    fn journeys_are_as_long_as_the_trade_says() {
        for (slug, scans, to_pickup, round, days) in [
            ("ups", 8.0, (20.0, 70.0), (5.0, 9.0), (3.0, 6.0)),
            ("gls", 6.0, (18.0, 60.0), (5.0, 9.0), (1.2, 3.0)),
            ("royal-mail", 6.0, (26.0, 96.0), (4.0, 7.0), (3.0, 7.0)),
            ("dhl-express", 11.0, (6.0, 26.0), (3.0, 7.0), (1.5, 4.0)),
            ("yanwen", 14.0, (30.0, 120.0), (5.0, 9.0), (14.0, 35.0)),
        ] {
            let near = |(median, p90): (f64, f64), wanted: (f64, f64), factor: f64| {
                let is_near = |is: f64, wanted: f64| is < wanted * factor && is > wanted / factor;
                assert!(
                    is_near(median, wanted.0),
                    "{slug}: {median}, not {}",
                    wanted.0
                );
                assert!(is_near(p90, wanted.1), "{slug}: {p90}, not {}", wanted.1);
            };
            let all = under_seeds(slug);
            let arrived = [Kind::Delivered, Kind::Waiting];
            let count = |it: &Journey| (it.scans.len() > 1).then_some(it.scans.len() as f64 - 1.0);
            let median = of_all(&all, count).0;
            assert!((median - scans).abs() <= 2.0, "{slug}: {median} scans");
            let label = |it: &Journey| hours(it, Kind::Label, &[Kind::Pickup]);
            near(of_all(&all, label), to_pickup, 1.4);
            let rounds = |it: &Journey| hours(it, Kind::Out, &[Kind::Delivered, Kind::Failed]);
            near(of_all(&all, rounds), round, 1.4);
            // Nights and Sundays lengthen what the gaps alone would come to.
            let travel = |it: &Journey| hours(it, Kind::Pickup, &arrived).map(|hours| hours / 24.0);
            near(of_all(&all, travel), days, 2.0);
        }
    }
}
