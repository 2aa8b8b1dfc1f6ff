//! `docs/operations.md` shows the core's table of operations.

use ktstr_core::{FieldInfo, FieldKind, FieldValue, OpInfo, OpKind};
use std::path::Path;

const HEAD: &str = "# Operations

Made by `KTSTR_BLESS=1 cargo test -p ktstr-tests --test operations_page` from the rows of
`ktstr-core/src/model/op/rows.rs`. The heading is what a scenario file calls it, as in
`{ op = \"freeze_cgroup\", cgroup = \"cell\" }`, and its constructor, as in `Op::freeze_cgroup(\"cell\")`.
What is legal when, `ktstr explain` says.

An operation that is one call to the kernel takes `fails = \"EBUSY\"`, in Rust `.fails(Errno::EBUSY)`: it has to fail with that
error at that place, changes nothing, and the run goes on; where it does not, the run ends there and fails. Of rules that
validation knows it knows the error too, and says so where another one is expected.
";

#[test]
fn the_page_of_operations_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let page: String = OpKind::ALL.into_iter().map(|kind| section(kind.info())).collect();
    let page = format!("{HEAD}{page}");
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/operations.md is out of date: run this test with KTSTR_BLESS=1");
}

fn section(info: &OpInfo) -> String {
    let mut text = format!("\n## `{}`\n\n{}\n", info.word, info.doc);
    if let Some((in_rust, at_runner)) = info.placed {
        let in_rust = format!("`Op::{in_rust}` and `Op::{at_runner}` in Rust");
        text += &format!("`{at_runner}` does the same in the runner's own cgroup; {in_rust}.\n");
    }
    if let Some(in_cgroup) = info.in_cgroup {
        text += &format!("In a cgroup it is `Op::{in_cgroup}` in Rust.\n");
    }
    if !info.controllers.is_empty() {
        text += &format!("Needs the controller {}.\n", info.controllers);
    }
    if info.fields.is_empty() {
        return text;
    }
    text += "\n| key | holds | |\n| --- | --- | --- |\n";
    text + &info.fields.iter().map(row).collect::<String>()
}

fn row(field: &FieldInfo) -> String {
    let key =
        if field.kind.has_own_keys() { "(its own keys)".to_owned() } else { format!("`{}`", field.key) };
    let open = match (field.required, field.usual) {
        (true, _) | (_, Some(FieldValue::Flag(false))) => String::new(),
        (false, Some(FieldValue::Time(usual))) => format!(", {usual:?} where not said"),
        _ => ", may be left out".to_owned(),
    };
    format!("| {key} | {}{open} | {} |\n", holds(field.kind), field.doc)
}

fn holds(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Time { .. } => "a time",
        FieldKind::Count { .. } => "a whole number",
        FieldKind::Number => "a number",
        FieldKind::Flag => "`true` or `false`",
        FieldKind::Word { .. } => "a word",
        FieldKind::Text => "a text",
        FieldKind::Texts => "a list of texts",
        FieldKind::Cgroup => "a cgroup that is there",
        FieldKind::NewCgroup => "the path of a new cgroup",
        FieldKind::Placement => "a cgroup, or the runner's",
        FieldKind::Cpuset => "CPUs",
        FieldKind::Affinity => "an affinity",
        FieldKind::Work => "a group of workers",
        FieldKind::Def => "a cgroup with limits and workers",
        FieldKind::FileCheck => "a file and what it has to say",
        FieldKind::Limits => "limits, as in a definition",
        FieldKind::Payload => "a payload",
        FieldKind::PayloadName => "the name of a payload that runs",
        FieldKind::Scheduler => "a scheduler",
        FieldKind::Tag => "a name in the report",
        FieldKind::Bytes => "a size",
        FieldKind::Nice => "a nice value",
        FieldKind::Policy => "a scheduling policy",
    }
}
