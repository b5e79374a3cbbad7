//! `waybill backup`

use super::open;
use crate::{cli::Backup, database::Database, failure::Failure, terminal::say};

pub(super) async fn run(command: &Backup) -> Result<(), Failure> {
    if command.file.exists() {
        return Err(Failure::usage(format!(
            "{} exists already",
            command.file.display()
        )));
    }
    let database = Database::parse(command.common.database.as_deref())?;
    if let Some(file) = database.file().filter(|file| !file.exists()) {
        return Err(Failure::usage(format!("{} is not there", file.display())));
    }
    open(&command.common)
        .await?
        .service
        .storage()
        .backup(&command.file)
        .await?;
    say(format_args!(
        "{} is written; the master key is not in it, and its secrets need it",
        command.file.display()
    ));
    Ok(())
}
