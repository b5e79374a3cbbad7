//! Databases on all servers of a Citus cluster, or on the only one there is.

use crate::{client, execute};

/// The template of a database with nothing in it.
pub const EMPTY: &str = "template0";

/// Whoever is connected to a template would be in the way, which the cluster's own processes always are.
const LEAVE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1
    AND (backend_type LIKE 'Citus%' OR application_name LIKE 'citus_internal%')";
const TRIES: usize = 20;
const JOIN: &str = "SELECT citus_set_coordinator_host($1, $2)";
const ADD: &str = "SELECT citus_add_node($1, $2)";

/// Makes a database from a template, on every server that the one at this address leads.
pub async fn create(url: &str, name: &str, template: &str) {
    let workers = workers(url).await;
    let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
    if workers.is_empty() {
        return execute(url, &create).await;
    }
    let mut servers = vec![url.to_owned()];
    servers.extend(workers.iter().map(|worker| worker.of(url)));
    for server in &servers {
        let client = client(server).await;
        let mut tries = 0;
        loop {
            client.execute(LEAVE, &[&template]).await.unwrap();
            match client.batch_execute(&create).await {
                Ok(()) => break,
                // They come back.
                Err(error) if tries == TRIES => panic!("{error}"),
                Err(_) => tries += 1,
            }
        }
    }
    if template == EMPTY {
        for server in &servers {
            execute(&in_database(server, name), "CREATE EXTENSION citus").await;
        }
        let client = client(&in_database(url, name)).await;
        let coordinator = Server::at(url);
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
            [&coordinator.host, &coordinator.port];
        client.execute(JOIN, &values).await.unwrap();
        for worker in &workers {
            client
                .execute(ADD, &[&worker.host, &worker.port])
                .await
                .unwrap();
        }
    }
}

/// The servers that the one at this address hands statements to.
pub async fn workers(url: &str) -> Vec<Server> {
    let client = client(url).await;
    let is_cluster = "SELECT to_regclass('pg_catalog.pg_dist_node') IS NOT NULL";
    if !client
        .query_one(is_cluster, &[])
        .await
        .unwrap()
        .get::<_, bool>(0)
    {
        return Vec::new();
    }
    let workers = "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid <> 0";
    let workers = client.query(workers, &[]).await.unwrap();
    let server = |row: &tokio_postgres::Row| Server {
        host: row.get(0),
        port: row.get(1),
    };
    workers.iter().map(server).collect()
}

/// A server of a cluster.
pub struct Server {
    host: String,
    port: i32,
}

impl Server {
    fn at(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let host = match config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
            _ => "localhost".to_owned(),
        };
        Self {
            host,
            port: config
                .get_ports()
                .first()
                .map_or(5432, |port| i32::from(*port)),
        }
    }

    /// The same address on this server.
    fn of(&self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (authority, path) = rest.split_once('/').unwrap();
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        let at = if user.is_empty() { "" } else { "@" };
        format!("{scheme}://{user}{at}{}:{}/{path}", self.host, self.port)
    }
}

fn in_database(url: &str, name: &str) -> String {
    let (start, query) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = start.rsplit_once('/').unwrap();
    format!("{server}/{name}?{query}")
}
