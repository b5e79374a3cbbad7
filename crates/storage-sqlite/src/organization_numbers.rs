//! Organizations by their numbers.
//!
//! The tables that grow with trackings name an organization by a small number: their indexes lead with
//! it, and its sixteen bytes would be half of every entry. A number never changes, and is given with the
//! first row that needs it.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use rusqlite::{Connection, OptionalExtension};
use waybill_model::OrganizationId;

use crate::values::Bytes;

/// The number of one that has no rows: no row has it.
const NONE: i64 = 0;

/// An organization, by both its names.
#[derive(Debug, Clone, Copy)]
pub struct Organization {
    /// In tables with few rows of each.
    pub id: Bytes,
    /// In those that grow with trackings: `trackings`, `tracking_counts`, `names`, `events`.
    pub number: i64,
}

impl Organization {
    /// As everybody else names it.
    pub fn as_id(&self) -> OrganizationId {
        OrganizationId::from_uuid(uuid::Uuid::from_bytes(self.id))
    }

    /// For one who writes: it gets a number if it has none yet.
    pub fn numbered(self, connection: &Connection) -> rusqlite::Result<Self> {
        if self.number != NONE {
            return Ok(self);
        }
        let number = match number(connection, &self.id)? {
            Some(number) => number,
            None => connection
                .prepare_cached("INSERT INTO organization_numbers (id) VALUES (?1)")?
                .insert([self.id])?,
        };
        Ok(Self { number, ..self })
    }
}

/// Numbers that were read once, where they are committed: of a set that is taken back nothing is remembered.
#[derive(Debug, Default)]
pub struct KnownNumbers(RwLock<HashMap<OrganizationId, i64>>);

impl KnownNumbers {
    /// One that was found before.
    pub fn known(&self, organization: OrganizationId) -> Option<Organization> {
        // What is in the map is whole at every moment, also when a thread broke.
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let number = *map.get(&organization)?;
        let id = organization.as_uuid().into_bytes();
        Some(Organization { id, number })
    }

    /// One without a number has no rows.
    pub fn find(
        &self,
        connection: &Connection,
        organization: OrganizationId,
    ) -> rusqlite::Result<Organization> {
        if let Some(known) = self.known(organization) {
            return Ok(known);
        }
        let found = number_of(connection, organization)?;
        if let Some(number) = found {
            let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
            map.insert(organization, number);
        }
        let id = organization.as_uuid().into_bytes();
        let number = found.unwrap_or(NONE);
        Ok(Organization { id, number })
    }
}

/// Its number, if it has one.
pub fn number_of(
    connection: &Connection,
    organization: OrganizationId,
) -> rusqlite::Result<Option<i64>> {
    number(connection, &organization.as_uuid().into_bytes())
}

fn number(connection: &Connection, id: &Bytes) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT number FROM organization_numbers WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()
}
