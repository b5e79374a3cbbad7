//! The commands, one file each.

mod backup;
mod bench;
mod bootstrap;
mod couriers;
mod demo;
mod detect;
mod doctor;
mod import;
mod keys;
mod organizations;
mod sandbox;
mod serve;
mod track;

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;
use waybill_storage::OrganizationRow;

use crate::{
    cli::{Cli, Command, Common, OfOrganization},
    config::Config,
    database::Database,
    failure::Failure,
    logs,
    node::Node,
};

/// Runs a command to its end.
pub fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime could not start: {error}")))?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(command) => serve::run(command).await?,
            Command::Demo(command) => demo::run(command).await?,
            Command::Detect(command) => detect::run(&command)?,
            Command::Track(command) => track::run(command).await?,
            Command::Organizations(command) => organizations::run(command).await?,
            Command::Keys(command) => keys::run(command).await?,
            Command::Couriers(command) => return couriers::run(command).await,
            Command::Import(command) => return import::run(command).await,
            Command::Sandbox(command) => sandbox::run(command).await?,
            Command::Backup(command) => backup::run(&command).await?,
            Command::Bench(command) => bench::run(command).await?,
            Command::Doctor(common) => return doctor::run(&common).await,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Opens the node for a command that is no server: its log shows only warnings.
async fn open(common: &Common) -> Result<Node, Failure> {
    logs::start(common.log_format, Some("warn"));
    let config = Config::load(common.config.as_deref())?;
    Node::open(&Database::parse(common.database.as_deref())?, config).await
}

/// The organization a command is about.
async fn organization(node: &Node, of: &OfOrganization) -> Result<OrganizationRow, Failure> {
    let named = node.service.organization_named(&of.organization).await?;
    named.ok_or_else(|| {
        Failure::usage(format!(
            "there is no organization `{}`; `waybill organizations create {}` makes it",
            of.organization, of.organization
        ))
    })
}

/// Cancelled by SIGTERM or SIGINT.
fn stop_signal() -> Result<CancellationToken, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let failure =
        |error: std::io::Error| Failure::failed(format!("signals cannot be heard: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failure)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failure)?;
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopped.cancel();
    });
    Ok(stop)
}
