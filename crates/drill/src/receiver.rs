//! A receiver of webhooks with answers that a test sets.

use std::{
    collections::{BTreeMap, HashSet},
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use serde_json::Value;

/// One request as it came, byte by byte.
#[derive(Debug, Clone)]
pub struct Received {
    /// Path of the URL.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
    /// What was answered.
    pub answered: u16,
}

impl Received {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// `msg.tag`.
    pub fn tag(&self) -> String {
        self.json()["msg"]["tag"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// `msg.tracking_number`.
    pub fn number(&self) -> String {
        self.json()["msg"]["tracking_number"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// `event_id`.
    pub fn event_id(&self) -> String {
        self.json()["event_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// An event that was told, perhaps more than once.
#[derive(Debug, Clone)]
pub struct ToldEvent {
    /// How often.
    pub times: usize,
    /// The first body.
    pub body: Vec<u8>,
    /// Whether all later ones were the same.
    pub is_same: bool,
}

type Decide = Box<dyn FnMut(&Received) -> u16 + Send>;

/// Listens on a port of its own until the test ends.
#[derive(Clone)]
pub struct Receiver {
    address: String,
    state: Arc<Mutex<State>>,
}

struct State {
    received: Vec<Received>,
    told: BTreeMap<String, ToldEvent>,
    decide: Decide,
}

impl Receiver {
    /// One that takes everything.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = State {
            received: Vec::new(),
            told: BTreeMap::new(),
            decide: Box::new(|_| 200),
        };
        let receiver = Self {
            address,
            state: Arc::new(Mutex::new(state)),
        };
        let this = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let this = this.clone();
                thread::spawn(move || this.serve(stream));
            }
        });
        receiver
    }

    /// Sets how requests are answered from now on.
    pub fn answer(&self, decide: impl FnMut(&Received) -> u16 + Send + 'static) {
        self.lock().decide = Box::new(decide);
    }

    /// Where webhooks are sent.
    pub fn url(&self) -> String {
        format!("http://{}/webhook", self.address)
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// What it took of each event, by the event's id.
    pub fn told(&self) -> BTreeMap<String, ToldEvent> {
        self.lock().told.clone()
    }

    /// Which events it took.
    pub fn told_ids(&self) -> HashSet<String> {
        self.lock().told.keys().cloned().collect()
    }

    /// The updates of a tracking number, refused ones included.
    pub fn updates_of(&self, number: &str) -> Vec<Received> {
        self.received()
            .into_iter()
            .filter(|received| received.number() == number)
            .collect()
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(mut request) = read(&mut stream) else {
            return;
        };
        let status = {
            let mut state = self.lock();
            request.answered = (state.decide)(&request);
            let status = request.answered;
            if status < 300 {
                state.note(&request);
            }
            state.received.push(request);
            status
        };
        let answer =
            format!("HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
        // A sender that was killed meanwhile does not hear it.
        let _ = stream.write_all(answer.as_bytes());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn note(&mut self, request: &Received) {
        let told = self.told.entry(request.event_id());
        told.and_modify(|told| {
            told.times += 1;
            told.is_same &= told.body == request.body;
        })
        .or_insert_with(|| ToldEvent {
            times: 1,
            body: request.body.clone(),
            is_same: true,
        });
    }
}

/// A whole request, or nothing if the connection breaks.
fn read(stream: &mut TcpStream) -> Option<Received> {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    let head_length = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_length]).into_owned();
    let path = head.split(' ').nth(1)?.to_owned();
    let headers: Vec<(String, String)> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")?
        .1
        .parse::<usize>()
        .ok()?;
    while bytes.len() < head_length + length {
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
    Some(Received {
        path,
        headers,
        body: bytes[head_length..].to_vec(),
        answered: 0,
    })
}
