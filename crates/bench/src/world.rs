//! Databases to measure on, made by `waybill bench fill`, and what is known of them.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::Value;

use crate::{
    Options,
    bare::{Prototype, Snapshot, postgres},
    load::{self, Connection as Http},
    program::Program,
};

/// Ids are drawn from so many trackings.
const DRAWN: usize = 100_000;
/// How often it is drawn for each that there is: all but one of fifty have come by then.
const DRAWS_FOR_EACH: u64 = 4;
/// What a copy leaves of a disk: for the logs of those who write to it, and for whoever else measures there.
const LEFT_FREE: u64 = 4 * 1024 * 1024 * 1024;
/// Where the newest version's trackings are.
pub const TRACKINGS: &str = "/tracking/2026-07/trackings";

/// The folder of a run.
pub struct World {
    /// What was asked for.
    pub options: Options,
    folder: PathBuf,
    _deleted: Option<tempfile::TempDir>,
}

/// A filled database.
pub struct Filled {
    /// The file.
    pub file: PathBuf,
    /// Its organizations: id and key.
    pub organizations: Vec<(String, String)>,
    /// The slug of a few.
    pub rare_slug: String,
}

/// A tracking of it.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// Its id.
    pub id: String,
    /// Which organization's, by position.
    pub organization: usize,
    /// The number that stands for it in the database.
    pub organization_number: i64,
    /// Its order.
    pub order: String,
}

impl World {
    /// In the given folder, or in one that is deleted in the end.
    pub fn new(options: Options) -> Result<Self> {
        let (folder, deleted) = if let Some(folder) = &options.folder {
            (folder.clone(), None)
        } else {
            let made = tempfile::tempdir()?;
            (made.path().to_owned(), Some(made))
        };
        fs::create_dir_all(&folder)?;
        Ok(Self {
            options,
            folder,
            _deleted: deleted,
        })
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A filled database, made once.
    pub fn filled(&self, trackings: u64, organizations: u32, checkpoints: u8) -> Result<Filled> {
        let name = format!("{trackings}-{organizations}-{checkpoints}");
        let (file, keys) = (
            self.path(&format!("{name}.db")),
            self.path(&format!("{name}.json")),
        );
        if !keys.exists() {
            self.fill(&url(&file), &keys, trackings, organizations, checkpoints)?;
        }
        read_keys(file, &keys)
    }

    /// A filled database on the PostgreSQL server that ends with the bench; its address.
    pub async fn filled_postgres(
        &self,
        trackings: u64,
        organizations: u32,
        checkpoints: u8,
    ) -> Result<(String, Filled)> {
        let url = waybill_test_postgres::empty().await;
        let keys = self.path("postgres.json");
        self.fill(&url, &keys, trackings, organizations, checkpoints)?;
        Ok((url, read_keys(PathBuf::new(), &keys)?))
    }

    fn fill(
        &self,
        database: &str,
        keys: &Path,
        trackings: u64,
        organizations: u32,
        checkpoints: u8,
    ) -> Result<()> {
        eprintln!("filling {trackings} trackings of {organizations} organizations");
        let status = Command::new(&self.options.waybill)
            .args(["bench", "fill", "--database", database])
            .args(["--trackings", &trackings.to_string()])
            .args(["--organizations", &organizations.to_string()])
            .args(["--checkpoints", &checkpoints.to_string()])
            .arg("--keys")
            .arg(keys)
            .status()?;
        if !status.success() {
            bail!("the database could not be filled: {status}");
        }
        Ok(())
    }

    /// A copy that may be written to.
    pub fn copy(&self, filled: &Filled, name: &str) -> Result<PathBuf> {
        let copy = self.path(name);
        for ending in ["", "-wal", "-shm", ".key"] {
            let path = |file: &Path| PathBuf::from(format!("{}{ending}", file.display()));
            let (from, to) = (path(&filled.file), path(&copy));
            if from.exists() {
                ensure_room(&from, &to)?;
                copy_by_pages(&from, &to)?;
            } else if to.exists() {
                fs::remove_file(to)?;
            }
        }
        Ok(copy)
    }

    /// What a create writes on SQLite, learned on an empty database.
    pub async fn prototype(&self) -> Result<PathBuf> {
        let folder = tempfile::tempdir_in(&self.folder)?;
        let file = folder.path().join("learn.db");
        let keys = folder.path().join("keys.json");
        self.fill(&url(&file), &keys, 0, 1, 0)?;
        let filled = read_keys(file, &keys)?;
        let reader = Connection::open(&filled.file)?;
        let look = async || Snapshot::take(&reader);
        let database = url(&filled.file);
        let (snapshots, id) = self.three_creates(&database, &filled, look).await?;
        let organization = &filled.organizations[0].0;
        let prototype = Prototype::learn(&snapshots, &number_of(2), &id, organization)?;
        let counts = (prototype.inserts.len(), prototype.updates.len());
        self.keep("prototype.json", &prototype, counts)
    }

    /// What a create writes on PostgreSQL.
    pub async fn prototype_postgres(&self) -> Result<PathBuf> {
        let (database, filled) = self.filled_postgres(0, 1, 0).await?;
        let client = waybill_test_postgres::client(&database).await;
        let look = async || postgres::Snapshot::take(&client).await;
        let (snapshots, id) = self.three_creates(&database, &filled, look).await?;
        let organization = &filled.organizations[0].0;
        let prototype = postgres::Prototype::learn(&snapshots, &number_of(2), &id, organization)?;
        let counts = (prototype.inserts.len(), prototype.counters.len());
        self.keep("prototype-postgres.json", &prototype, counts)
    }

    /// Looks after each of three creates, as the first makes what only the first makes: counters,
    /// kinds. Also the id of the last.
    async fn three_creates<S>(
        &self,
        database: &str,
        filled: &Filled,
        look: impl AsyncFn() -> Result<S>,
    ) -> Result<([S; 3], String)> {
        let server = Program::waybill(&self.options.waybill, database, "api")?;
        let mut http = Http::open(&server.address).await?;
        let key = &filled.organizations[0].1;
        let mut seen = Vec::new();
        let mut id = String::new();
        for number in 0..3 {
            let request = load::post(TRACKINGS, key, &create_body(number));
            let answer: Value = serde_json::from_slice(http.exchange(&request).await?)?;
            answer["data"]["id"]
                .as_str()
                .context("a create without an id")?
                .clone_into(&mut id);
            seen.push(look().await?);
        }
        let seen = seen.try_into().map_err(|_| anyhow::anyhow!("three"))?;
        Ok((seen, id))
    }

    fn keep(
        &self,
        name: &str,
        prototype: &impl Serialize,
        (rows, counters): (usize, usize),
    ) -> Result<PathBuf> {
        eprintln!("a create writes {rows} rows and raises {counters} counters");
        let path = self.path(name);
        fs::write(&path, serde_json::to_vec(prototype)?)?;
        Ok(path)
    }
}

impl Filled {
    /// Trackings drawn evenly from all, each once.
    pub fn draw(&self) -> Result<Vec<Drawn>> {
        self.draw_where("TRUE")
    }

    /// The same of those with a tag, so that one is not changed again and again.
    pub fn draw_of_tag(&self, tag: &str) -> Result<Vec<Drawn>> {
        self.draw_where(&format!("tag = '{tag}'"))
    }

    /// By the numbers of organizations: when their newest events but so many began.
    pub fn since(&self, events: i64) -> Result<HashMap<i64, Timestamp>> {
        let connection = Connection::open(&self.file)?;
        let mut numbers = connection.prepare("SELECT number FROM organization_numbers")?;
        let numbers = numbers.query_map([], |row| row.get(0))?;
        let numbers = numbers.collect::<rusqlite::Result<Vec<i64>>>()?;
        let mut statement = connection.prepare(
            "SELECT at, sequence FROM events_by_sequence
             WHERE organization = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2",
        )?;
        let mut since = HashMap::new();
        for number in numbers {
            let found: Option<i64> = statement
                .query_row(params![number, events], |row| row.get(0))
                .optional()?;
            if let Some(at) = found {
                since.insert(number, Timestamp::from_microsecond(at)?);
            }
        }
        Ok(since)
    }

    fn draw_where(&self, condition: &str) -> Result<Vec<Drawn>> {
        let connection = Connection::open(&self.file)?;
        let count: i64 =
            connection.query_row("SELECT max(row) FROM trackings", [], |row| row.get(0))?;
        let mut statement = connection.prepare(&format!(
            "SELECT lower(hex(key)), lower(hex(id)), organization, order_id
             FROM trackings JOIN organization_numbers ON organization_numbers.number = organization
             WHERE row = ?1 AND {condition}"
        ))?;
        let (mut drawn, mut looked_at) = (Vec::new(), HashSet::new());
        for index in 0..DRAWS_FOR_EACH * count as u64 {
            let row = 1 + (mixed(index) % count as u64) as i64;
            if !looked_at.insert(row) {
                continue;
            }
            let found: Option<(String, String, i64, String)> = statement
                .query_row(params![row], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })
                .optional()?;
            let Some((id, organization, organization_number, order)) = found else {
                continue;
            };
            let organization = self
                .organizations
                .iter()
                .position(|(id, _)| *id == organization)
                .context("an organization without a key")?;
            drawn.push(Drawn {
                id,
                organization,
                organization_number,
                order,
            });
            if drawn.len() == DRAWN {
                break;
            }
        }
        Ok(drawn)
    }
}

/// Refuses a copy that would fill the disk, before it does: a database server on the same disk fails for good when
/// there is no room.
fn ensure_room(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let disk = rustix::fs::statvfs(folder)?;
    let replaced = fs::metadata(to).map_or(0, |old| old.len());
    let room = (disk.f_bavail * disk.f_frsize + replaced).saturating_sub(LEFT_FREE);
    let needed = fs::metadata(from)?.len();
    if needed > room {
        bail!(
            "a copy of {} takes {needed} bytes, and the disk has {room} to spare; give `--folder` on a larger one",
            from.display()
        );
    }
    Ok(())
}

/// By small writes: what is copied at once stands in the system's cache in large pieces, and each of
/// them counts whole when a page of it is written.
fn copy_by_pages(from: &Path, to: &Path) -> std::io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    let mut page = [0; 4_096];
    loop {
        match from.read(&mut page)? {
            0 => return Ok(()),
            length => to.write_all(&page[..length])?,
        }
    }
}

/// The address of a file.
pub fn url(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

/// The number of the n-th create.
pub fn number_of(number: u64) -> String {
    format!("WBCREATE{:016X}", mixed(number))
}

/// The body of the n-th create.
pub fn create_body(number: u64) -> String {
    let order = number % 5_000_000;
    let tracking_number = number_of(number);
    format!(
        r#"{{"tracking_number":"{tracking_number}","slug":"ups","title":"Measured parcel","order_id":"ORDER-{order:010}","order_number":"ORDER-{order:010}","customers":[{{"role":"buyer","name":"Jo Bench","email":"jo@example.com","language":"en"}}],"destination_country_region":"USA","destination_postal_code":"94107","note":"left at the door if nobody answers","custom_fields":{{"warehouse":"north"}}}}"#
    )
}

/// A number spread over all bits.
pub fn mixed(index: u64) -> u64 {
    let word = index.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

fn read_keys(file: PathBuf, keys: &Path) -> Result<Filled> {
    let known: Value = serde_json::from_slice(&fs::read(keys)?)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let organizations = known["organizations"]
        .as_array()
        .context("no organizations")?;
    Ok(Filled {
        file,
        organizations: organizations
            .iter()
            .map(|one| (text(&one["id"]), text(&one["key"])))
            .collect(),
        rare_slug: text(&known["rare_slug"]),
    })
}
