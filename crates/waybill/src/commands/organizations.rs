//! `waybill organizations`

use super::open;
use crate::{cli::Organizations, failure::Failure};

#[expect(clippy::print_stdout, reason = "this is what the command is for")]
pub(super) async fn run(command: Organizations) -> Result<(), Failure> {
    match command {
        Organizations::Create { name, common } => {
            let row = open(&common)?.service.create_organization(&name).await?;
            println!("{}  {}", row.id, row.name);
        }
        Organizations::List { common } => {
            for row in open(&common)?.service.organizations().await? {
                println!(
                    "{}  {}  {}",
                    row.id,
                    row.created_at.strftime("%Y-%m-%d"),
                    row.name
                );
            }
        }
    }
    Ok(())
}
