//! The key that encrypts secrets at rest: from the environment, else a file beside the database.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use waybill_service::{Identities, MasterKey};

use crate::failure::Failure;

/// Names the key directly.
const VARIABLE: &str = "WAYBILL_MASTER_KEY";
/// Shorter keys protect nothing.
const SHORTEST: usize = 16;

/// The master key of the database at `database`, made at the first start.
pub fn load(database: &Path, identities: &Identities) -> Result<MasterKey, Failure> {
    let text = match std::env::var(VARIABLE) {
        Ok(text) => text,
        Err(_) => beside(database, identities)?,
    };
    if text.trim().len() < SHORTEST {
        return Err(Failure::usage(format!(
            "{VARIABLE} needs at least {SHORTEST} characters"
        )));
    }
    MasterKey::from_text(&text)
        .ok_or_else(|| Failure::usage(format!("{VARIABLE} cannot be used as a key")))
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
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
    {
        Ok(mut file) => {
            let text = STANDARD.encode(identities.bytes::<32>());
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(failure)?;
            Ok(text)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let mut text = String::new();
            std::fs::File::open(&path)
                .and_then(|mut file| file.read_to_string(&mut text))
                .map_err(failure)?;
            Ok(text)
        }
        Err(error) => Err(failure(error)),
    }
}
