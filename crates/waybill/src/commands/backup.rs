//! `waybill backup`

use super::open;
use crate::{cli::Backup, failure::Failure, master_key, node::database_file, terminal::say};

pub(super) async fn run(command: &Backup) -> Result<(), Failure> {
    if command.file.exists() {
        return Err(Failure::usage(format!(
            "{} exists already",
            command.file.display()
        )));
    }
    let database = database_file(command.common.database.as_deref())?;
    if !database.exists() {
        return Err(Failure::usage(format!(
            "{} is not there",
            database.display()
        )));
    }
    open(&command.common)?
        .service
        .storage()
        .backup(&command.file)
        .await?;
    let key = master_key::path_beside(&database);
    say(format_args!(
        "{} is written; keep {} apart: secrets in the copy need it",
        command.file.display(),
        key.display()
    ));
    Ok(())
}
