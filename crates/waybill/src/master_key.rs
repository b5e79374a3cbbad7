//! The key that encrypts secrets at rest: from the environment, else a file beside the database
//! file, else made once in the database of a server, where all nodes find it.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tempfile::NamedTempFile;
use waybill_service::{Identities, MasterKey};
use waybill_storage_postgres::PostgresStorage;

use crate::failure::Failure;

/// Names the key directly.
const VARIABLE: &str = "WAYBILL_MASTER_KEY";
/// Shorter keys protect nothing.
const SHORTEST: usize = 16;

/// The master key of a database file, made at the first start.
pub fn of_file(database: &Path, identities: &Identities) -> Result<MasterKey, Failure> {
    match given() {
        Some(text) => key(&text, VARIABLE),
        None => key(
            &beside(database, identities)?,
            &path_beside(database).display().to_string(),
        ),
    }
}

/// The master key of a server's database. Kept in the same database it protects no copy of it, so
/// that is warned of at every start.
pub async fn of_server(
    storage: &PostgresStorage,
    identities: &Identities,
) -> Result<MasterKey, Failure> {
    if let Some(text) = given() {
        return key(&text, VARIABLE);
    }
    let (kept, _) = storage.master_key(&identities.bytes::<32>()).await?;
    tracing::warn!(
        "secrets are sealed under a key in the database itself; set {VARIABLE} to keep it apart"
    );
    key(&STANDARD.encode(kept), "the database")
}

/// Whether the environment names the key.
pub fn given() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

fn key(text: &str, source: &str) -> Result<MasterKey, Failure> {
    if text.trim().len() < SHORTEST {
        return Err(Failure::usage(format!(
            "the master key in {source} needs at least {SHORTEST} characters"
        )));
    }
    MasterKey::from_text(text)
        .ok_or_else(|| Failure::usage(format!("{source} cannot be used as a key")))
}

/// Where the key of a database file is kept.
pub fn path_beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".key");
    PathBuf::from(path)
}

fn beside(database: &Path, identities: &Identities) -> Result<String, Failure> {
    let path = path_beside(database);
    let failure =
        |error: std::io::Error| Failure::usage(format!("cannot use {}: {error}", path.display()));
    if !path.exists() {
        let text = STANDARD.encode(identities.bytes::<32>());
        make(&path, &text).map_err(failure)?;
    }
    fs::read_to_string(&path).map_err(failure)
}

/// Makes the file whole or not at all: neither a crash nor another process that starts at the same
/// time may find an empty one. Where another was faster, its key stays.
fn make(path: &Path, text: &str) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // Only its owner may read it, as all files of `tempfile`.
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => File::open(folder)?.sync_all(),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}
