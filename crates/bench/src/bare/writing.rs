//! Bare writes: one thread, groups of up to 256, every group waits for the disk; the log is copied by
//! another thread.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use rusqlite::{
    Connection, ToSql, params,
    types::{ToSqlOutput, Value},
};
use serde::Deserialize;
use tokio::sync::oneshot;
use waybill_storage_sqlite::packed::Packed;

use super::{
    Prototype, WRITER_CACHE_KIB, open,
    prototype::{Cell, Insert, hex},
};

/// As Waybill's: units in a transaction, pages of the log before it is copied, and the rest that may
/// be copied between two transactions.
const GROUP: usize = 256;
const LOG_PAGES: i64 = 262_144;
const REST_PAGES: i64 = 8_192;
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What of a body is looked at.
#[derive(Deserialize)]
struct Body {
    tracking_number: String,
    slug: Option<String>,
    #[serde(flatten)]
    _others: serde_json::Map<String, serde_json::Value>,
}

type Waiting = (Body, oneshot::Sender<Option<String>>);

/// `POST /`
pub fn router(database: &Path, prototype: &Prototype) -> Result<Router> {
    let (queue, waiting) = sync_channel::<Waiting>(8 * GROUP);
    let (connection, restart) = writer(database)?;
    let mut writer = Writer::new(&connection, prototype)?;
    std::thread::spawn(move || {
        if let Err(error) = serve(&connection, &mut writer, &waiting, &restart) {
            eprintln!("the writer ended: {error:#}");
        }
    });
    Ok(Router::new()
        .route("/", post(create))
        .with_state(Arc::new(queue)))
}

async fn create(State(queue): State<Arc<SyncSender<Waiting>>>, body: Bytes) -> Response {
    let Ok(body) = serde_json::from_slice::<Body>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if body.tracking_number.len() < 4 || body.slug.as_ref().is_some_and(String::is_empty) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let (reply, answer) = oneshot::channel();
    if queue.try_send((body, reply)).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match answer.await {
        Ok(Some(document)) => (
            StatusCode::CREATED,
            [(CONTENT_TYPE, "application/json")],
            format!("{{\"data\":{document}}}"),
        )
            .into_response(),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn serve(
    connection: &Connection,
    writer: &mut Writer,
    waiting: &Receiver<Waiting>,
    restart: &AtomicBool,
) -> Result<()> {
    let mut group = Vec::with_capacity(GROUP);
    while let Ok(first) = waiting.recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = waiting.try_recv()
        {
            group.push(next);
        }
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut answers = Vec::with_capacity(group.len());
        for (body, reply) in group.drain(..) {
            answers.push((reply, writer.write(connection, &body.tracking_number)?));
        }
        connection.execute_batch("COMMIT")?;
        for (reply, document) in answers {
            let _ = reply.send(Some(document));
        }
        restart_if_asked(connection, restart)?;
    }
    Ok(())
}

/// The one connection that writes, its log copied by another thread, which asks by the flag for
/// [`restart_if_asked`].
pub fn writer(database: &Path) -> Result<(Connection, Arc<AtomicBool>)> {
    Ok((
        open(database, WRITER_CACHE_KIB)?,
        checkpoint_aside(database)?,
    ))
}

/// Between two transactions: copies the rest of the log and begins it anew, where that was asked for.
pub fn restart_if_asked(connection: &Connection, restart: &AtomicBool) -> rusqlite::Result<()> {
    if restart.swap(false, Ordering::Relaxed) {
        connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
    }
    Ok(())
}

/// Copies the log beside the writer; the flag asks it to copy the rest and begin the log anew.
fn checkpoint_aside(database: &Path) -> Result<Arc<AtomicBool>> {
    let connection = open(database, WRITER_CACHE_KIB)?;
    let restart = Arc::new(AtomicBool::new(false));
    let asked = restart.clone();
    let mut before = None;
    let mut look = move || -> rusqlite::Result<()> {
        let numbers = |mode: &str| {
            connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
                Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })
        };
        let (pages, copied) = numbers("NOOP")?;
        let is_idle = before == Some((pages, copied));
        before = Some((pages, copied));
        if pages == copied || !(pages >= LOG_PAGES || is_idle) {
            return Ok(());
        }
        let mut now = (pages, copied);
        for _ in 0..4 {
            now = numbers("PASSIVE")?;
            if now.0 - now.1 <= REST_PAGES {
                break;
            }
        }
        before = Some(now);
        if pages >= LOG_PAGES && now.0 - now.1 <= REST_PAGES {
            asked.store(true, Ordering::Relaxed);
        }
        Ok(())
    };
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(LOOK_EVERY);
            if let Err(error) = look() {
                eprintln!("the log could not be copied: {error}");
            }
        }
    });
    Ok(restart)
}

/// Writes the prototype's rows again and again, each time another tracking's.
pub struct Writer {
    prototype: Arc<Prototype>,
    organizations: Vec<(Vec<u8>, i64)>,
    counters: Vec<Vec<i64>>,
    written: u64,
    /// Of the row written anew last.
    revision: i64,
    chance: u64,
}

impl Writer {
    /// Reads which organizations there are, and where the counters stand.
    pub fn new(connection: &Connection, prototype: &Prototype) -> Result<Self> {
        let counters = |insert: &Insert| {
            insert
                .cells
                .iter()
                .map(|cell| match cell {
                    Cell::Counter(sql) => connection.query_row(sql, [], |row| row.get(0)),
                    _ => Ok(0),
                })
                .collect::<rusqlite::Result<Vec<i64>>>()
        };
        let counters = prototype.inserts.iter().map(counters);
        Ok(Self {
            organizations: connection
                .prepare("SELECT id, number FROM organization_numbers")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?,
            counters: counters.collect::<rusqlite::Result<_>>()?,
            prototype: Arc::new(prototype.clone()),
            written: 0,
            revision: 100,
            chance: u64::from(std::process::id()) << 32,
        })
    }

    /// One create; its document.
    pub fn write(&mut self, connection: &Connection, number: &str) -> Result<String> {
        let moment = now_millis();
        let mut key = [0; 16];
        key[..6].copy_from_slice(&moment.to_be_bytes()[2..]);
        key[6..14].copy_from_slice(&self.random().to_be_bytes());
        key[6] = key[6] & 0x0f | 0x70;
        let chance = self.random() as usize;
        let organization = self.organizations[chance % self.organizations.len()].clone();
        self.write_to(connection, &key, organization, number)
    }

    /// One change of the tracking with this key, of the organization with this number.
    pub fn change(&mut self, connection: &Connection, key: &[u8], number: i64) -> Result<()> {
        let mut organizations = self.organizations.iter();
        let organization = organizations
            .find(|organization| organization.1 == number)
            .context("an organization without a number")?
            .clone();
        let prototype = self.prototype.clone();
        self.write_to(connection, key, organization, &prototype.number)
            .map(drop)
    }

    fn write_to(
        &mut self,
        connection: &Connection,
        key: &[u8],
        (organization, organization_number): (Vec<u8>, i64),
        number: &str,
    ) -> Result<String> {
        self.written += 1;
        let id = hex(key);
        let prototype = self.prototype.clone();
        let old_id = &prototype.key;
        let renamed = |text: &str| {
            text.replace(old_id, &id)
                .replace(&old_id[..24], &id[..24])
                .replace(&prototype.number, number)
        };
        let mut document = None;
        let rewrites = prototype.rewrites.iter().map(|rewrite| (None, rewrite));
        let inserts = prototype.inserts.iter().enumerate();
        let inserts = inserts.map(|(insert, statement)| (Some(insert), statement));
        for (insert, Insert { sql, cells }) in rewrites.chain(inserts) {
            let mut values = Vec::with_capacity(32);
            for (cell, kind) in cells.iter().enumerate() {
                let made = match kind {
                    Cell::Null => Value::Null,
                    Cell::Integer(number) => Value::Integer(*number),
                    Cell::Blob(bytes) => Value::Blob(bytes.clone()),
                    Cell::Text(text) => Value::Text(renamed(text)),
                    Cell::Packed(text) => {
                        let text = renamed(text);
                        let packed = to_value(&Packed(&text))?;
                        if document
                            .as_ref()
                            .is_none_or(|known: &String| known.len() < text.len())
                        {
                            document = Some(text);
                        }
                        packed
                    }
                    Cell::Organization => Value::Blob(organization.clone()),
                    Cell::OrganizationNumber => Value::Integer(organization_number),
                    Cell::Key => Value::Blob(key.to_vec()),
                    Cell::RandomBlob(length) => {
                        let length = *length;
                        let bytes: Vec<u8> = (0..length.div_ceil(8))
                            .flat_map(|_| self.random().to_be_bytes())
                            .take(length)
                            .collect();
                        Value::Blob(bytes)
                    }
                    Cell::RandomInteger => Value::Integer(self.random() as i64),
                    Cell::Counter(_) => {
                        let counter = insert.map(|insert| &mut self.counters[insert][cell]);
                        let counter = counter.unwrap_or(&mut self.revision);
                        *counter += 1;
                        Value::Integer(*counter)
                    }
                    Cell::Instant(at) => Value::Integer(at + self.written as i64),
                };
                values.push(made);
            }
            if insert.is_none() {
                values.push(Value::Blob(key.to_vec()));
            }
            connection
                .prepare_cached(sql)?
                .execute(rusqlite::params_from_iter(values))?;
        }
        for update in &prototype.updates {
            connection
                .prepare_cached(update)?
                .execute(params![organization, organization_number])?;
        }
        document.context("a create without a text")
    }

    fn random(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = self.chance;
        let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }
}

fn to_value(packed: &Packed<'_>) -> rusqlite::Result<Value> {
    Ok(match packed.to_sql()? {
        ToSqlOutput::Owned(value) => value,
        other => Value::Text(match other {
            ToSqlOutput::Borrowed(text) => text.as_str()?.to_owned(),
            _ => String::new(),
        }),
    })
}

/// Milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a bare program has no clock to be passed"
)]
fn now_millis() -> u64 {
    jiff::Timestamp::now().as_millisecond().unsigned_abs()
}
