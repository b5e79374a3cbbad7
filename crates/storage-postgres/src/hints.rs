//! Hints between nodes, by LISTEN and NOTIFY.
//!
//! Only hints: a node that hears none looks by itself. They have a connection of their own and are sent
//! after the commit they tell of, not within it: a NOTIFY makes commits wait for each other.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tokio_postgres::{Client, Notification};
use waybill_storage::Hint;

use crate::{
    failure::{Failure, Result},
    session::CONNECT_WITHIN,
    setup::Setup,
};

/// Where hints go; the payload is the kind.
const CHANNEL: &str = "waybill";
/// From one hint to the next of a node: what comes in between is told together.
const NOT_OFTENER: Duration = Duration::from_millis(50);
/// Until the connection is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Tells and hears hints. Its task begins with the first call, and ends with this.
pub struct Hints {
    setup: Setup,
    ends: Arc<Ends>,
    task: OnceLock<tokio::task::JoinHandle<()>>,
}

/// What was told here and heard from others.
#[derive(Default)]
struct Ends {
    told: [Notify; KINDS.len()],
    heard: [Notify; KINDS.len()],
}

/// The kinds and their payloads.
const KINDS: [(Hint, &str); 2] = [(Hint::Jobs, "jobs"), (Hint::Nodes, "nodes")];

impl Ends {
    /// Another node told of this kind.
    fn hear(&self, kind: &str) {
        for ((_, name), heard) in KINDS.iter().zip(&self.heard) {
            if *name == kind {
                heard.notify_one();
            }
        }
    }
}

impl Hints {
    /// Over connections like this.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            ends: Arc::default(),
            task: OnceLock::new(),
        }
    }

    /// Tells the other nodes, soon.
    pub fn tell(&self, hint: Hint) {
        self.start();
        self.ends.told[place(hint)].notify_one();
    }

    /// Waits until another node tells of this; one that came before is not lost.
    pub async fn hear(&self, hint: Hint) {
        self.start();
        self.ends.heard[place(hint)].notified().await;
    }

    fn start(&self) {
        self.task.get_or_init(|| {
            let (setup, ends) = (self.setup.clone(), self.ends.clone());
            tokio::spawn(async move {
                loop {
                    if let Err(error) = exchange(&setup, &ends).await {
                        tracing::debug!(%error, "no hints from other nodes for now");
                    }
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            })
        });
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

/// Over one connection, until it ends.
async fn exchange(setup: &Setup, ends: &Arc<Ends>) -> Result<()> {
    let own = Arc::new(AtomicI32::new(0));
    let hear = {
        let (ends, own) = (ends.clone(), own.clone());
        move |notification: &Notification| {
            // What this node tells it hears itself, too.
            if notification.process_id() != own.load(Ordering::Relaxed) {
                ends.hear(notification.payload());
            }
        }
    };
    let connecting = setup.connect_and_hear(hear);
    let (client, connection) = tokio::time::timeout(CONNECT_WITHIN, connecting)
        .await
        .unwrap_or(Err(Failure::Late))?;
    tokio::select! {
        told = tell(&client, ends, &own) => told,
        _ = connection => Ok(()),
    }
}

async fn tell(client: &Client, ends: &Ends, own: &AtomicI32) -> Result<()> {
    let row = client.query_one("SELECT pg_backend_pid()", &[]).await?;
    own.store(row.try_get(0)?, Ordering::Relaxed);
    client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
    let [jobs, nodes] = &ends.told;
    loop {
        let kind = tokio::select! {
            () = jobs.notified() => Hint::Jobs,
            () = nodes.notified() => Hint::Nodes,
        };
        client.batch_execute(&statement(kind)).await?;
        tokio::time::sleep(NOT_OFTENER).await;
    }
}

/// The statement that tells all nodes.
pub fn statement(hint: Hint) -> String {
    let (_, name) = KINDS[place(hint)];
    format!("NOTIFY {CHANNEL}, '{name}'")
}

fn place(hint: Hint) -> usize {
    usize::from(hint == Hint::Nodes)
}
