//! `cargo xtask measure`: what a release build costs: start, idle memory, bytes per durable create.
//!
//! Figures are printed, never asserted: the machine is shared and noisy.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::execute;

/// Starts measured.
const STARTS: usize = 5;
/// How long the server is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(3);
/// Creates measured, and the connections that make them.
const CREATES: usize = 16_000;
const CONNECTIONS: usize = 64;
/// The clock tick of /proc on Linux.
const MICROSECONDS_PER_TICK: u64 = 10_000;
/// What a single node does.
const ALL_ROLES: &str = "api,web,workers";
/// The key of the throw-away server.
const KEY: &str = "measure-key";

/// A server on a throw-away folder, killed when dropped.
struct Server {
    child: Child,
    address: String,
    started_in: Duration,
}

impl Server {
    fn start(binary: &Path, folder: &Path, roles: &str) -> Result<Self> {
        let begin = Instant::now();
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--roles", roles])
            .env("WAYBILL_BOOTSTRAP_API_KEY", KEY)
            .env("RUST_LOG", "error")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the server")?;
        let stdout = child.stdout.take().context("the server has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix("listening on http://") else {
            bail!("the server said {line:?}");
        };
        Ok(Self {
            address: address.to_owned(),
            started_in: begin.elapsed(),
            child,
        })
    }

    fn status(&self, name: &str) -> Result<u64> {
        number_in(
            &fs::read_to_string(format!("/proc/{}/status", self.child.id()))?,
            name,
        )
    }

    fn written(&self) -> Result<u64> {
        number_in(
            &fs::read_to_string(format!("/proc/{}/io", self.child.id()))?,
            "write_bytes:",
        )
    }

    fn cpu_ticks(&self) -> Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit_once(')').context("no stat")?.1;
        let mut fields = after_name.split_whitespace().skip(11);
        let mut next = || {
            fields
                .next()
                .and_then(|field| field.parse::<u64>().ok())
                .unwrap_or_default()
        };
        Ok(next() + next())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.kill().is_ok() && self.child.wait().is_err() {
            eprintln!("the server could not be waited for");
        }
    }
}

/// The task.
#[expect(clippy::print_stdout, reason = "this is what the task is for")]
pub(crate) fn run() -> Result<()> {
    execute("cargo", &["build", "--release", "--package", "waybill"])?;
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let binary = fs::canonicalize(Path::new(&target).join("release/waybill"))?;

    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let folder = tempfile::tempdir()?;
        starts.push(Server::start(&binary, folder.path(), ALL_ROLES)?.started_in);
    }
    starts.sort();
    println!(
        "start on an empty folder    {:?} (median of {STARTS})",
        starts[STARTS / 2]
    );

    let folder = tempfile::tempdir()?;
    let server = Server::start(&binary, folder.path(), ALL_ROLES)?;
    thread::sleep(IDLE);
    println!(
        "idle memory (VmRSS)         {} KiB",
        server.status("VmRSS:")?
    );
    println!(
        "  of it anonymous           {} KiB",
        server.status("RssAnon:")?
    );
    drop(server);

    measure_creates(&binary, "api", "alone (no workers)")?;
    measure_creates(&binary, ALL_ROLES, "each with its first poll")?;
    Ok(())
}

/// Creates on an empty database: what they take and what they write, until the log is copied.
#[expect(clippy::print_stdout, reason = "this is what the task is for")]
fn measure_creates(binary: &Path, roles: &str, what: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(binary, folder.path(), roles)?;
    let (written, ticks, begin) = (server.written()?, server.cpu_ticks()?, Instant::now());
    create_many(&server.address)?;
    let elapsed = begin.elapsed();
    // What was written stays in the log until a checkpoint copies it: both count.
    thread::sleep(IDLE);
    let written = server.written()? - written;
    let ticks = server.cpu_ticks()? - ticks;
    let per = |total: u64| total / CREATES as u64;
    println!("durable creates, {what}");
    println!(
        "  rate                      {:.0}/s by {CONNECTIONS} connections",
        CREATES as f64 / elapsed.as_secs_f64()
    );
    println!(
        "  bytes written each        {} (write_bytes of /proc)",
        per(written)
    );
    println!(
        "  CPU each                  {} µs",
        per(ticks * MICROSECONDS_PER_TICK)
    );
    println!(
        "  memory afterwards (VmRSS) {} KiB",
        server.status("VmRSS:")?
    );
    Ok(())
}

fn number_in(text: &str, name: &str) -> Result<u64> {
    let line = text
        .lines()
        .find(|line| line.starts_with(name))
        .context("no such line")?;
    let word = line.split_whitespace().nth(1).context("no value")?;
    Ok(word.parse()?)
}

fn create_many(address: &str) -> Result<()> {
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|worker| {
            let address = address.to_owned();
            thread::spawn(move || create_some(&address, worker))
        })
        .collect();
    for worker in workers {
        match worker.join() {
            Ok(done) => done?,
            Err(_) => bail!("a connection's thread broke"),
        }
    }
    Ok(())
}

fn create_some(address: &str, worker: usize) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    for index in 0..CREATES / CONNECTIONS {
        let body = serde_json::json!({
            "tracking_number": format!("ITOD-20-{worker:03}{index:06}"),
            "slug": "testing-courier",
            "title": "Measured parcel",
            "order_id": format!("order-{worker}-{index}"),
        })
        .to_string();
        let request = format!(
            "POST /tracking/2026-07/trackings HTTP/1.1\r\nhost: {address}\r\nas-api-key: {KEY}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let head = read_answer(&mut stream)?;
        if !head.starts_with("HTTP/1.1 201") {
            bail!("a create was refused: {head}");
        }
    }
    Ok(())
}

/// Reads one answer with a content length; its head is handed back.
fn read_answer(stream: &mut TcpStream) -> Result<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut chunk)? {
            0 => bail!("the server closed the connection"),
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|value| value.trim().to_owned())
        })
        .context("the answer has no content length")?;
    let mut missing = (end + length.parse::<usize>()?).saturating_sub(bytes.len());
    while missing > 0 {
        let wanted = missing.min(chunk.len());
        match stream.read(&mut chunk[..wanted])? {
            0 => bail!("the server closed the connection"),
            read => missing -= read,
        }
    }
    Ok(head)
}
