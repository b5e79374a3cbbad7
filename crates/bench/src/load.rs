//! The load generator: raw HTTP/1.1 over kept connections.
//!
//! A closed loop sends the next request when the answer came. An open loop sends at an offered rate
//! whatever the server does, and its latencies count from when a request was meant to be sent: a
//! server that stalls cannot hide it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Most answers fit; a longer one makes its buffer grow once.
const BUFFER: usize = 64 * 1024;

/// What is sent: the n-th request, as bytes.
pub type Requests = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// How it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Connections.
    pub connections: usize,
    /// For how long.
    pub duration: Duration,
    /// Requests a second offered; a closed loop where none is.
    pub rate: Option<f64>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Latencies in microseconds, sorted.
    pub latencies: Vec<u32>,
}

impl Outcome {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// A percentile in microseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let position = self.latencies.len() * percent / 100;
        let last = self.latencies.len().saturating_sub(1);
        self.latencies
            .get(position.min(last))
            .map_or(0.0, |micros| f64::from(*micros))
    }
}

/// Sends requests from the number that `next` has reached on, and moves it.
pub async fn run(
    address: &str,
    requests: &Requests,
    next: &Arc<AtomicU64>,
    shape: Shape,
) -> Result<Outcome> {
    let begin = Instant::now();
    let first = next.load(Ordering::Relaxed);
    let mut tasks = JoinSet::new();
    for _ in 0..shape.connections {
        let mut connection = Connection::open(address).await?;
        let (requests, next) = (requests.clone(), next.clone());
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let meant = match shape.rate {
                    Some(rate) => begin + Duration::from_secs_f64((number - first) as f64 / rate),
                    None => Instant::now(),
                };
                if meant.duration_since(begin) >= shape.duration {
                    return Ok(latencies);
                }
                tokio::time::sleep_until(meant.into()).await;
                connection.exchange(&requests(number)).await?;
                latencies.push(meant.elapsed().as_micros() as u32);
            }
        });
    }
    let mut latencies = Vec::new();
    while let Some(task) = tasks.join_next().await {
        let task: Result<Vec<u32>> = task?;
        latencies.extend(task?);
    }
    latencies.sort_unstable();
    Ok(Outcome {
        elapsed: begin.elapsed(),
        latencies,
    })
}

/// A kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(BUFFER),
        })
    }

    /// Sends a request and reads its answer, which must be a success; the body.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut end = None;
        while end.is_none_or(|(_, end)| self.buffer.len() < end) {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
            if end.is_none() {
                end = head(&self.buffer)?;
            }
        }
        let (start, end) = end.unwrap_or_default();
        if !self.buffer.starts_with(b"HTTP/1.1 20") {
            let text = String::from_utf8_lossy(&self.buffer[..end.min(600)]).into_owned();
            bail!("a request was refused: {text}");
        }
        Ok(&self.buffer[start..end])
    }
}

/// Where the body begins and ends, once the head is there.
fn head(buffer: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..end])?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("an answer without a content length")?;
    let length: usize = length.1.trim().parse()?;
    Ok(Some((end + 4, end + 4 + length)))
}

/// A GET.
pub fn get(path: &str, key: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\nas-api-key: {key}\r\n\r\n").into_bytes()
}

/// Sends each request once, over so many connections.
pub async fn send_each(address: &str, connections: usize, requests: Vec<Vec<u8>>) -> Result<()> {
    let mut sending = JoinSet::new();
    for share in requests.chunks(requests.len().div_ceil(connections).max(1)) {
        let mut connection = Connection::open(address).await?;
        let share = share.to_vec();
        sending.spawn(async move {
            for request in &share {
                connection.exchange(request).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    Ok(())
}

/// A POST of JSON.
pub fn post(path: &str, key: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\nas-api-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
