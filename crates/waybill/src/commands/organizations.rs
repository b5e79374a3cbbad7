//! `waybill organizations`

use super::open;
use crate::{cli::Organizations, failure::Failure, terminal::say};

pub(super) async fn run(command: Organizations) -> Result<(), Failure> {
    match command {
        Organizations::Create { name, common } => {
            let row = open(&common)
                .await?
                .service
                .create_organization(&name)
                .await?;
            say(format_args!("{}  {}", row.id, row.name));
        }
        Organizations::List { common } => {
            for row in open(&common).await?.service.organizations().await? {
                say(format_args!(
                    "{}  {}  {}",
                    row.id,
                    row.created_at.strftime("%Y-%m-%d"),
                    row.name
                ));
            }
        }
    }
    Ok(())
}
