//! What a create or a change of Waybill writes, learned by looking: which rows two of them left in each
//! table, and what differs between them. So the bare program writes the same rows however the schema
//! changes.

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, types::Value};
use serde::{Deserialize, Serialize};
use waybill_storage_sqlite::packed::unpack;

/// Columns whose texts are stored packed.
const PACKED: [&str; 3] = ["document", "record", "body"];
/// The column in which a number is that of an organization.
const ORGANIZATION: &str = "organization";
/// Numbers that differ by less between two creates are instants.
const SOON_MICROS: i64 = 3_600_000_000;

/// The rows of one create, or of one change of a tracking.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prototype {
    /// Rows that it adds.
    pub inserts: Vec<Insert>,
    /// Counters that it raises, by statement; `?1` is the organization, `?2` its number.
    pub updates: Vec<String>,
    /// Rows of the tracking that it writes anew; the last parameter of a statement is the key.
    pub rewrites: Vec<Insert>,
    /// The key of the tracking, in hex, as texts have it.
    pub key: String,
    /// Its number.
    pub number: String,
}

/// A row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Insert {
    /// Its statement.
    pub sql: String,
    /// Its values, in order.
    pub cells: Vec<Cell>,
}

/// A value of a row, and what makes it another row's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Cell {
    /// The same in each.
    Null,
    /// The same in each.
    Integer(i64),
    /// The same in each.
    Blob(Vec<u8>),
    /// The same in each but for key and number.
    Text(String),
    /// The same in each but for key and number, stored packed.
    Packed(String),
    /// The tracking's key.
    Key,
    /// Its organization.
    Organization,
    /// The number of its organization.
    OrganizationNumber,
    /// Another one in each, by chance.
    RandomBlob(usize),
    /// Another one in each, by chance.
    RandomInteger,
    /// One higher each time; the statement asks for the highest so far.
    Counter(String),
    /// An instant: microseconds after this one.
    Instant(i64),
}

/// All rows of all tables.
pub struct Snapshot(Vec<(Table, Vec<Vec<Value>>)>);

#[derive(Clone)]
struct Table {
    name: String,
    columns: Vec<String>,
    /// Numbers its rows by itself.
    row_number: Option<usize>,
}

/// Which column of a row has this value.
fn column_of(bytes: &[u8], row: &[Value]) -> Option<usize> {
    row.iter()
        .position(|value| matches!(value, Value::Blob(blob) if blob == bytes))
}

impl Snapshot {
    /// Of a small database. Tables that triggers write are left out: whoever writes the same rows has
    /// theirs written.
    pub fn take(connection: &Connection) -> Result<Self> {
        let mut statement = connection.prepare(
            "SELECT name, sql FROM sqlite_schema AS written WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
             AND sql NOT LIKE 'CREATE VIRTUAL%' AND NOT EXISTS (
                SELECT 1 FROM sqlite_schema AS writes
                WHERE writes.type = 'trigger' AND writes.sql LIKE '%INSERT INTO ' || written.name || ' %')",
        )?;
        let tables: Vec<(String, String)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut snapshot = Vec::new();
        for (name, sql) in tables {
            let mut columns = Vec::new();
            let mut row_number = None;
            let mut about = connection.prepare(&format!("PRAGMA table_info({name})"))?;
            let mut rows = about.query([])?;
            while let Some(row) = rows.next()? {
                let (column, kind, key): (String, String, i64) =
                    (row.get(1)?, row.get(2)?, row.get(5)?);
                if kind == "INTEGER" && key == 1 && sql.contains("INTEGER PRIMARY KEY") {
                    row_number = Some(columns.len());
                }
                columns.push(column);
            }
            let mut all = connection.prepare(&format!("SELECT * FROM {name}"))?;
            let width = columns.len();
            let rows = all
                .query_map([], |row| (0..width).map(|cell| row.get(cell)).collect())?
                .collect::<rusqlite::Result<Vec<Vec<Value>>>>()?;
            snapshot.push((
                Table {
                    name,
                    columns,
                    row_number,
                },
                rows,
            ));
        }
        Ok(Self(snapshot))
    }
}

impl Prototype {
    /// From snapshots of before, between and after two creates, or two changes of one tracking; `number`
    /// and `key` are the second one's.
    pub fn learn(
        snapshots: &[Snapshot; 3],
        number: &str,
        key: &str,
        organization: &str,
    ) -> Result<Self> {
        let [before, between, after] = snapshots;
        let ids = Ids {
            key: unhex(key),
            organization: unhex(organization),
        };
        let mut learned = Self {
            inserts: Vec::new(),
            updates: Vec::new(),
            rewrites: Vec::new(),
            key: key.to_owned(),
            number: number.to_owned(),
        };
        for (position, (table, rows)) in after.0.iter().enumerate() {
            let (old, oldest) = (&between.0[position].1, &before.0[position].1);
            let new: Vec<_> = rows.iter().filter(|row| !old.contains(row)).collect();
            let gone: Vec<_> = old.iter().filter(|row| !rows.contains(row)).collect();
            let first: Vec<_> = old.iter().filter(|row| !oldest.contains(row)).collect();
            if new.len() == gone.len() {
                for (new, gone) in new.iter().zip(&gone) {
                    match column_of(&ids.key, new) {
                        Some(key) if table.row_number.is_some() => {
                            learned.rewrites.push(rewrite(table, key, gone, new, &ids)?);
                        }
                        _ => learned.updates.extend(raised(table, gone, new, &ids)),
                    }
                }
            } else if gone.is_empty() && new.len() == first.len() {
                for (new, first) in new.iter().zip(&first) {
                    learned.inserts.push(insert(table, first, new, &ids)?);
                }
            } else {
                bail!(
                    "{}: {} rows came and {} went",
                    table.name,
                    new.len(),
                    gone.len()
                );
            }
        }
        learned.inserts.first().context("nothing was written")?;
        Ok(learned)
    }
}

/// The statement that writes what has changed.
fn rewrite(table: &Table, key: usize, old: &[Value], new: &[Value], ids: &Ids) -> Result<Insert> {
    let all = insert(table, old, new, ids)?;
    let mut set = Vec::new();
    let mut cells = Vec::new();
    let others = (0..table.columns.len()).filter(|position| table.row_number != Some(*position));
    for (position, cell) in others.zip(all.cells) {
        if old[position] != new[position] {
            cells.push(cell);
            set.push(format!("{} = ?{}", table.columns[position], cells.len()));
        }
    }
    let (name, column) = (&table.name, &table.columns[key]);
    let place = cells.len() + 1;
    Ok(Insert {
        sql: format!(
            "UPDATE {name} SET {} WHERE {column} = ?{place}",
            set.join(", ")
        ),
        cells,
    })
}

/// The statement that raises what was raised, if that is a counter. (What else changes does not at
/// every create.)
fn raised(table: &Table, old: &[Value], new: &[Value], ids: &Ids) -> Option<String> {
    let mut set = Vec::new();
    let mut same = Vec::new();
    for ((column, old), new) in table.columns.iter().zip(old).zip(new) {
        match (old, new) {
            (Value::Integer(old), Value::Integer(new)) if *new == old + 1 => {
                set.push(format!("{column} = {column} + 1"));
            }
            (Value::Blob(bytes), _) if *bytes == ids.organization => {
                same.push(format!("{column} = ?1"));
            }
            (Value::Integer(_), _) if column == ORGANIZATION => {
                same.push(format!("{column} = ?2"));
            }
            (old, new) if old == new => same.push(format!("{column} = {}", literal(new))),
            _ => {}
        }
    }
    // A statement with both parameters, whatever it asks.
    same.push("?1 = ?1 AND ?2 = ?2".to_owned());
    let condition = same.join(" AND ");
    (!set.is_empty()).then(|| {
        format!(
            "UPDATE {} SET {} WHERE {condition}",
            table.name,
            set.join(", ")
        )
    })
}

/// What is another one in each, in every table.
struct Ids {
    key: Vec<u8>,
    organization: Vec<u8>,
}

fn insert(table: &Table, first: &[Value], second: &[Value], ids: &Ids) -> Result<Insert> {
    let mut names = Vec::new();
    let mut cells = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        if table.row_number == Some(position) {
            continue;
        }
        names.push(column.as_str());
        cells.push(match (&first[position], &second[position]) {
            (_, Value::Blob(bytes)) if *bytes == ids.key => Cell::Key,
            (_, Value::Blob(bytes)) if *bytes == ids.organization => Cell::Organization,
            (_, Value::Integer(_)) if column == ORGANIZATION => Cell::OrganizationNumber,
            (_, Value::Blob(bytes)) if PACKED.contains(&column.as_str()) => {
                Cell::Packed(unpack(bytes).map_err(anyhow::Error::msg)?)
            }
            (Value::Blob(one), Value::Blob(other)) if one != other => Cell::RandomBlob(other.len()),
            (Value::Integer(one), Value::Integer(other)) if one != other => {
                match other.wrapping_sub(*one) {
                    1 => Cell::Counter(format!(
                        "SELECT coalesce(max({column}), 0) FROM {}",
                        table.name
                    )),
                    gap if (0..SOON_MICROS).contains(&gap) => Cell::Instant(*other),
                    _ => Cell::RandomInteger,
                }
            }
            (_, Value::Blob(bytes)) => Cell::Blob(bytes.clone()),
            (_, Value::Integer(number)) => Cell::Integer(*number),
            (_, Value::Text(text)) => Cell::Text(text.clone()),
            (_, Value::Null | Value::Real(_)) => Cell::Null,
        });
    }
    let places: Vec<String> = (1..=names.len()).map(|place| format!("?{place}")).collect();
    let values = if names.is_empty() {
        "DEFAULT VALUES".to_owned()
    } else {
        format!("({}) VALUES ({})", names.join(", "), places.join(", "))
    };
    Ok(Insert {
        sql: format!("INSERT INTO {} {values}", table.name),
        cells,
    })
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null | Value::Real(_) => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Blob(bytes) => format!("x'{}'", hex(bytes)),
    }
}

/// Bytes from lower-case hex digits.
pub fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2)
        .filter_map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok())
        .collect()
}

/// Bytes as lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0'))
        .collect()
}
