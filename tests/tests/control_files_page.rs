//! `docs/control-files.md` shows the core's table of control files, as a reader of files and of Rust sees it.

use std::path::Path;

#[test]
fn the_page_of_control_files_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/control-files.md");
    let page = ktstr_file::control_files_page();
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/control-files.md is out of date: run this test with KTSTR_BLESS=1");
    for knob in ktstr_core::Knob::ALL {
        assert!(page.contains(&format!("\n## `{}`\n", knob.key())), "{} is not on the page", knob.key());
    }
}
