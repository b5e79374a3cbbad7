//! `waybill sandbox`

use std::sync::Arc;

use super::{serve::announce, stop_signal};
use crate::{
    cli::Sandbox,
    clock::SystemClock,
    config::Config,
    failure::Failure,
    logs,
    node::{couriers, listen},
    sandbox,
};

pub(super) async fn run(command: Sandbox) -> Result<(), Failure> {
    logs::start(command.common.log_format, None);
    let config = Config::load(command.common.config.as_deref())?;
    let options = sandbox::Options {
        clock: Arc::new(SystemClock),
        couriers: Arc::new(couriers(&config)?),
        seconds_per_minute: config.sandbox.seconds_per_minute,
    };
    let stop = stop_signal()?;
    let listener = listen(command.listen).await?;
    announce(&listener)?;
    sandbox::serve(listener, options, stop.cancelled_owned())
        .await
        .map_err(|error| Failure::failed(format!("the sandbox stopped: {error}")))
}
