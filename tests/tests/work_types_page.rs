//! `docs/work-types.md` shows the core's own table of work types.

use ktstr_core::WORK_TYPES;
use std::path::Path;

#[test]
fn the_page_of_work_types_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/work-types.md");
    let page = format!(
        "# Work types\n\nMade by `KTSTR_BLESS=1 cargo test -p ktstr-tests --test work_types_page` from \
         `ktstr_core::WORK_TYPES`. In a scenario\nfile a work type is its name, as in `work_type = \"Bursty\"`, or a table \
         of its name and arguments, as in\n`work_type = {{ type = \"Bursty\", burst = \"5ms\" }}`; an argument that is not \
         given has its usual value. The number of\nworkers of a group has to be a multiple of the team.\n\n{}",
        ktstr_file::pages::work_types()
    );
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/work-types.md is out of date: run this test with KTSTR_BLESS=1");
}

#[test]
fn the_page_has_every_work_type_and_argument() {
    let page = ktstr_file::pages::work_types();
    for info in &WORK_TYPES {
        let section = page.split(&format!("\n## {}\n", info.name)).nth(1).expect("a section");
        let section = section.split("\n## ").next().expect("its text");
        assert!(section.contains(info.doc) && section.contains(info.constructor), "{section}");
        for field in info.fields {
            assert!(
                section.contains(&format!("| `{}` |", field.key)) && section.contains(field.doc),
                "{section}"
            );
        }
    }
}
