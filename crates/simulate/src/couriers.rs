//! The couriers of the simulated world: what their networks and interfaces are like. Guesses of the trade and
//! documented limits; the policy never sees them.

use crate::{pattern::Pattern, random::Random};

/// How far every guess strays, either way.
const STRAY: f64 = 0.3;
/// Where nothing else is documented: one call a second, ten thousand a day.
const USUAL_DAY: u32 = 10_000;

/// A median and the value below which nine of ten lie; hours unless said.
#[derive(Debug, Clone, Copy)]
pub struct Spread(pub f64, pub f64);

impl Spread {
    /// One drawn, in minutes.
    pub fn minutes(self, random: &mut Random) -> i64 {
        (random.skewed(self.0, self.1) * 60.0) as i64
    }

    fn varied(self, random: &mut Random) -> Self {
        let by = random.between(1.0 - STRAY, 1.0 + STRAY);
        Self(self.0 * by, self.1 * by)
    }
}

/// Kinds of networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Ground parcels in the United States.
    UsGround,
    /// A parcel network in Europe.
    EuParcel,
    /// A national post.
    Post,
    /// Time-definite express.
    Express,
    /// Posts and small packets across borders.
    CrossBorder,
}

/// One line of the table below.
struct Line {
    slug: &'static str,
    network: Network,
    parcels: usize,
    batch: u32,
    per_hour: u32,
    per_day: u32,
    pickup_share: f64,
    saturday: f64,
    round_upload: bool,
}

#[rustfmt::skip]
const LINES: [Line; 12] = [
    Line { slug: "ups", network: Network::UsGround, parcels: 1200, batch: 1, per_hour: 3_600, per_day: USUAL_DAY, pickup_share: 0.02, saturday: 0.6, round_upload: false },
    Line { slug: "fedex", network: Network::UsGround, parcels: 9000, batch: 30, per_hour: 3_600, per_day: USUAL_DAY, pickup_share: 0.02, saturday: 0.6, round_upload: false },
    Line { slug: "usps", network: Network::Post, parcels: 1200, batch: 1, per_hour: 60, per_day: 1_440, pickup_share: 0.02, saturday: 0.7, round_upload: false },
    Line { slug: "dhl", network: Network::Express, parcels: 390, batch: 1, per_hour: 120, per_day: 250, pickup_share: 0.03, saturday: 0.05, round_upload: false },
    Line { slug: "dhl-express", network: Network::Express, parcels: 1200, batch: 10, per_hour: 3_600, per_day: 500, pickup_share: 0.03, saturday: 0.05, round_upload: false },
    Line { slug: "dhl-germany", network: Network::EuParcel, parcels: 4500, batch: 15, per_hour: 3_600, per_day: USUAL_DAY, pickup_share: 0.15, saturday: 0.15, round_upload: false },
    Line { slug: "royal-mail", network: Network::Post, parcels: 9000, batch: 30, per_hour: 3_600, per_day: USUAL_DAY, pickup_share: 0.04, saturday: 0.7, round_upload: false },
    Line { slug: "australia-post", network: Network::Post, parcels: 3000, batch: 10, per_hour: 600, per_day: USUAL_DAY, pickup_share: 0.08, saturday: 0.0, round_upload: false },
    Line { slug: "gls", network: Network::EuParcel, parcels: 3000, batch: 10, per_hour: 3_600, per_day: USUAL_DAY, pickup_share: 0.2, saturday: 0.15, round_upload: false },
    Line { slug: "inpost", network: Network::EuParcel, parcels: 900, batch: 1, per_hour: 3_600, per_day: USUAL_DAY, pickup_share: 0.5, saturday: 0.15, round_upload: false },
    Line { slug: "yanwen", network: Network::CrossBorder, parcels: 3000, batch: 30, per_hour: 3_600, per_day: USUAL_DAY, pickup_share: 0.1, saturday: 0.15, round_upload: false },
    Line { slug: "regional", network: Network::UsGround, parcels: 600, batch: 1, per_hour: 3_600, per_day: USUAL_DAY, pickup_share: 0.02, saturday: 0.6, round_upload: true },
];

/// A courier of this world.
#[derive(Debug, Clone)]
pub struct Courier {
    /// Its name.
    pub slug: &'static str,
    /// What kind it is.
    pub network: Network,
    /// Parcels that begin within the simulated weeks: enough for a budget to matter, and for requests to be full.
    pub parcels: usize,
    /// Numbers in a call.
    pub batch: u32,
    /// Calls in an hour.
    pub per_hour: u32,
    /// Calls in a day.
    pub per_day: u32,
    /// Places between pick-up and the last depot.
    pub hubs: usize,
    /// In so many of them the departure is scanned too.
    pub departures: usize,
    /// From scan to scan, and from scan to interface.
    pub gaps: Gaps,
    /// When events of a kind happen.
    pub patterns: Patterns,
    /// How often what happens.
    pub shares: Shares,
}

/// Times between things.
#[derive(Debug, Clone)]
pub struct Gaps {
    /// Label to pick-up.
    pub to_pickup: Spread,
    /// Pick-up to the next scan.
    pub from_pickup: Spread,
    /// Hub to hub.
    pub between_hubs: Spread,
    /// Last depot to the round.
    pub to_round: Spread,
    /// The round.
    pub round: Spread,
    /// How late a scan reaches the interface.
    pub late: Spread,
    /// How late a delivery does.
    pub late_delivery: Spread,
}

/// When …
#[derive(Debug, Clone)]
pub struct Patterns {
    /// … labels are made.
    pub label: Pattern,
    /// … parcels are taken over.
    pub pickup: Pattern,
    /// … hubs scan.
    pub hub: Pattern,
    /// … the last depot scans.
    pub depot: Pattern,
    /// … rounds begin.
    pub out: Pattern,
    /// … parcels are delivered.
    pub delivered: Pattern,
    /// … parcels reach a counter.
    pub waiting: Pattern,
    /// … they are collected.
    pub collected: Pattern,
    /// … offices work.
    pub office: Pattern,
}

/// How many parcels of all …
#[derive(Debug, Clone)]
pub struct Shares {
    /// … fail an attempt.
    pub failed: f64,
    /// … go to a pick-up point by choice.
    pub pickup: f64,
    /// … are delayed or misrouted.
    pub delayed: f64,
    /// … are held at customs.
    pub customs: f64,
    /// … are returned.
    pub returned: f64,
    /// … are lost.
    pub lost: f64,
    /// … are never shipped.
    pub never_shipped: f64,
    /// … have a scan that is filled in late.
    pub back_filled: f64,
    /// … are unknown for more than a day.
    pub unknown: f64,
}

/// The couriers, their guesses varied under the seed.
pub fn couriers(seed: u64) -> Vec<Courier> {
    LINES.iter().map(|line| courier(line, seed)).collect()
}

fn courier(line: &Line, seed: u64) -> Courier {
    let random = &mut Random::new(seed, line.slug);
    let (hubs, departures) = match line.network {
        Network::UsGround => (2, 2),
        Network::EuParcel | Network::Post => (2, 0),
        Network::Express => (4, 3),
        Network::CrossBorder => (4, 4),
    };
    Courier {
        slug: line.slug,
        network: line.network,
        parcels: line.parcels,
        batch: line.batch,
        per_hour: line.per_hour,
        per_day: line.per_day,
        hubs,
        departures,
        gaps: gaps(line, random),
        patterns: patterns(line, random),
        shares: shares(line, random),
    }
}

#[rustfmt::skip]
fn gaps(line: &Line, random: &mut Random) -> Gaps {
    // Label to pick-up, pick-up to next, hub to hub, last depot to round, round; hours.
    let [to_pickup, from_pickup, between_hubs, to_round, round] = match line.network {
        Network::UsGround => [(20.0, 70.0), (7.0, 20.0), (14.0, 40.0), (3.0, 26.0), (5.0, 9.0)],
        Network::EuParcel => [(18.0, 60.0), (5.0, 14.0), (9.0, 24.0), (2.0, 24.0), (5.0, 9.0)],
        Network::Post => [(26.0, 96.0), (12.0, 36.0), (20.0, 60.0), (4.0, 30.0), (4.0, 7.0)],
        Network::Express => [(6.0, 26.0), (4.0, 10.0), (6.0, 14.0), (2.0, 6.0), (3.0, 7.0)],
        Network::CrossBorder => [(30.0, 120.0), (24.0, 72.0), (60.0, 200.0), (8.0, 48.0), (5.0, 9.0)],
    };
    let late = match line.network {
        Network::Post | Network::CrossBorder => (20.0 / 60.0, 190.0 / 60.0),
        _ => (2.0 / 60.0, 22.5 / 60.0),
    };
    let mut spread = |(median, p90)| Spread(median, p90).varied(random);
    let late = spread(late);
    Gaps {
        to_pickup: spread(to_pickup),
        from_pickup: spread(from_pickup),
        between_hubs: spread(between_hubs),
        to_round: spread(to_round),
        round: spread(round),
        late,
        late_delivery: if line.round_upload { spread((2.0, 6.5)) } else { late },
    }
}

#[rustfmt::skip]
fn patterns(line: &Line, random: &mut Random) -> Patterns {
    let sunday = match line.network {
        Network::UsGround => 0.4,
        Network::EuParcel | Network::CrossBorder => 0.05,
        Network::Post | Network::Express => 0.0,
    };
    let round_days = [1.0, 1.0, 1.0, 1.0, 1.0, line.saturday, sunday];
    let delivered = match line.network {
        Network::Post => Pattern::bell(12.5, 2.0, 8, 18, round_days),
        Network::Express => Pattern::bell(11.5, 2.0, 8, 17, round_days),
        _ => Pattern::bell(13.5, 3.0, 8, 21, round_days),
    };
    let mut varied = |pattern: Pattern| pattern.varied(STRAY, random);
    Patterns {
        label: varied(Pattern::parts(&[(8, 18, 0.75), (18, 24, 0.2)], [1.2, 1.1, 1.1, 1.0, 1.0, 0.5, 0.4])),
        pickup: varied(Pattern::parts(&[(15, 20, 0.75), (10, 15, 0.2)], [1.1, 1.1, 1.1, 1.0, 1.0, 0.3, 0.05])),
        hub: varied(Pattern::parts(&[(20, 6, 0.8)], [1.1, 1.0, 1.0, 1.0, 1.0, 0.7, 0.4])),
        depot: varied(Pattern::parts(&[(3, 8, 0.8)], [1.0, 1.0, 1.0, 1.0, 1.0, 0.7, 0.1])),
        out: varied(Pattern::parts(&[(7, 10, 0.85), (10, 13, 0.12)], round_days)),
        delivered: varied(delivered),
        waiting: varied(Pattern::parts(&[(16, 19, 0.6), (9, 12, 0.25)], [1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.05])),
        collected: varied(Pattern::parts(&[(11, 13, 0.2), (16, 20, 0.6), (20, 8, 0.02)], [1.0, 1.0, 1.0, 1.0, 1.0, 1.3, 0.3])),
        office: varied(Pattern::parts(&[(9, 18, 0.95)], [1.0, 1.0, 1.0, 1.0, 1.0, 0.2, 0.1])),
    }
}

fn shares(line: &Line, random: &mut Random) -> Shares {
    let mut share = |guess: f64| guess * random.between(1.0 - STRAY, 1.0 + STRAY);
    let abroad = line.network == Network::CrossBorder;
    let post = line.network == Network::Post;
    Shares {
        failed: share(0.06),
        pickup: share(line.pickup_share),
        delayed: share(0.06),
        customs: share(if abroad { 0.15 } else { 0.0 }),
        returned: share(0.015),
        lost: share(0.003),
        never_shipped: share(0.02),
        back_filled: share(0.05),
        unknown: share(if post { 0.35 } else { 0.2 }),
    }
}
