//! Databases with our schema, on the server of the tests.

use tokio::sync::OnceCell;
use waybill_storage_postgres::PostgresStorage;
pub use waybill_test_postgres::{Server, client, empty, execute, not_there};

/// The address of a new database that has our schema.
pub async fn migrated() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let url = empty().await;
            drop(PostgresStorage::connect(&url).await.unwrap());
            waybill_test_postgres::distribute(&url).await;
            url
        })
        .await;
    waybill_test_postgres::copy_of(template).await
}
