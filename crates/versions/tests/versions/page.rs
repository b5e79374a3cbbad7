//! The page on versions is what the tables say.

use std::{fs, path::Path};

use waybill_versions::versions_page;

#[test]
fn the_page_on_versions_is_as_committed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api-versions.md");
    let page = versions_page();
    if std::env::var_os("WAYBILL_WRITE").is_some() {
        fs::write(&path, &page).expect("writable");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/api-versions.md is not what the tables say: run the tests with WAYBILL_WRITE=1"
    );
}
