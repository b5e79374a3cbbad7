//! What a create of Waybill writes on PostgreSQL, learned by looking as it is on SQLite.

use std::iter::zip;

use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};
use tokio_postgres::Client;
use uuid::Uuid;

/// Numbers that differ by less between two creates are instants.
const SOON_MICROS: i64 = 3_600_000_000;
/// The column in which a number is that of an organization's shard.
const SHARD: &str = "shard";
/// Digits of a key that are the legacy id.
pub const LEGACY_ID: usize = 24;

/// Tables but for those that are parts of others.
const TABLES: &str =
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname";
const COLUMNS: &str = "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum";

/// The rows of one create.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prototype {
    /// Rows that it adds.
    pub inserts: Vec<Insert>,
    /// Counters that it raises, by statement: `$1` is the shard, `$2` the organization, `$3` how many
    /// creates there were.
    pub counters: Vec<String>,
    /// The key of the tracking, in hex, as texts have it.
    pub key: String,
    /// Its number.
    pub number: String,
}

/// A row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Insert {
    /// Of which table.
    pub table: String,
    /// Its values.
    pub columns: Vec<Column>,
}

/// A value of a row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Column {
    /// Where it stands.
    pub name: String,
    /// What the database calls its kind.
    pub kind: String,
    /// What makes it another row's.
    pub cell: Cell,
}

/// What makes a value another row's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Cell {
    /// The same in each.
    Same(Option<String>),
    /// A text that is the same in each but for key and number.
    Named(String),
    /// The shard of its organization.
    Shard,
    /// Its organization.
    Organization,
    /// The tracking's key.
    Key,
    /// Another id in each, by chance.
    RandomId,
    /// One higher each time.
    Counter,
    /// An instant: microseconds after this one.
    Instant(i64),
}

/// All rows of all tables, their values as texts.
pub struct Snapshot(Vec<(Table, Vec<Row>)>);

type Row = Vec<Option<String>>;

struct Table {
    name: String,
    /// Names and kinds.
    columns: Vec<(String, String)>,
}

impl Snapshot {
    /// Of a small database.
    pub async fn take(client: &Client) -> Result<Self> {
        let mut snapshot = Vec::new();
        for table in client.query(TABLES, &[]).await? {
            let name: String = table.get(0);
            let columns = client.query(COLUMNS, &[&name]).await?;
            let columns: Vec<(String, String)> = columns
                .iter()
                .map(|column| (column.get(0), column.get(1)))
                .collect();
            let texts: Vec<String> = columns
                .iter()
                .map(|(column, _)| format!("{column}::text"))
                .collect();
            let all = format!("SELECT ARRAY[{}] FROM {name}", texts.join(", "));
            let rows = client.query(&all, &[]).await?;
            let rows = rows.iter().map(|row| row.get(0)).collect();
            snapshot.push((Table { name, columns }, rows));
        }
        Ok(Self(snapshot))
    }
}

impl Prototype {
    /// From snapshots of before, between and after two creates; `number` and `key` are the second one's.
    pub fn learn(
        snapshots: &[Snapshot; 3],
        number: &str,
        key: &str,
        organization: &str,
    ) -> Result<Self> {
        let [before, between, after] = snapshots;
        let mut learned = Self {
            inserts: Vec::new(),
            counters: Vec::new(),
            key: key.to_owned(),
            number: number.to_owned(),
        };
        let ids = Ids {
            organization: Uuid::parse_str(organization)?.to_string(),
            key: Uuid::parse_str(key)?.to_string(),
            names: [key, &key[..LEGACY_ID], number],
        };
        for ((table, rows), ((_, old), (_, oldest))) in zip(&after.0, zip(&between.0, &before.0)) {
            let new: Vec<_> = rows.iter().filter(|row| !old.contains(row)).collect();
            let gone: Vec<_> = old.iter().filter(|row| !rows.contains(row)).collect();
            let first: Vec<_> = old.iter().filter(|row| !oldest.contains(row)).collect();
            if new.len() == gone.len() {
                for (new, gone) in zip(new, gone) {
                    learned.counters.extend(raised(table, gone, new, &ids));
                }
            } else if gone.is_empty() && new.len() == first.len() {
                for (new, first) in zip(new, first) {
                    learned.inserts.push(insert(table, first, new, &ids)?);
                }
            } else {
                let (name, came, went) = (&table.name, new.len(), gone.len());
                bail!("{name}: {came} rows came and {went} went");
            }
        }
        ensure!(!learned.inserts.is_empty(), "nothing was written");
        Ok(learned)
    }
}

/// What is another one in each, in every table.
struct Ids<'a> {
    organization: String,
    key: String,
    /// As they stand in texts.
    names: [&'a str; 3],
}

fn insert(table: &Table, first: &Row, second: &Row, ids: &Ids<'_>) -> Result<Insert> {
    let columns = zip(&table.columns, zip(first, second)).map(|((name, kind), (first, second))| {
        Ok(Column {
            name: name.clone(),
            kind: kind.clone(),
            cell: match second {
                Some(_) if name == SHARD => Cell::Shard,
                Some(second) => cell(first.as_deref(), second, ids)?,
                None => Cell::Same(None),
            },
        })
    });
    Ok(Insert {
        table: table.name.clone(),
        columns: columns.collect::<Result<_>>()?,
    })
}

fn cell(first: Option<&str>, second: &str, ids: &Ids<'_>) -> Result<Cell> {
    let number = |text: &str| text.parse::<i64>().ok();
    let gap = first.and_then(|first| Some(number(second)? - number(first)?));
    Ok(match gap {
        _ if second == ids.organization => Cell::Organization,
        _ if second == ids.key => Cell::Key,
        _ if ids.names.iter().any(|name| second.contains(name)) => Cell::Named(second.to_owned()),
        _ if first == Some(second) => Cell::Same(Some(second.to_owned())),
        _ if Uuid::try_parse(second).is_ok() => Cell::RandomId,
        Some(1) => Cell::Counter,
        Some(0..SOON_MICROS) => Cell::Instant(second.parse()?),
        None => Cell::Same(Some(second.to_owned())),
        Some(_) => bail!("{first:?} and {second} are nothing that can be made anew"),
    })
}

/// The statement that raises what was raised, if that is a counter of the organization. (What else
/// changes does not at every create.)
fn raised(table: &Table, old: &Row, new: &Row, ids: &Ids<'_>) -> Option<String> {
    let (mut set, mut same) = (Vec::new(), Vec::new());
    for ((name, _), (old, new)) in zip(&table.columns, zip(old, new)) {
        let new = new.as_deref()?;
        if old.as_deref() != Some(new) {
            let old: i64 = old.as_deref()?.parse().ok()?;
            (new.parse() == Ok(old + 1)).then_some(())?;
            set.push(format!("{name} = {name} + $3"));
        } else if name == SHARD {
            same.push(format!("{name} = $1"));
        } else if new == ids.organization {
            same.push(format!("{name} = $2"));
        } else {
            same.push(format!("{name} = '{new}'"));
        }
    }
    let statement = format!(
        "UPDATE {} SET {} WHERE {}",
        table.name,
        set.join(", "),
        same.join(" AND ")
    );
    let is_of_an_organization = statement.contains("= $1") && statement.contains("= $2");
    is_of_an_organization.then_some(statement)
}
