//! `docs/codes.md` shows all codes of errors, as `ktstr explain` does.

use ktstr_file::pages::codes;
use std::path::Path;

const HEAD: &str = "# Codes of errors

Made by `KTSTR_BLESS=1 cargo test -p ktstr-tests --test codes_page` from the rules, faults and codes of the crates;
`ktstr explain CODE` says the same. What differs from place to place is left open: …

";

#[test]
fn the_page_of_codes_is_current() {
    let vm = ktstr_vm::error::VmCode::ALL.map(|code| *code.info());
    let all: Vec<_> = ktstr_file::codes().chain(vm).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/codes.md");
    let page = format!("{HEAD}{}", codes(&all));
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/codes.md is out of date: run this test with KTSTR_BLESS=1");
    assert!(all.is_sorted_by(|one, other| one.code[..1] != other.code[..1] || one.code < other.code));
}
