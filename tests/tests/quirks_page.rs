//! `docs/quirks.md` shows the mock's own table of what kernels do differently.

use std::path::Path;

#[test]
fn the_page_of_quirks_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/quirks.md");
    let page = format!(
        "# What kernels do differently\n\nMade by `KTSTR_BLESS=1 cargo test -p ktstr-tests --test quirks_page` from \
         `ktstr_mock::quirks`. What is\nmodelled the mock does, by a switch where kernels differ; from what is not, \
         comparisons keep away, or count it by its\nname.\n\n{}",
        ktstr_mock::quirks::markdown()
    );
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/quirks.md is out of date: run this test with KTSTR_BLESS=1");
}
