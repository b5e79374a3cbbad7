//! The stories every engine must live up to.

use std::{path::Path, sync::Arc};

use waybill_storage::{Storage, conformance::Engine};
use waybill_storage_postgres::PostgresStorage;

use crate::server;

struct Postgres;

#[async_trait::async_trait]
impl Engine for Postgres {
    async fn fresh(&self, walk_budget_rows: usize) -> Arc<dyn Storage> {
        let url = server::migrated().await;
        let storage = PostgresStorage::connect(&url).await.unwrap();
        Arc::new(storage.with_walk_budget(walk_budget_rows))
    }

    async fn open_backup(&self, _: &Path) -> Option<Arc<dyn Storage>> {
        None
    }
}

waybill_storage::conformance_stories!(Postgres);
