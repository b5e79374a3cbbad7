//! How connections are made: what the address says.

use std::{error::Error, future::poll_fn, path::Path, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
};
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, NoTls, Notification, config::SslMode,
};

use crate::{
    OpenError,
    failure::{Failure, Result},
    session::CONNECT_WITHIN,
    tls::{Tls, Trust},
};

/// After so long without an acknowledgement a connection counts as lost.
const LOST_AFTER: Duration = Duration::from_secs(10);

/// What every connection of a process is made by.
#[derive(Clone)]
pub struct Setup {
    config: Config,
    tls: Option<Tls>,
    /// Whether the server hands statements on to others, by the shard.
    pub is_distributed: bool,
}

impl Setup {
    /// Reads `postgres://user:password@host/database?sslmode=…`.
    pub fn parse(url: &str) -> std::result::Result<Self, OpenError> {
        let (address, security) = Security::split_off(url)?;
        let mut config: Config = address.parse().map_err(|error: tokio_postgres::Error| {
            let reason = error.source().map(ToString::to_string);
            OpenError::Address(reason.unwrap_or_else(|| "not an address".to_owned()))
        })?;
        let tls = security.apply(&mut config)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WITHIN);
        }
        if config.get_application_name().is_none() {
            config.application_name("waybill");
        }
        config.keepalives_idle(LOST_AFTER);
        config.tcp_user_timeout(LOST_AFTER);
        Ok(Self {
            config,
            tls,
            is_distributed: false,
        })
    }

    /// Connects. The connection's own work is a task that ends with it.
    pub async fn connect(&self) -> Result<Client> {
        let (client, _) = self.connect_and_hear(|_| {}).await?;
        Ok(client)
    }

    /// Connects, and hears what is told by NOTIFY to the channels that it listens to. The task ends with
    /// the connection.
    pub async fn connect_and_hear(
        &self,
        heard: impl Fn(&Notification) + Send + 'static,
    ) -> Result<(Client, JoinHandle<()>)> {
        if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await?;
            Ok((client, attend(connection, heard)))
        } else {
            let (client, connection) = self.config.connect(NoTls).await?;
            Ok((client, attend(connection, heard)))
        }
    }
}

fn attend<S, T>(
    mut connection: Connection<S, T>,
    heard: impl Fn(&Notification) + Send + 'static,
) -> JoinHandle<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            match message {
                Ok(AsyncMessage::Notification(notification)) => heard(&notification),
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = %Failure::from(error), "a connection to the database ended");
                    return;
                }
            }
        }
    })
}

/// What an address says about TLS, in the words of PostgreSQL's own clients.
#[derive(Default)]
struct Security<'a> {
    mode: Option<&'a str>,
    authority: Option<&'a str>,
}

impl<'a> Security<'a> {
    /// The address without it.
    fn split_off(url: &'a str) -> std::result::Result<(String, Self), OpenError> {
        let mut security = Self::default();
        let Some((address, query)) = url.split_once('?') else {
            return Ok((url.to_owned(), security));
        };
        let mut rest = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => security.mode = Some(mode),
                Some(("sslrootcert", file)) => security.authority = Some(file),
                _ => rest.push(pair),
            }
        }
        if security.authority.is_some() && security.mode != Some("verify-full") {
            return Err(OpenError::Address(
                "sslrootcert is used only with sslmode=verify-full".to_owned(),
            ));
        }
        Ok((format!("{address}?{}", rest.join("&")), security))
    }

    fn apply(&self, config: &mut Config) -> std::result::Result<Option<Tls>, OpenError> {
        let (mode, trust) = match self.mode.unwrap_or("prefer") {
            "disable" => (SslMode::Disable, None),
            "prefer" => (SslMode::Prefer, Some(Trust::Anyone)),
            "require" => (SslMode::Require, Some(Trust::Anyone)),
            "verify-full" => {
                let trust = match self.authority {
                    Some(file) => Trust::Authority(Path::new(file)),
                    None => Trust::System,
                };
                (SslMode::Require, Some(trust))
            }
            mode => {
                return Err(OpenError::Address(format!(
                    "sslmode is `{mode}`; use disable, prefer, require or verify-full"
                )));
            }
        };
        config.ssl_mode(mode);
        trust.map(Tls::new).transpose().map_err(OpenError::Tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood_or_refused_without_their_password() {
        for url in [
            "postgres://waybill:secret@localhost/waybill?sslmode=disable",
            "postgresql://localhost:5433/waybill",
            "postgres://localhost/waybill?sslmode=require&application_name=other",
            "postgres://localhost/waybill?sslmode=verify-full",
        ] {
            assert!(Setup::parse(url).is_ok(), "{url}");
        }
        for url in [
            "postgres://waybill:secret@localhost:port/waybill",
            "postgres://waybill:secret@localhost/waybill?colour=red",
            "postgres://waybill:secret@[::1",
            "postgres://waybill:secret@localhost/waybill?sslmode=verify-ca",
            "postgres://waybill:secret@localhost/waybill?sslmode=require&sslrootcert=/ca.pem",
        ] {
            let Err(error) = Setup::parse(url) else {
                panic!("{url} was taken");
            };
            assert!(matches!(error, OpenError::Address(_)), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        let absent = "postgres://localhost/waybill?sslmode=verify-full&sslrootcert=/nowhere.pem";
        assert!(matches!(Setup::parse(absent), Err(OpenError::Tls(_))));
    }
}
