//! The database of a drill, and a look into it beside the server.

use std::{path::Path, sync::Arc};

use tokio::runtime::Runtime;
use waybill_storage::{EventRow, Storage};
use waybill_storage_postgres::PostgresStorage;
use waybill_storage_sqlite::SqliteStorage;

/// Where the data is.
#[derive(Debug, Clone)]
pub struct Database(String);

impl Database {
    /// A file in a folder.
    pub fn file(folder: &Path) -> Self {
        Self(format!("sqlite:{}", folder.join("waybill.db").display()))
    }

    /// An empty database on the PostgreSQL server that is shared by all of this program.
    pub fn postgres() -> Self {
        Self(runtime().block_on(waybill_test_postgres::empty()))
    }

    /// One that is there.
    pub fn at(url: &str) -> Self {
        Self(url.to_owned())
    }

    /// Its address, as the binary takes it.
    pub fn url(&self) -> &str {
        &self.0
    }

    /// The events of its first organization, as they come.
    pub fn feed(&self) -> Feed {
        let runtime = runtime();
        let storage = runtime.block_on(self.open());
        Feed {
            runtime,
            storage,
            events: Vec::new(),
        }
    }

    /// Opens it beside whoever else has it open.
    pub async fn open(&self) -> Arc<dyn Storage> {
        match self.0.strip_prefix("sqlite:") {
            Some(file) => Arc::new(SqliteStorage::open(Path::new(file)).unwrap()),
            None => Arc::new(PostgresStorage::connect(&self.0).await.unwrap()),
        }
    }
}

/// All events so far.
pub struct Feed {
    // Before its runtime: it ends its tasks there.
    storage: Arc<dyn Storage>,
    runtime: Runtime,
    /// In their order.
    pub events: Vec<EventRow>,
}

impl Feed {
    /// Reads what came since.
    pub fn read_on(&mut self) {
        let (storage, events) = (&self.storage, &mut self.events);
        self.runtime.block_on(async {
            let organization = storage.organizations().await.unwrap()[0].id;
            loop {
                let after = events.last().map_or(0, |event| event.sequence);
                let page = storage.events_after(organization, after, 1_000);
                let page = page.await.unwrap();
                if page.is_empty() {
                    return;
                }
                events.extend(page);
            }
        });
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}
