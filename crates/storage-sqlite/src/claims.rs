//! Claiming jobs, fairly.
//!
//! A claim looks at a window of the jobs that came due first and takes from it in turn. Where the
//! window is full, others may wait behind it: [`look_past`] finds organizations that are not in it,
//! once a second and beside the committer, as it may have to pass a million rows.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, Statement, params};
use uuid::Uuid;
use waybill_model::OrganizationId;
use waybill_storage::{CLAIM_PER_ORGANIZATION, Claim, Job, JobHandle};

use crate::{
    jobs::{self, Kind},
    values::{Bytes, instant, micros},
};

/// Due jobs that one claim looks at: ten claims of a hundred.
const WINDOW: usize = 1_000;
/// How long what was found behind the window is believed.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// Jobs behind the window that are remembered: what one claim can take.
const LOOK_KEEPS: usize = 100;
/// Rows that one look passes at most: some 0.3 µs each, so a look ends within about a second.
const LOOK_ROWS: usize = 4_000_000;

/// A due job as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    kind: usize,
    place: i64,
    key: i64,
    /// When it comes due.
    at: i64,
    organization: Bytes,
    lease: i64,
    attempts: u32,
    payload: String,
}

/// What is read of a job, as [`Due::from_row`] does.
macro_rules! columns {
    () => {
        "place, key, due_at, organization, lease, attempts, payload"
    };
}

impl Due {
    fn from_row(kind: usize, row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            kind,
            place: row.get(0)?,
            key: row.get(1)?,
            at: row.get(2)?,
            organization: row.get(3)?,
            lease: row.get(4)?,
            attempts: row.get(5)?,
            payload: row.get(6)?,
        })
    }
}

/// What is known of the jobs behind the window.
#[derive(Debug, Clone, Default)]
pub struct Behind {
    /// Jobs of organizations that the window does not show.
    waiting: VecDeque<Due>,
    /// Whether there are no others.
    all: bool,
}

/// What a claim came to.
pub struct Claimed {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// The full window, where nothing was known of what is behind.
    pub hiding: Option<Hiding>,
    /// What was known and found no room.
    pub behind: Option<Behind>,
}

/// The jobs due first.
#[derive(Default)]
struct Window {
    due: Vec<Due>,
    /// The place and key each kind's jobs end at.
    ends: Vec<(i64, i64)>,
    /// Whether more may be due.
    is_full: bool,
}

/// A window that may hide others.
pub struct Hiding {
    organizations: HashSet<Bytes>,
    /// As [`Window::ends`].
    ends: Vec<(i64, i64)>,
}

/// When it was last looked past the window, and what was found; per set of kinds.
#[derive(Default)]
pub struct Looks(HashMap<Vec<&'static str>, (Timestamp, Behind)>);

impl Looks {
    /// What is known at `now`; it is handed out once, so that no two claims try the same jobs.
    pub fn take(&mut self, kinds: &[&'static str], now: Timestamp) -> Option<Behind> {
        let (looked_at, behind) = self.0.get_mut(kinds)?;
        if now.duration_since(*looked_at).abs() >= LOOK_EVERY {
            return None;
        }
        let all = behind.all;
        Some(Behind {
            waiting: std::mem::take(&mut behind.waiting),
            all,
        })
    }

    /// Notes that someone looks now, so that nobody else does.
    pub fn begin(&mut self, kinds: &[&'static str], now: Timestamp) {
        self.0.insert(kinds.to_vec(), (now, Behind::default()));
    }

    /// Keeps what was found and not claimed.
    pub fn keep(&mut self, kinds: &[&'static str], behind: Behind) {
        if let Some((_, known)) = self.0.get_mut(kinds) {
            known.waiting.extend(behind.waiting);
            known.all = behind.all;
        }
    }
}

/// Claims jobs beside those already `taken` in the same claim: first those that waited behind the
/// window, then the window's in turn.
pub fn claim(
    connection: &Connection,
    claim: &Claim,
    taken: &[Job],
    mut behind: Option<Behind>,
) -> rusqlite::Result<Claimed> {
    let kinds = kinds(connection, claim)?;
    let now = micros(claim.now);
    let room = claim.limit.saturating_sub(taken.len());
    let mut jobs = Vec::new();
    let mut statement = connection.prepare_cached(LEASE)?;
    let mut lease = |due: Due| {
        let kind = kinds
            .iter()
            .find(|(index, _)| *index == due.kind)
            .map(|(_, kind)| *kind);
        kind.map_or(Ok(None), |kind| lease(&mut statement, claim, kind, due))
    };
    if let Some(behind) = &mut behind {
        while jobs.len() < room
            && let Some(due) = behind.waiting.pop_front()
        {
            jobs.extend(lease(due)?);
        }
    }
    let window = window(connection, &kinds, now, room - jobs.len())?;
    let nobody_behind = behind
        .as_ref()
        .is_some_and(|behind| behind.all && behind.waiting.is_empty());
    let mut shares = HashMap::new();
    for job in taken.iter().chain(&jobs) {
        *shares
            .entry(job.organization.as_uuid().into_bytes())
            .or_default() += 1;
    }
    let hiding = (window.is_full && behind.is_none()).then(|| Hiding {
        organizations: window.due.iter().map(|due| due.organization).collect(),
        ends: window.ends,
    });
    let limit = room - jobs.len();
    let nobody_behind = !window.is_full || nobody_behind;
    let mut chosen = choose(window.due, shares, limit, nobody_behind);
    // As they lie, and not as they came due: the tree is then changed from one end to the other.
    chosen.sort_unstable_by_key(|due| (due.kind, due.place, due.key));
    for due in chosen {
        jobs.extend(lease(due)?);
    }
    jobs.sort_by_key(|job| job.due_at);
    Ok(Claimed {
        jobs,
        hiding,
        behind,
    })
}

/// Finds due jobs of organizations that the window does not show.
pub fn look_past(
    connection: &Connection,
    claim: &Claim,
    window: &Hiding,
) -> rusqlite::Result<Behind> {
    let now = micros(claim.now);
    let mut found: HashMap<Bytes, usize> = HashMap::new();
    let mut behind = Behind {
        waiting: VecDeque::new(),
        all: true,
    };
    let mut passed = 0;
    for ((index, kind), (place, key)) in kinds(connection, claim)?.into_iter().zip(&window.ends) {
        let mut statement = connection.prepare_cached(concat!(
            "SELECT ",
            columns!(),
            " FROM jobs WHERE (place, key) > (?1, ?2) AND place <= ?3 AND due_at <= ?4 ORDER BY place, key"
        ))?;
        let mut rows = statement.query(params![place, key, kind.place(now), now])?;
        while let Some(row) = rows.next()? {
            passed += 1;
            if passed > LOOK_ROWS || behind.waiting.len() >= LOOK_KEEPS {
                behind.all = false;
                return Ok(behind);
            }
            let organization: Bytes = row.get(3)?;
            if window.organizations.contains(&organization) {
                continue;
            }
            let count = found.entry(organization).or_default();
            *count += 1;
            if *count <= CLAIM_PER_ORGANIZATION {
                behind.waiting.push_back(Due::from_row(index, row)?);
            } else {
                behind.all = false;
            }
        }
    }
    Ok(behind)
}

/// The jobs of a window that are taken, in order: of each organization no more than its share, but
/// for one that is alone with what is left, if nobody waits behind.
fn choose(
    window: Vec<Due>,
    mut shares: HashMap<Bytes, usize>,
    limit: usize,
    nobody_behind: bool,
) -> Vec<Due> {
    let (mut chosen, rest): (Vec<Due>, Vec<Due>) = window.into_iter().partition(|due| {
        let share = shares.entry(due.organization).or_default();
        *share += 1;
        *share <= CLAIM_PER_ORGANIZATION
    });
    let is_alone = rest
        .windows(2)
        .all(|pair| pair[0].organization == pair[1].organization);
    if nobody_behind && is_alone && chosen.len() < limit {
        chosen.extend(rest.into_iter().take(limit - chosen.len()));
    }
    chosen.truncate(limit);
    chosen
}

/// The kinds of a claim that were ever used, with their places in it.
fn kinds(connection: &Connection, claim: &Claim) -> rusqlite::Result<Vec<(usize, Kind)>> {
    let mut kinds = Vec::new();
    for (index, kind) in claim.kinds.iter().enumerate() {
        kinds.extend(jobs::kind(connection, kind)?.map(|kind| (index, kind)));
    }
    Ok(kinds)
}

/// Reads each kind's jobs until as many were seen as a claim can take, each within the share of its organization.
fn window(
    connection: &Connection,
    kinds: &[(usize, Kind)],
    now: i64,
    wanted: usize,
) -> rusqlite::Result<Window> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT ",
        columns!(),
        " FROM jobs WHERE place BETWEEN ?1 AND ?2 AND due_at <= ?3 ORDER BY place, key"
    ))?;
    let mut window = Window::default();
    for (kind_index, kind) in kinds {
        let mut rows = statement.query(params![kind.first_place(), kind.place(now), now])?;
        let mut shares: HashMap<Bytes, usize> = HashMap::new();
        let (mut seen, mut can_be_taken, mut end) = (0, 0, (kind.first_place(), 0));
        while seen < WINDOW
            && can_be_taken < wanted
            && let Some(row) = rows.next()?
        {
            let due = Due::from_row(*kind_index, row)?;
            let share = shares.entry(due.organization).or_default();
            *share += 1;
            can_be_taken += usize::from(*share <= CLAIM_PER_ORGANIZATION);
            seen += 1;
            end = (due.place, due.key);
            window.due.push(due);
        }
        window.is_full |= seen >= WINDOW || can_be_taken >= wanted;
        window.ends.push(end);
    }
    window.due.sort_by_key(|due| due.at);
    Ok(window)
}

const LEASE: &str =
    "UPDATE jobs SET place = ?4, due_at = ?5, lease = lease + 1, attempts = attempts + 1
     WHERE place = ?1 AND key = ?2 AND lease = ?3";

/// Leases a job, if nobody took it since it was found.
fn lease(
    statement: &mut Statement<'_>,
    claim: &Claim,
    kind: Kind,
    due: Due,
) -> rusqlite::Result<Option<Job>> {
    let until = micros(claim.lease_until);
    let place = kind.place(until);
    let leased = statement.execute(params![due.place, due.key, due.lease, place, until])?;
    Ok((leased == 1).then(|| Job {
        handle: JobHandle {
            place,
            key: due.key,
            lease: due.lease + 1,
        },
        kind: claim.kinds[due.kind].to_owned(),
        organization: OrganizationId::from_uuid(Uuid::from_bytes(due.organization)),
        due_at: instant(due.at),
        attempt: due.attempts,
        payload: due.payload,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(organization: u8, number: usize) -> Vec<Due> {
        (0..number as i64)
            .map(|key| Due {
                kind: 0,
                place: 0,
                key,
                at: 0,
                organization: [organization; 16],
                lease: 0,
                attempts: 0,
                payload: String::new(),
            })
            .collect()
    }

    fn shares(chosen: &[Due]) -> Vec<usize> {
        (1..=3)
            .map(|name| {
                chosen
                    .iter()
                    .filter(|due| due.organization == [name; 16])
                    .count()
            })
            .collect()
    }

    #[test]
    fn each_gets_its_share_while_others_wait() {
        let window = [due(1, 200), due(2, 200), due(3, 1)].concat();
        assert_eq!(
            shares(&choose(window.clone(), HashMap::new(), 100, true)),
            [25, 25, 1]
        );
    }

    #[test]
    fn one_that_is_alone_with_the_rest_gets_it() {
        let window = [due(1, 200), due(2, 5)].concat();
        assert_eq!(
            shares(&choose(window.clone(), HashMap::new(), 100, true)),
            [95, 5, 0]
        );
        assert_eq!(
            shares(&choose(window.clone(), HashMap::new(), 100, false)),
            [25, 5, 0]
        );
        assert_eq!(
            shares(&choose(window.clone(), HashMap::new(), 20, true)),
            [20, 0, 0]
        );
    }
}
