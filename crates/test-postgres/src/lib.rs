//! A private PostgreSQL server on this machine, and a database on it for each test.
//!
//! A server that is named instead may be the coordinator of a Citus cluster: then each database is
//! made on all its servers (`cluster`).
//!
//! For tests, benches and fault drills only: what goes wrong here ends the test.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that has no server ends here"
)]

mod cluster;

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Names a server to use instead of an own one: its user must be allowed to make databases. Those
/// that the tests make there, `waybill_test_…`, are left for their owner to drop.
const GIVEN: &str = "WAYBILL_TEST_POSTGRES";
/// Where distributions put the programs of each version.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// The oldest version that will do.
const OLDEST: u32 = 15;

/// An own server. It ends when its standard input does: also if the tests break.
pub struct Server {
    _script: Child,
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
    /// Where its socket is.
    folder: String,
}

impl Server {
    /// Starts one.
    pub fn start() -> Self {
        let mut command = unprivileged();
        command
            .args(["-c", include_str!("server.sh"), "server.sh"])
            .arg(programs())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut script = command.spawn().unwrap();
        let orders = script.stdin.take().unwrap();
        let mut reports = BufReader::new(script.stdout.take().unwrap());
        let mut folder = String::new();
        reports.read_line(&mut folder).unwrap();
        let folder = folder.trim().to_owned();
        assert!(!folder.is_empty(), "the server did not start: see above");
        Self {
            _script: script,
            orders,
            reports,
            folder,
        }
    }

    /// The address of a database on it.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.replace('/', "%2F");
        format!("postgres://waybill@{folder}/{database}")
    }

    /// Ends the server as a loss of power would.
    pub fn crash(&mut self) {
        self.order("crash");
    }

    /// Starts it again.
    pub fn start_again(&mut self) {
        self.order("start");
    }

    fn order(&mut self, word: &str) {
        writeln!(self.orders, "{word}").unwrap();
        let mut report = String::new();
        self.reports.read_line(&mut report).unwrap();
        assert_eq!(report.trim(), "done");
    }
}

/// The address of a new database that is a copy of another one here, which nobody may be connected
/// to. Its last connections may still be about to end: the server waits for them.
pub async fn copy_of(template: &str) -> String {
    let name = new_name();
    cluster::create(&url_of("postgres"), &name, name_of(template)).await;
    url_of(&name)
}

/// The address of a new database with nothing in it.
pub async fn empty() -> String {
    let name = new_name();
    cluster::create(&url_of("postgres"), &name, cluster::EMPTY).await;
    url_of(&name)
}

/// Spreads the tables of a database over the servers of its cluster, as `docs/scale-out.md` says;
/// false where there is no cluster.
pub async fn distribute(url: &str) -> bool {
    let is_cluster = !cluster::workers(url).await.is_empty();
    if is_cluster {
        execute(url, include_str!("../../../docs/citus.sql")).await;
    }
    is_cluster
}

/// The address of a database that was not made.
pub fn not_there() -> String {
    url_of(&new_name())
}

/// Runs statements on a connection of their own.
pub async fn execute(url: &str, statements: &str) {
    let client = client(url).await;
    client.batch_execute(statements).await.unwrap();
}

/// A bare connection.
pub async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(async move { drop(connection.await) });
    client
}

fn url_of(database: &str) -> String {
    static SHARED: OnceLock<Server> = OnceLock::new();
    match std::env::var(GIVEN) {
        // Of the given address all but the database stands.
        Ok(given) => {
            let (start, query) = given.split_once('?').unwrap_or((&given, ""));
            let name = name_of(start);
            let start = start.strip_suffix(name).unwrap_or(start);
            format!("{start}{database}?{query}")
        }
        Err(_) => SHARED.get_or_init(Server::start).url(database),
    }
}

fn name_of(url: &str) -> &str {
    let url = url.split('?').next().unwrap_or(url);
    url.rsplit('/').next().unwrap_or(url)
}

fn new_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("waybill_test_{}_{number}", std::process::id())
}

/// The server refuses to run as root: as root its own user, made by its package, runs it.
fn unprivileged() -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() != b"0" {
        return Command::new("sh");
    }
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid=postgres",
        "--regid=postgres",
        "--clear-groups",
        "sh",
    ]);
    command
}

/// The folder of the newest version's programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(PROGRAMS).into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let programs = entry.path().join("bin");
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            (version >= OLDEST && programs.join("initdb").exists()).then_some((version, programs))
        })
        .max();
    let Some((_, programs)) = newest else {
        panic!(
            "these tests need PostgreSQL {OLDEST} or later in {}: `cargo xtask test` installs it; or name a server \
             in {GIVEN}",
            Path::new(PROGRAMS).display()
        );
    };
    programs
}
