//! The processes that serve this database.

use jiff::Timestamp;
use tokio_postgres::Row;
use waybill_model::NodeId;
use waybill_storage::{ClosedCourier, Hint, NodeRow, Parts, Roll, share_out};

use crate::{
    failure::Result,
    hints,
    session::Session,
    values::{Columns, Text, micros},
};

/// One beat at a time; readers are not held up. Ends with the transaction.
const LOCK: &str = "LOCK TABLE nodes IN SHARE ROW EXCLUSIVE MODE";
const DELETE_DEAD: &str = "DELETE FROM nodes WHERE until <= $1";
const DELETE_OPEN: &str = "DELETE FROM closed_couriers WHERE until <= $1";
const ALL: &str = "SELECT id, roles, started_at, until, shares, parts FROM nodes
    WHERE until > $1 ORDER BY id";
const PUT: &str = "INSERT INTO nodes (id, roles, started_at, until, shares, parts)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (id) DO UPDATE SET roles = $2, until = $4, shares = $5, parts = $6";
const LEAVE: &str = "DELETE FROM nodes WHERE id = $1";
const CLOSE: &str = "INSERT INTO closed_couriers (name, until) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET until = greatest(closed_couriers.until, $2)";
const CLOSED: &str = "SELECT name, until FROM closed_couriers WHERE until > $1 ORDER BY name";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[DELETE_DEAD, DELETE_OPEN, ALL, PUT, LEAVE, CLOSE, CLOSED];

/// What a beat came to.
pub struct Beat {
    /// What the node learns.
    pub roll: Roll,
    /// Whether others would like to know: it is new, or gave something up.
    pub is_news: bool,
}

/// Notes that a node lives, and gives it its parts.
pub async fn beat(session: &Session, node: &NodeRow, now: Timestamp) -> Result<Beat> {
    let at = micros(now);
    session.begin().await?;
    session.run(LOCK).await?;
    session.change(DELETE_DEAD, &[&at]).await?;
    session.change(DELETE_OPEN, &[&at]).await?;
    let mut nodes = all(session, now).await?;
    let before = nodes.iter().position(|other| other.id == node.id);
    let before = before.map(|place| nodes.remove(place));
    let node = NodeRow {
        parts: share_out(node, &nodes),
        ..node.clone()
    };
    session
        .change(
            PUT,
            &[
                &node.id.as_uuid(),
                &Text(&node.roles),
                &micros(node.started_at),
                &micros(node.until),
                &node.shares,
                &node.parts.0.cast_signed(),
            ],
        )
        .await?;
    let closed = session.rows(CLOSED, &[&at]).await?;
    session.commit().await?;
    let is_news = before.is_none_or(|before| before.parts.without(node.parts) != Parts::NONE);
    nodes.push(node);
    nodes.sort_by_key(|node| node.id);
    let closed = closed.iter().map(|row| {
        Ok(ClosedCourier {
            name: row.value(0)?,
            until: row.at(1)?,
        })
    });
    let roll = Roll {
        nodes,
        closed: closed.collect::<Result<_>>()?,
    };
    Ok(Beat { roll, is_news })
}

/// Forgets a node, and tells the others at once: who leaves may be about to end.
pub async fn leave(session: &Session, node: NodeId) -> Result<()> {
    session.change(LEAVE, &[&node.as_uuid()]).await?;
    session.run(&hints::statement(Hint::Nodes)).await
}

/// The nodes that live.
pub async fn all(session: &Session, now: Timestamp) -> Result<Vec<NodeRow>> {
    let rows = session.rows(ALL, &[&micros(now)]).await?;
    rows.iter().map(from_row).collect()
}

/// Notes that a courier is closed.
pub async fn close(session: &Session, name: &str, until: Timestamp) -> Result<()> {
    session
        .change(CLOSE, &[&Text(name), &micros(until)])
        .await
        .map(drop)
}

fn from_row(row: &Row) -> Result<NodeRow> {
    Ok(NodeRow {
        id: NodeId::from_uuid(row.value(0)?),
        roles: row.value(1)?,
        started_at: row.at(2)?,
        until: row.at(3)?,
        shares: row.value(4)?,
        parts: Parts(row.value::<i64>(5)?.cast_unsigned()),
    })
}
