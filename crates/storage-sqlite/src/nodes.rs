//! The processes that serve this database.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use waybill_model::NodeId;
use waybill_storage::{ClosedCourier, NodeRow, Parts, Roll, share_out};

use crate::values::{Columns, micros};

/// Notes that a node lives, and gives it its parts. Where it is `alone`, whoever else is noted died.
pub fn beat(
    connection: &Connection,
    node: &NodeRow,
    now: Timestamp,
    alone: bool,
) -> rusqlite::Result<Roll> {
    let over = if alone { i64::MAX } else { micros(now) };
    connection
        .prepare_cached("DELETE FROM nodes WHERE until <= ?1")?
        .execute([over])?;
    connection
        .prepare_cached("DELETE FROM closed_couriers WHERE until <= ?1")?
        .execute([micros(now)])?;
    let mut nodes = all(connection, now)?;
    nodes.retain(|other| other.id != node.id);
    let node = NodeRow {
        parts: share_out(node, &nodes),
        ..node.clone()
    };
    connection
        .prepare_cached(
            "INSERT INTO nodes (id, roles, started_at, until, shares, parts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET roles = ?2, until = ?4, shares = ?5, parts = ?6",
        )?
        .execute(params![
            node.id.as_uuid().into_bytes(),
            node.roles,
            micros(node.started_at),
            micros(node.until),
            node.shares,
            node.parts.0.cast_signed(),
        ])?;
    nodes.push(node);
    nodes.sort_by_key(|node| node.id);
    Ok(Roll {
        nodes,
        closed: closed(connection)?,
    })
}

/// Forgets a node.
pub fn leave(connection: &Connection, node: NodeId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM nodes WHERE id = ?1")?
        .execute([node.as_uuid().into_bytes()])
        .map(drop)
}

/// The nodes that live.
pub fn all(connection: &Connection, now: Timestamp) -> rusqlite::Result<Vec<NodeRow>> {
    connection
        .prepare_cached(
            "SELECT id, roles, started_at, until, shares, parts FROM nodes
             WHERE until > ?1 ORDER BY id",
        )?
        .query_map([micros(now)], from_row)?
        .collect()
}

/// Notes that a courier is closed.
pub fn close(connection: &Connection, name: &str, until: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO closed_couriers (name, until) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET until = max(until, ?2)",
        )?
        .execute(params![name, micros(until)])
        .map(drop)
}

fn closed(connection: &Connection) -> rusqlite::Result<Vec<ClosedCourier>> {
    connection
        .prepare_cached("SELECT name, until FROM closed_couriers ORDER BY name")?
        .query_map([], |row| {
            Ok(ClosedCourier {
                name: row.get(0)?,
                until: row.at(1)?,
            })
        })?
        .collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<NodeRow> {
    Ok(NodeRow {
        id: NodeId::from_uuid(row.id(0)?),
        roles: row.get(1)?,
        started_at: row.at(2)?,
        until: row.at(3)?,
        shares: row.get(4)?,
        parts: Parts(row.get::<_, i64>(5)?.cast_unsigned()),
    })
}
