//! A consistent copy of the database while it is in use.

use std::{fs::File, path::Path};

use waybill_storage::{Result, Unavailable};

use crate::{connection::open_copier, readers::unavailable};

/// Copies the database into a file, which appears only when it is whole.
pub fn backup(database: &Path, file: &Path) -> Result<()> {
    if let (Ok(database), Ok(file)) = (database.canonicalize(), file.canonicalize())
        && database == file
    {
        return Err(Unavailable(
            "a backup cannot take the place of its database".to_owned(),
        ));
    }
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| Unavailable(format!("{}: {error}", file.display()));
    let copy = tempfile::Builder::new()
        .prefix(".waybill-backup")
        .tempfile_in(folder)
        .map_err(failed)?;
    let path = copy
        .path()
        .to_str()
        .ok_or_else(|| Unavailable(format!("{}: not UTF-8", file.display())))?;
    // An empty file may be written to; what is written needs no log and is synced once.
    open_copier(database)
        .map_err(unavailable)?
        .execute("VACUUM INTO ?1", [path])
        .map_err(unavailable)?;
    File::open(copy.path())
        .and_then(|copy| copy.sync_all())
        .map_err(failed)?;
    copy.persist(file).map_err(|error| failed(error.error))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)
}
