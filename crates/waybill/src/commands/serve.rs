//! `waybill serve`

use std::{io::Write, sync::Arc};

use tokio::signal::unix::{SignalKind, signal};
use waybill_service::Service;

use super::{bootstrap, stop_signal};
use crate::{
    cli::Serve,
    config::Config,
    database::Database,
    failure::Failure,
    logs,
    node::{Node, couriers, listen},
};

pub(super) async fn run(command: Serve) -> Result<(), Failure> {
    logs::start(command.common.log_format, None);
    let config = Config::load(command.common.config.as_deref())?;
    let node = Node::open(
        &Database::parse(command.common.database.as_deref())?,
        config,
    )
    .await?;
    bootstrap::run(&node.service).await?;
    let stop = stop_signal()?;
    reload_on_hangup(&node)?;
    let listener = listen(command.listen).await?;
    announce(&listener)?;
    recognise_again(node.service.clone());
    node.run(listener, &command.roles, stop).await
}

/// Reads the couriers again at every SIGHUP. Folders with a fault change nothing: the ones that were
/// loaded go on.
fn reload_on_hangup(node: &Node) -> Result<(), Failure> {
    let mut hangup = signal(SignalKind::hangup())
        .map_err(|error| Failure::failed(format!("signals cannot be heard: {error}")))?;
    let (service, config) = (node.service.clone(), node.config.clone());
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let config = config.clone();
            // Compiling the programs takes long enough to be in others' way.
            let loaded = tokio::task::spawn_blocking(move || couriers(&config)).await;
            match loaded {
                Ok(Ok(couriers)) => {
                    tracing::info!(couriers = couriers.all().count(), "couriers are read again");
                    service.replace_couriers(Arc::new(couriers));
                    recognise_again(service.clone());
                }
                Ok(Err(failure)) => tracing::error!(%failure, "the couriers stay as they were"),
                Err(error) => tracing::error!(%error, "the couriers stay as they were"),
            }
        }
    });
    Ok(())
}

/// New couriers may know numbers that nobody recognised. Where the database is away, the next start looks.
fn recognise_again(service: Service) {
    tokio::spawn(async move {
        if let Err(problem) = service.recognise_again().await {
            tracing::warn!(%problem, "numbers that no courier recognised are not looked at again");
        }
    });
}

/// The one line on stdout: whoever started the server reads from it that it is ready, and where.
pub(super) fn announce(listener: &tokio::net::TcpListener) -> Result<(), Failure> {
    let address = listener
        .local_addr()
        .map_err(|error| Failure::failed(error.to_string()))?;
    let mut stdout = std::io::stdout().lock();
    // A closed stdout is no reason not to serve.
    if writeln!(stdout, "listening on http://{address}")
        .and_then(|()| stdout.flush())
        .is_err()
    {
        tracing::debug!("nobody reads stdout");
    }
    Ok(())
}
