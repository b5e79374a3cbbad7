//! Claiming jobs, fairly.
//!
//! A claim looks which shards have due jobs, visits some of them in rotation until it has found as many as it
//! may take, looks there at the jobs that came due first, and takes from these in turn, an organization at a
//! time. Where more are due than it looked at, others may wait behind a crowd: it looks for them once a second.
//!
//! Looks lock nothing. What is chosen is then locked, shard by shard, skipping what another node
//! has locked meanwhile.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;
use waybill_model::OrganizationId;
use waybill_storage::{CLAIM_PER_ORGANIZATION, Claim, Job, JobHandle};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, SHARDS, instant, micros, signed},
};

/// Due jobs that one claim looks at for each that it may take.
const WINDOW: usize = 2;
/// And at least so many of every shard and kind that it visits.
const SMALLEST_WINDOW: usize = CLAIM_PER_ORGANIZATION;
/// Shards that one claim visits at once, and at most. Jobs of few shards lie together: what a claim and the
/// ends of its jobs cost is mostly the pages they touch.
const VISITS: usize = 4;
const MOST_VISITS: usize = 16;
/// How long which shards have due jobs is believed, while claims find all that they ask for.
const PLACES_FOR: SignedDuration = SignedDuration::from_millis(100);
/// How long what was found behind a crowd is believed.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// Jobs behind a crowd that are remembered.
const LOOK_KEEPS: usize = 1_000;
/// Rows of a crowd that one look passes at most: about half a second.
const LOOK_ROWS: i64 = 1_000_000;
/// A claim that got nothing of what it chose, as other nodes took it meanwhile, chooses again.
const TRIES: usize = 4;

/// The shards that have due jobs of a kind.
const DUE_SHARDS: &str = "SELECT shards.shard FROM shards CROSS JOIN LATERAL (
        SELECT 1 FROM jobs WHERE jobs.shard = shards.shard AND jobs.kind = $1 AND jobs.due_at <= $2
        ORDER BY jobs.due_at, jobs.key LIMIT 1) AS head";
const FIRST: &str = "SELECT key, organization, due_at FROM jobs
    WHERE shard = $1 AND kind = $2 AND due_at <= $3 ORDER BY due_at, key LIMIT $4";
const BEHIND: &str = "SELECT key, organization, due_at FROM (
        SELECT key, organization, due_at FROM jobs
        WHERE shard = $1 AND kind = $2 AND due_at <= $3 ORDER BY due_at, key LIMIT $6) AS passed
    WHERE organization <> ALL ($5) LIMIT $4";
const LEASE: &str = "WITH free AS MATERIALIZED (
        SELECT found.key, found.due_at FROM unnest($2::bigint[]) AS chosen (key) CROSS JOIN LATERAL (
            SELECT key, due_at FROM jobs WHERE shard = $1 AND key = chosen.key AND due_at <= $3
            LIMIT 1 FOR UPDATE SKIP LOCKED) AS found)
    UPDATE jobs SET due_at = $4, lease = lease + 1, attempts = attempts + 1
    FROM free WHERE jobs.shard = $1 AND jobs.key = free.key
    RETURNING jobs.key, jobs.lease, jobs.kind, jobs.organization, free.due_at, jobs.attempts, jobs.payload";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[FIRST, BEHIND, LEASE];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[DUE_SHARDS];

/// A due job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Due {
    shard: i16,
    key: i64,
    organization: Uuid,
    /// When it comes due.
    at: i64,
}

/// A shard and a kind of job.
type Place = (i16, &'static str);

/// What is remembered between the claims of a process.
#[derive(Default)]
pub struct Looks {
    /// The shard that the next claim visits first.
    next_shard: i16,
    /// What was found behind crowds.
    behind: HashMap<Place, Behind>,
    /// Where jobs of these kinds were due, and when that was looked at.
    places: HashMap<Vec<&'static str>, (Timestamp, Vec<Place>)>,
}

/// What waited behind a crowd.
#[derive(Debug, Clone)]
struct Behind {
    looked_at: Timestamp,
    /// Of organizations that the window did not show.
    waiting: Vec<Due>,
    /// Whether there were no others.
    is_all: bool,
}

/// The due jobs that a claim can choose from.
#[derive(Default)]
struct Offer {
    due: Vec<Due>,
    /// Whether organizations may wait that it does not show.
    hides: bool,
}

/// Claims jobs: looks on a connection that reads, leases on one for transactions.
pub async fn claim(
    reader: &Session,
    session: &Session,
    claim: &Claim,
    looks: &mut Looks,
) -> Result<Vec<Job>> {
    for _ in 0..TRIES {
        let offer = offer(reader, claim, looks).await?;
        let chosen = choose(&offer, claim.limit);
        if chosen.is_empty() {
            break;
        }
        let jobs = lease(session, claim, &chosen).await?;
        // Chosen is tried: what was free is leased, the rest another node has.
        let tried: HashSet<i64> = chosen.iter().map(|due| due.key).collect();
        for behind in looks.behind.values_mut() {
            behind.waiting.retain(|due| !tried.contains(&due.key));
        }
        if !jobs.is_empty() {
            return Ok(jobs);
        }
    }
    Ok(Vec::new())
}

async fn offer(session: &Session, claim: &Claim, looks: &mut Looks) -> Result<Offer> {
    if let Some((looked_at, places)) = looks.places.remove(&claim.kinds)
        && claim.now.duration_since(looked_at).abs() < PLACES_FOR
    {
        let offer = visit(session, claim, looks, &places).await?;
        if offer.fills(claim.limit) {
            looks
                .places
                .insert(claim.kinds.clone(), (looked_at, places));
            return Ok(offer);
        }
    }
    let places = due_places(session, claim).await?;
    let offer = visit(session, claim, looks, &places).await?;
    if offer.fills(claim.limit) {
        looks
            .places
            .insert(claim.kinds.clone(), (claim.now, places));
    }
    Ok(offer)
}

/// Visits shards in their rotation until they offer enough.
async fn visit(
    session: &Session,
    claim: &Claim,
    looks: &mut Looks,
    places: &[Place],
) -> Result<Offer> {
    let mut shards: Vec<i16> = places.iter().map(|(shard, _)| *shard).collect();
    shards.sort_by_key(|shard| (shard - looks.next_shard).rem_euclid(SHARDS));
    shards.dedup();
    let mut offer = Offer::default();
    let mut visited = 0;
    for some in shards.chunks(VISITS).take(MOST_VISITS / VISITS) {
        visited += some.len();
        if let Some(last) = some.last() {
            looks.next_shard = (last + 1) % SHARDS;
        }
        let places: Vec<Place> = places
            .iter()
            .filter(|(shard, _)| some.contains(shard))
            .copied()
            .collect();
        let window = (WINDOW * claim.limit / places.len().max(1)).max(SMALLEST_WINDOW);
        let visits = places
            .iter()
            .map(|place| first_due(session, claim, *place, window));
        for (place, first) in places.iter().zip(try_join_all(visits).await?) {
            if first.len() < window {
                looks.behind.remove(place);
                offer.due.extend(first);
            } else {
                look_behind(session, claim, looks, *place, &first).await?;
                offer.due.extend(first);
                offer.add_behind(looks.behind.get(place));
            }
        }
        if offer.fills(claim.limit) {
            break;
        }
    }
    offer.hides |= shards.len() > visited;
    Ok(offer)
}

/// Where something is due.
async fn due_places(session: &Session, claim: &Claim) -> Result<Vec<Place>> {
    let now = micros(claim.now);
    let looks = claim.kinds.iter().map(|kind| async move {
        let rows = session.rows(DUE_SHARDS, &[kind, &now]).await?;
        let place = |row: &Row| Ok((row.value(0)?, *kind));
        rows.iter().map(place).collect::<Result<Vec<Place>>>()
    });
    Ok(try_join_all(looks).await?.concat())
}

/// The jobs of a place that came due first.
async fn first_due(
    session: &Session,
    claim: &Claim,
    (shard, kind): Place,
    window: usize,
) -> Result<Vec<Due>> {
    let (now, limit) = (micros(claim.now), signed(window as u64));
    let rows = session.rows(FIRST, &[&shard, &kind, &now, &limit]).await?;
    rows.iter().map(|row| due(shard, row)).collect()
}

/// Looks, if it was not done lately, who waits behind those that came due first.
async fn look_behind(
    session: &Session,
    claim: &Claim,
    looks: &mut Looks,
    place: Place,
    first: &[Due],
) -> Result<()> {
    let is_stale = |behind: &Behind| claim.now.duration_since(behind.looked_at).abs() >= LOOK_EVERY;
    if !looks.behind.get(&place).is_none_or(is_stale) {
        return Ok(());
    }
    let seen: HashSet<Uuid> = first.iter().map(|due| due.organization).collect();
    let seen: Vec<Uuid> = seen.into_iter().collect();
    let ((shard, kind), now) = (place, micros(claim.now));
    let keeps = signed(LOOK_KEEPS as u64);
    let rows = session
        .rows(BEHIND, &[&shard, &kind, &now, &keeps, &seen, &LOOK_ROWS])
        .await?;
    let waiting: Vec<Due> = rows
        .iter()
        .map(|row| due(shard, row))
        .collect::<Result<_>>()?;
    let behind = Behind {
        looked_at: claim.now,
        is_all: waiting.len() < LOOK_KEEPS,
        waiting,
    };
    looks.behind.insert(place, behind);
    Ok(())
}

fn due(shard: i16, row: &Row) -> Result<Due> {
    Ok(Due {
        shard,
        key: row.value(0)?,
        organization: row.value(1)?,
        at: row.value(2)?,
    })
}

impl Offer {
    /// Whether so many can be taken, each within the share of its organization.
    fn fills(&self, limit: usize) -> bool {
        let mut shares: HashMap<Uuid, usize> = HashMap::new();
        let can_be_taken = self.due.iter().filter(|due| {
            let share = shares.entry(due.organization).or_default();
            *share += 1;
            *share <= CLAIM_PER_ORGANIZATION
        });
        can_be_taken.count() >= limit
    }

    fn add_behind(&mut self, behind: Option<&Behind>) {
        let Some(behind) = behind else {
            return;
        };
        self.hides |= !behind.is_all;
        let shown: HashSet<i64> = self.due.iter().map(|due| due.key).collect();
        let waiting = behind.waiting.iter();
        self.due
            .extend(waiting.filter(|due| !shown.contains(&due.key)));
    }
}

/// The jobs that are taken: one of each organization in turn, of each no more than its share; but
/// one that is alone with what is left gets all there is room for, if nobody can be hidden.
fn choose(offer: &Offer, limit: usize) -> Vec<Due> {
    let mut places = HashMap::new();
    let mut queues: Vec<Vec<Due>> = Vec::new();
    for due in &offer.due {
        let place = *places.entry(due.organization).or_insert_with(|| {
            queues.push(Vec::new());
            queues.len() - 1
        });
        queues[place].push(*due);
    }
    let mut chosen = Vec::new();
    for turn in 0..CLAIM_PER_ORGANIZATION {
        let in_turn = queues.iter().filter_map(|queue| queue.get(turn));
        chosen.extend(in_turn.take(limit - chosen.len()));
    }
    let mut left = queues
        .iter()
        .filter(|queue| queue.len() > CLAIM_PER_ORGANIZATION);
    if let (Some(rest), None, false) = (left.next(), left.next(), offer.hides) {
        let rest = &rest[CLAIM_PER_ORGANIZATION..];
        chosen.extend(rest.iter().take(limit - chosen.len()));
    }
    chosen
}

/// Leases what is still due and free, in one transaction. It does not wait for the disk: what a crash
/// of the server takes back is due again, and was at most begun.
async fn lease(session: &Session, claim: &Claim, chosen: &[Due]) -> Result<Vec<Job>> {
    let mut by_shard: BTreeMap<i16, Vec<i64>> = BTreeMap::new();
    for due in chosen {
        by_shard.entry(due.shard).or_default().push(due.key);
    }
    session.begin_lightly().await?;
    let leases = by_shard
        .iter()
        .map(|(shard, keys)| lease_on(session, claim, *shard, keys));
    let mut jobs = try_join_all(leases).await?.concat();
    session.commit().await?;
    jobs.sort_by_key(|job| (job.due_at, job.handle.key));
    Ok(jobs)
}

async fn lease_on(
    session: &Session,
    claim: &Claim,
    shard: i16,
    keys: &Vec<i64>,
) -> Result<Vec<Job>> {
    let (now, until) = (micros(claim.now), micros(claim.lease_until));
    let rows = session.rows(LEASE, &[&shard, keys, &now, &until]).await?;
    let job = |row: &Row| {
        Ok(Job {
            handle: JobHandle {
                place: i64::from(shard),
                key: row.value(0)?,
                lease: row.value(1)?,
            },
            kind: row.value(2)?,
            organization: OrganizationId::from_uuid(row.value(3)?),
            due_at: instant(row.value(4)?),
            attempt: row.unsigned::<u32>(5)?.saturating_sub(1),
            payload: row.value(6)?,
        })
    };
    rows.iter().map(job).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(counts: &[usize], hides: bool) -> Offer {
        let due = counts.iter().enumerate().flat_map(|(name, count)| {
            (0..*count).map(move |key| Due {
                shard: 0,
                key: key as i64,
                organization: Uuid::from_u128(name as u128),
                at: 0,
            })
        });
        Offer {
            due: due.collect(),
            hides,
        }
    }

    fn shares(counts: &[usize], limit: usize, hides: bool) -> Vec<usize> {
        let chosen = choose(&offer(counts, hides), limit);
        (0..counts.len())
            .map(|name| {
                let name = Uuid::from_u128(name as u128);
                chosen.iter().filter(|due| due.organization == name).count()
            })
            .collect()
    }

    #[test]
    fn each_gets_its_share_while_others_wait() {
        assert_eq!(shares(&[200, 200, 1], 100, false), [25, 25, 1]);
        assert_eq!(
            shares(&[200; 8], 100, false),
            [13, 13, 13, 13, 12, 12, 12, 12]
        );
        assert_eq!(shares(&[200, 1, 1], 4, false), [2, 1, 1]);
    }

    #[test]
    fn one_that_is_alone_with_the_rest_gets_it() {
        assert_eq!(shares(&[200, 5], 100, false), [95, 5]);
        assert_eq!(shares(&[200, 5], 100, true), [25, 5]);
        assert_eq!(shares(&[200], 20, false), [20]);
    }
}
