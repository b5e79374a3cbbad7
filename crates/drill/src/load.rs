//! Creates over HTTP from several threads, and what was promised to them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use serde_json::json;

use crate::{KEY, send, text};

/// Where trackings are made.
const TRACKINGS: &str = "/tracking/2026-07/trackings";

/// What callers were told so far.
#[derive(Debug, Default, Clone)]
pub struct Told {
    /// The ids of creates that were answered with 201.
    pub promised: Vec<String>,
    /// How many were answered 503.
    pub unavailable: usize,
    /// Of those, how many said when to come again.
    pub with_retry_after: usize,
    /// Connections that broke.
    pub broken: usize,
}

/// Threads that create trackings until they are stopped.
pub struct Load {
    off: Arc<AtomicBool>,
    told: Arc<Mutex<Told>>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts them on an address; each makes at most so many, and numbers contain the name. The
    /// parcels are delivered within two of the testing courier's minutes.
    pub fn start(address: &str, threads: usize, most: u64, name: &str) -> Self {
        let (off, told) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Told>>::default());
        let start = |thread: usize| {
            let address = address.to_owned();
            let (off, told) = (off.clone(), told.clone());
            let name = format!("D-1-{name}T{thread}");
            std::thread::spawn(move || {
                for count in 0..most {
                    if off.load(Ordering::Relaxed) {
                        return;
                    }
                    create(&address, &format!("{name}N{count}"), &told);
                }
            })
        };
        Self {
            threads: (0..threads).map(start).collect(),
            off,
            told,
        }
    }

    /// What was told so far.
    pub fn told(&self) -> Told {
        lock(&self.told).clone()
    }

    /// Stops; what was told.
    pub fn stop(self) -> Told {
        self.off.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        lock(&self.told).clone()
    }
}

/// A connection that breaks promised nothing.
fn create(address: &str, number: &str, told: &Mutex<Told>) {
    let body = json!({"tracking_number": number});
    let headers = [("as-api-key", KEY)];
    let answer = send(address, "POST", TRACKINGS, &headers, Some(&body));
    let mut told = lock(told);
    match answer {
        Ok(answer) if answer.status == 503 => {
            told.unavailable += 1;
            told.with_retry_after += usize::from(answer.header("retry-after").is_some());
        }
        Ok(answer) => told.promised.push(text(&answer.data(201)["id"]).to_owned()),
        Err(_) => told.broken += 1,
    }
}

fn lock(told: &Mutex<Told>) -> std::sync::MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}
