//! Claiming jobs, fairly.
//!
//! A claim looks which shards have due jobs, visits some of them in rotation, looks there at the
//! jobs that came due first, and takes from these in turn, an organization at a time. Where more are
//! due than it looked at, others may wait behind a crowd: it looks for them once a second.
//!
//! Looks lock nothing. What is chosen is then locked, shard by shard, skipping what another node
//! has locked meanwhile.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use waybill_model::OrganizationId;
use waybill_storage::{CLAIM_PER_ORGANIZATION, Claim, Job, JobHandle};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, SHARDS, instant, micros, signed},
};

/// Due jobs that one claim looks at: ten claims of a hundred.
const WINDOW: usize = 1_000;
/// And at least so many of every shard and kind that it visits.
const SMALLEST_WINDOW: usize = 100;
/// Shards that one claim visits.
const VISITS: usize = 16;
/// How long what was found behind a crowd is believed.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// Jobs behind a crowd that are remembered.
const LOOK_KEEPS: usize = 1_000;
/// Rows of a crowd that one look passes at most: about half a second.
const LOOK_ROWS: i64 = 1_000_000;
/// A claim that got nothing of what it chose, as other nodes took it meanwhile, chooses again.
const TRIES: usize = 4;

/// The shards that have due jobs.
const DUE_SHARDS: &str = "SELECT DISTINCT shards.number
    FROM generate_series(0, 255) AS shards (number)
    CROSS JOIN unnest($1::text[]) AS kinds (kind)
    CROSS JOIN LATERAL (
        SELECT 1 FROM jobs
        WHERE jobs.shard = shards.number::smallint AND jobs.kind = kinds.kind AND jobs.due_at <= $2
        ORDER BY jobs.due_at, jobs.key LIMIT 1) AS head";
const FIRST: &str = "SELECT due.key, due.organization, due.due_at
    FROM unnest($2::text[]) AS kinds (kind)
    CROSS JOIN LATERAL (
        SELECT key, organization, due_at FROM jobs
        WHERE jobs.shard = $1 AND jobs.kind = kinds.kind AND due_at <= $3
        ORDER BY due_at, key LIMIT $4) AS due";
const BEHIND: &str = "SELECT due.key, due.organization, due.due_at
    FROM unnest($2::text[]) AS kinds (kind)
    CROSS JOIN LATERAL (
        SELECT key, organization, due_at FROM (
            SELECT key, organization, due_at FROM jobs
            WHERE jobs.shard = $1 AND jobs.kind = kinds.kind AND due_at <= $3
            ORDER BY due_at, key LIMIT $6) AS passed
        WHERE organization <> ALL ($5) LIMIT $4) AS due";
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

/// What is remembered between the claims of a process.
#[derive(Default)]
pub struct Looks {
    /// The shard that the next claim visits first.
    next_shard: i16,
    /// What was found behind the crowds of a shard.
    behind: HashMap<(Vec<&'static str>, i16), Behind>,
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

/// Claims jobs.
pub async fn claim(session: &Session, claim: &Claim, looks: &mut Looks) -> Result<Vec<Job>> {
    for _ in 0..TRIES {
        let offer = offer(session, claim, looks).await?;
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
    let now = micros(claim.now);
    let mut shards = Vec::new();
    for row in session.rows(DUE_SHARDS, &[&claim.kinds, &now]).await? {
        shards.push(row.value::<i32>(0)? as i16);
    }
    let mut offer = Offer {
        due: Vec::new(),
        hides: shards.len() > VISITS,
    };
    let first = looks.next_shard;
    shards.sort_by_key(|shard| (shard - first).rem_euclid(SHARDS));
    shards.truncate(VISITS);
    if let Some(last) = shards.last() {
        looks.next_shard = (last + 1) % SHARDS;
    }
    let window = (WINDOW / shards.len().max(1)).max(SMALLEST_WINDOW);
    for shard in shards {
        visit(session, claim, looks, shard, window, &mut offer).await?;
    }
    offer.due.sort_by_key(|due| (due.at, due.key));
    Ok(offer)
}

/// Looks at the due jobs of a shard.
async fn visit(
    session: &Session,
    claim: &Claim,
    looks: &mut Looks,
    shard: i16,
    window: usize,
    offer: &mut Offer,
) -> Result<()> {
    let due = |row: &tokio_postgres::Row| {
        Ok(Due {
            shard,
            key: row.value(0)?,
            organization: row.value(1)?,
            at: row.value(2)?,
        })
    };
    let now = micros(claim.now);
    let limit = signed(window as u64);
    let rows = session
        .rows(FIRST, &[&shard, &claim.kinds, &now, &limit])
        .await?;
    let first: Vec<Due> = rows.iter().map(due).collect::<Result<_>>()?;
    let looked = (claim.kinds.clone(), shard);
    if first.len() < window {
        looks.behind.remove(&looked);
        offer.due.extend(first);
        return Ok(());
    }
    let is_stale = |behind: &Behind| claim.now.duration_since(behind.looked_at).abs() >= LOOK_EVERY;
    if looks.behind.get(&looked).is_none_or(is_stale) {
        let seen: HashSet<Uuid> = first.iter().map(|due| due.organization).collect();
        let seen: Vec<Uuid> = seen.into_iter().collect();
        let keeps = signed(LOOK_KEEPS as u64);
        let rows = session
            .rows(
                BEHIND,
                &[&shard, &claim.kinds, &now, &keeps, &seen, &LOOK_ROWS],
            )
            .await?;
        let waiting: Vec<Due> = rows.iter().map(due).collect::<Result<_>>()?;
        let behind = Behind {
            looked_at: claim.now,
            is_all: waiting.len() < LOOK_KEEPS,
            waiting,
        };
        looks.behind.insert(looked.clone(), behind);
    }
    offer.due.extend(first);
    if let Some(behind) = looks.behind.get(&looked) {
        offer.hides |= !behind.is_all;
        let shown: HashSet<i64> = offer.due.iter().map(|due| due.key).collect();
        let waiting = behind
            .waiting
            .iter()
            .filter(|due| !shown.contains(&due.key));
        offer.due.extend(waiting);
    }
    Ok(())
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

/// Leases what is still due and free, in one transaction.
async fn lease(session: &Session, claim: &Claim, chosen: &[Due]) -> Result<Vec<Job>> {
    let mut by_shard: BTreeMap<i16, Vec<i64>> = BTreeMap::new();
    for due in chosen {
        by_shard.entry(due.shard).or_default().push(due.key);
    }
    let mut jobs = Vec::with_capacity(chosen.len());
    session.begin().await?;
    for (shard, keys) in by_shard {
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [
            &shard,
            &keys,
            &micros(claim.now),
            &micros(claim.lease_until),
        ];
        for row in session.rows(LEASE, &values).await? {
            jobs.push(Job {
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
            });
        }
    }
    session.commit().await?;
    jobs.sort_by_key(|job| (job.due_at, job.handle.key));
    Ok(jobs)
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
