//! `waybill serve`

use std::io::Write;

use super::{bootstrap, stop_signal};
use crate::{
    cli::Serve,
    config::Config,
    database::Database,
    failure::Failure,
    logs,
    node::{Node, listen},
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
    let listener = listen(command.listen).await?;
    announce(&listener)?;
    node.run(listener, &command.roles, stop).await
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
