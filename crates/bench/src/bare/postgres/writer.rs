//! Groups of creates: one statement a table, all of a transaction sent at once.

use std::{
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use futures_util::future::{try_join_all, try_join3};
use tokio::task::JoinSet;
use tokio_postgres::{Client, Statement, types::ToSql};
use uuid::Uuid;

use super::prototype::{Cell, Column, Insert, LEGACY_ID, Prototype};
use crate::world::{mixed, number_of};

/// As Waybill's: connections that write, and creates in a transaction.
const CONNECTIONS: usize = 4;
const GROUP: usize = 256;
/// Those that have had a create: they have all counters.
const ORGANIZATIONS: &str = "SELECT shard, organization FROM event_counters ORDER BY organization";
/// Connections count so far apart.
const APART: i64 = 1 << 40;

/// The values of a column.
type Values = Box<dyn ToSql + Sync + Send>;

/// Writes on all connections for so long; how many creates that were. The groups of an organization
/// go by one connection, as Waybill's: its events are numbered without a gap.
pub async fn write(url: &str, prototype: Prototype, duration: Duration) -> Result<u64> {
    let prototype = Arc::new(prototype);
    let reader = crate::drive::client(url).await?;
    let organizations = reader.query(ORGANIZATIONS, &[]).await?;
    let organizations = organizations.iter().map(|row| (row.get(0), row.get(1)));
    let organizations: Vec<(i16, Uuid)> = organizations.collect();
    let mut writers = JoinSet::new();
    for place in 0..CONNECTIONS.min(organizations.len()) {
        let own = organizations.iter().skip(place).step_by(CONNECTIONS);
        let own: Vec<_> = own.copied().collect();
        let mut writer = Writer::new(url, prototype.clone(), place as u64).await?;
        writers.spawn(async move {
            let begin = Instant::now();
            for organization in own.into_iter().cycle() {
                if begin.elapsed() >= duration {
                    break;
                }
                writer.write_group(organization).await?;
            }
            anyhow::Ok(writer.written)
        });
    }
    let mut written = 0;
    while let Some(ended) = writers.join_next().await {
        written += ended??;
    }
    Ok(written)
}

/// A connection that writes the prototype's rows again and again, each time other trackings'.
struct Writer {
    client: Client,
    prototype: Arc<Prototype>,
    inserts: Vec<Statement>,
    counters: Vec<Statement>,
    /// The counters of all tables begin here.
    first: i64,
    /// The names begin here.
    run: u64,
    written: u64,
}

impl Writer {
    async fn new(url: &str, prototype: Arc<Prototype>, place: u64) -> Result<Self> {
        let client = crate::drive::client(url).await?;
        let (mut inserts, mut counters) = (Vec::new(), Vec::new());
        let mut first = 0;
        for insert in &prototype.inserts {
            inserts.push(client.prepare(&statement(insert)).await?);
            for column in &insert.columns {
                if matches!(column.cell, Cell::Counter) {
                    let (table, name) = (&insert.table, &column.name);
                    let highest = format!("SELECT coalesce(max({name}), 0)::bigint FROM {table}");
                    first = client
                        .query_one(&highest, &[])
                        .await?
                        .get::<_, i64>(0)
                        .max(first);
                }
            }
        }
        for counter in &prototype.counters {
            counters.push(client.prepare(counter).await?);
        }
        Ok(Self {
            client,
            prototype,
            inserts,
            counters,
            first: first + place as i64 * APART,
            run: u64::from(std::process::id()) << 32 | place << 29,
            written: 0,
        })
    }

    /// One transaction.
    async fn write_group(&mut self, home: (i16, Uuid)) -> Result<()> {
        let (shard, organization) = home;
        let creates = self.creates();
        let mut columns: Vec<Vec<Values>> = Vec::with_capacity(self.inserts.len());
        for insert in &self.prototype.inserts {
            let values = |column| self.values(column, &creates, home);
            columns.push(insert.columns.iter().map(values).collect::<Result<_>>()?);
        }
        let count = creates.len() as i64;
        let counter: [&(dyn ToSql + Sync); 3] = [&shard, &organization, &count];
        let values: Vec<Vec<&(dyn ToSql + Sync)>> = columns
            .iter()
            .map(|columns| columns.iter().map(|values| values.as_ref() as _).collect())
            .collect();
        let inserts = self.inserts.iter().zip(values.iter().map(Vec::as_slice));
        let counters = self
            .counters
            .iter()
            .map(|statement| (statement, &counter[..]));
        // The server takes them in this order.
        let statements = inserts
            .chain(counters)
            .map(|(statement, values)| self.client.execute(statement, values));
        try_join3(
            self.client.batch_execute("BEGIN"),
            try_join_all(statements),
            self.client.batch_execute("COMMIT"),
        )
        .await?;
        self.written += creates.len() as u64;
        Ok(())
    }

    /// The values of a column, one for each of the creates.
    fn values(
        &self,
        column: &Column,
        creates: &[Create],
        (shard, organization): (i16, Uuid),
    ) -> Result<Values> {
        let all = creates.iter();
        Ok(match (&column.cell, column.kind.as_str()) {
            (Cell::Shard, _) => Box::new(vec![shard; creates.len()]),
            (Cell::Organization, _) => Box::new(vec![organization; creates.len()]),
            (Cell::Key, _) => Box::new(all.map(|create| create.key).collect::<Vec<_>>()),
            (Cell::RandomId, _) => Box::new(all.map(random_id).collect::<Vec<_>>()),
            (Cell::Counter, _) => {
                let next = self.first + 1;
                Box::new(all.map(|create| next + create.place).collect::<Vec<_>>())
            }
            (Cell::Instant(at), _) => {
                Box::new(all.map(|create| at + create.place).collect::<Vec<_>>())
            }
            (Cell::Named(text), _) => Box::new(
                all.map(|create| self.renamed(text, create))
                    .collect::<Vec<_>>(),
            ),
            (Cell::Same(value), "text") => Box::new(vec![value.clone(); creates.len()]),
            (Cell::Same(value), "uuid") => same::<Uuid>(value.as_deref(), creates.len())?,
            (Cell::Same(value), "boolean") => same::<bool>(value.as_deref(), creates.len())?,
            (Cell::Same(value), "smallint") => same::<i16>(value.as_deref(), creates.len())?,
            (Cell::Same(value), "integer") => same::<i32>(value.as_deref(), creates.len())?,
            (Cell::Same(value), "bigint") => same::<i64>(value.as_deref(), creates.len())?,
            (_, kind) => bail!("{}: {kind} is a kind that is not known here", column.name),
        })
    }

    /// A text of the prototype, with this create's key and number.
    fn renamed(&self, text: &str, create: &Create) -> String {
        let old = &self.prototype;
        let text = text.replace(&old.key, &create.id);
        let text = text.replace(&old.key[..LEGACY_ID], &create.id[..LEGACY_ID]);
        text.replace(&old.number, &create.number)
    }

    fn creates(&self) -> Vec<Create> {
        let millis = now_millis();
        (0..GROUP as u64)
            .map(|place| {
                let number = self.run + self.written + place;
                let mut tail = [0; 10];
                tail[..8].copy_from_slice(&mixed(number).to_be_bytes());
                let key = uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid();
                Create {
                    place: (self.written + place) as i64,
                    key,
                    id: key.simple().to_string(),
                    number: number_of(number),
                }
            })
            .collect()
    }
}

/// What tells a create from another.
struct Create {
    /// Its place among those of the connection.
    place: i64,
    key: Uuid,
    /// The key, as texts have it.
    id: String,
    number: String,
}

/// A row for each of the values, which are a column each.
fn statement(insert: &Insert) -> String {
    let names: Vec<&str> = insert.columns.iter().map(|one| one.name.as_str()).collect();
    let arrays = insert.columns.iter().zip(1..);
    let arrays: Vec<String> = arrays
        .map(|(column, place)| format!("${place}::{}[]", column.kind))
        .collect();
    format!(
        "INSERT INTO {} ({}) SELECT * FROM unnest({})",
        insert.table,
        names.join(", "),
        arrays.join(", ")
    )
}

/// The same value for each of so many.
fn same<T>(text: Option<&str>, count: usize) -> Result<Values>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>
        + Clone
        + ToSql
        + Send
        + Sync
        + 'static,
{
    let value: Option<T> = text.map(str::parse).transpose()?;
    Ok(Box::new(vec![value; count]))
}

/// Another id than the key, as far from any other.
fn random_id(create: &Create) -> Uuid {
    let (high, low) = create.key.as_u64_pair();
    Uuid::from_u64_pair(mixed(high ^ low), mixed(low))
}

/// Milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a bare program has no clock to be passed"
)]
fn now_millis() -> u64 {
    jiff::Timestamp::now().as_millisecond().unsigned_abs()
}
