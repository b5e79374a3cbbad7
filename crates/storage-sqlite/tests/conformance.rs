//! The stories every engine must live up to.

use std::{path::Path, sync::Arc};

use waybill_storage::{Storage, conformance::Engine};
use waybill_storage_sqlite::SqliteStorage;

struct Sqlite;

#[expect(
    clippy::unwrap_used,
    reason = "a story ends where its database cannot be had"
)]
#[async_trait::async_trait]
impl Engine for Sqlite {
    async fn fresh(&self, walk_budget_rows: usize) -> Arc<dyn Storage> {
        Arc::new(
            SqliteStorage::open_in_memory()
                .unwrap()
                .with_walk_budget(walk_budget_rows),
        )
    }

    async fn open_backup(&self, file: &Path) -> Option<Arc<dyn Storage>> {
        Some(Arc::new(SqliteStorage::open(file).unwrap()))
    }
}

waybill_storage::conformance_stories!(Sqlite);
