//! A courier on loopback that takes its time, and counts.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::waiting::config;

/// Its slug.
pub const SLOW_COURIER: &str = "slow-courier";
const READ: &str = r#"{shipments: [{number: .body.number, checkpoints: [
  {time: "2026-01-05T10:00:00Z", code: "D", message: "Delivered", location: "Here"}]}]}"#;

/// Answers every number as delivered, after a while.
#[derive(Clone)]
pub struct SlowCourier {
    address: String,
    takes: Duration,
    seen: Arc<Mutex<Seen>>,
}

/// What it saw.
#[derive(Default)]
struct Seen {
    at_once: usize,
    most_at_once: usize,
    asked_at: Vec<Instant>,
    by_number: BTreeMap<String, usize>,
    refuses: Option<u32>,
}

impl SlowCourier {
    /// One that takes this long to answer.
    pub fn start(takes: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let courier = Self {
            address: listener.local_addr().unwrap().to_string(),
            takes,
            seen: Arc::default(),
        };
        let this = courier.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let this = this.clone();
                thread::spawn(move || this.serve(&stream));
            }
        });
        courier
    }

    /// Writes its folder below the folder of a server; the whole configuration of a server that asks it.
    pub fn install(&self, folder: &Path, requests_per_second: f64, concurrency: u32) -> String {
        let couriers = folder.join("my-couriers");
        let own = couriers.join(SLOW_COURIER);
        std::fs::create_dir_all(&own).unwrap();
        let definition = format!(
            "slug = \"{SLOW_COURIER}\"\nname = \"Slow Courier\"\nevidence = \"guessed\"\n\n[connection]\n\
             authentication = {{ kind = \"none\" }}\nrequests_per_second = {requests_per_second:?}\n\
             concurrency = {concurrency}\ntimeout_seconds = 20\n"
        );
        let request =
            r#"{method: "GET", url: ("http://slow.example/track/" + (.query.number | @uri))}"#;
        for (name, text) in [
            ("courier.toml", definition.as_str()),
            ("request.jq", request),
            ("read.jq", READ),
            (
                "statuses.csv",
                "field,code,sub_status,events\ncode,D,Delivered_001,\n",
            ),
        ] {
            std::fs::write(own.join(name), text).unwrap();
        }
        format!(
            "couriers_dir = \"{}\"\n{}[couriers.{SLOW_COURIER}]\nbase_url = \"http://{}\"\n",
            couriers.display(),
            config(60.0),
            self.address
        )
    }

    /// The most requests that were under way at once, and how many came in the busiest second.
    pub fn peaks(&self) -> (usize, usize) {
        let seen = self.lock();
        let times = &seen.asked_at;
        let in_a_second = (0..times.len()).map(|first| {
            let rest = times[first..].iter();
            rest.take_while(|at| at.duration_since(times[first]) < Duration::from_secs(1))
                .count()
        });
        (seen.most_at_once, in_a_second.max().unwrap_or_default())
    }

    /// How often it was asked for each number.
    pub fn by_number(&self) -> BTreeMap<String, usize> {
        self.lock().by_number.clone()
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.lock().asked_at.len()
    }

    /// From now on asks for patience of so many seconds, or answers again.
    pub fn refuse(&self, seconds: Option<u32>) {
        self.lock().refuses = seconds;
    }

    fn serve(&self, stream: &TcpStream) {
        let (mut requests, mut answers) = (BufReader::new(stream), stream);
        // A kept connection brings one request after the other.
        while let Some(number) = asked_number(&mut requests) {
            let refuses = {
                let mut seen = self.lock();
                seen.at_once += 1;
                seen.most_at_once = seen.most_at_once.max(seen.at_once);
                seen.asked_at.push(Instant::now());
                *seen.by_number.entry(number.clone()).or_default() += 1;
                seen.refuses
            };
            let answer = if let Some(seconds) = refuses {
                format!(
                    "HTTP/1.1 429 Patience\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\r\n"
                )
            } else {
                thread::sleep(self.takes);
                let body = format!(r#"{{"number":"{number}"}}"#);
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                )
            };
            self.lock().at_once -= 1;
            if answers.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number in the path of the next request, which has no body.
fn asked_number(requests: &mut impl BufRead) -> Option<String> {
    let mut number = None;
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim_end().is_empty() {
            return number;
        }
        if number.is_none() {
            let path = line.split(' ').nth(1)?;
            number = Some(path.rsplit('/').next()?.to_owned());
        }
    }
}
