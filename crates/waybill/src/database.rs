//! The database a command works on: a file, or a PostgreSQL server.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use waybill_service::{Identities, MasterKey};
use waybill_storage::Storage;
use waybill_storage_postgres::PostgresStorage;
use waybill_storage_sqlite::SqliteStorage;

use crate::{failure::Failure, master_key};

/// The database used when none is named.
const DEFAULT: &str = "sqlite:waybill.db";

/// Where the data is.
#[derive(Debug, Clone)]
pub enum Database {
    /// The embedded engine's file.
    Sqlite(PathBuf),
    /// The address of a server, which may hold a password.
    Postgres(Address),
}

/// An address that no log shows.
#[derive(Clone)]
pub struct Address(String);

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Address(…)")
    }
}

impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => file.display().fmt(formatter),
            Self::Postgres(_) => formatter.write_str("the PostgreSQL database"),
        }
    }
}

impl Database {
    /// Reads `sqlite:FILE` or `postgres://…`.
    pub fn parse(url: Option<&str>) -> Result<Self, Failure> {
        let url = url.unwrap_or(DEFAULT);
        match url.split_once(':') {
            Some(("sqlite", file)) if !file.is_empty() => {
                let file = file.strip_prefix("//").unwrap_or(file);
                Ok(Self::Sqlite(PathBuf::from(file)))
            }
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(Address(url.to_owned()))),
            // What follows the scheme may hold a password, so it is not repeated.
            Some((scheme, _)) => Err(Failure::usage(format!(
                "the database begins with `{scheme}:`; use sqlite:FILE or postgres://…"
            ))),
            None => Err(Failure::usage(format!(
                "the database is `{url}`; use sqlite:FILE or postgres://…"
            ))),
        }
    }

    /// The file of the embedded engine.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => Some(file),
            Self::Postgres(_) => None,
        }
    }

    /// Opens it, making what is not there, with the key that its secrets are sealed under.
    pub async fn open(
        &self,
        identities: &Identities,
    ) -> Result<(Arc<dyn Storage>, MasterKey), Failure> {
        let refused = |error: &dyn fmt::Display| Failure::usage(format!("{self}: {error}"));
        match self {
            Self::Sqlite(file) => {
                let storage = SqliteStorage::open(file).map_err(|error| refused(&error))?;
                let key = master_key::of_file(file, identities)?;
                Ok((Arc::new(storage), key))
            }
            Self::Postgres(address) => {
                let storage = PostgresStorage::connect(&address.0)
                    .await
                    .map_err(|error| refused(&error))?;
                let key = master_key::of_server(&storage, identities).await?;
                Ok((Arc::new(storage), key))
            }
        }
    }
}
