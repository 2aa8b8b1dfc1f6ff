//! The page of control files, out of the core's table of them.

use crate::render::knobs;
use ktstr_core::{Bound, Controller, Knob, KnobInfo, KnobKind, OutOfRange};
use std::fmt::Write;

const HEAD: &str = "# Control files\n\n\
    Made by `KTSTR_BLESS=1 cargo test -p ktstr-tests --test control_files_page` from the table in\n\
    `ktstr-core/src/model/knob/table.rs`. These are the keys of a cgroup that are written to a control file of it, in the\n\
    order in which they are written. A value out of range is refused before a run, with the code that is shown.\n";

/// `docs/control-files.md`: each control file that a scenario can set.
pub fn control_files_page() -> String {
    let mut page = HEAD.to_owned();
    for knob in Knob::ALL {
        entry(&mut page, knob.info());
    }
    page
}

fn entry(page: &mut String, info: &KnobInfo) {
    let KnobInfo { key, file, doc, since: (major, minor), .. } = *info;
    let owner = info.controller.map_or("every cgroup", Controller::name);
    _ = write!(page, "\n## `{key}`\n\n{doc}\n\n");
    _ = writeln!(page, "- file `{file}` ({owner}), since Linux {major}.{minor}");
    _ = writeln!(page, "- takes {}", takes(info.kind));
    for bound in info.bounds {
        _ = writeln!(page, "- {}", range(bound, info.kind));
    }
    let (example, clear) = (knobs::toml(info.knob, info.example), knobs::toml(info.knob, info.clear));
    let call = knobs::rust(info.knob, info.example);
    _ = writeln!(page, "- as in `{key} = {example}`, in Rust `{call}`");
    _ = writeln!(page, "- a new cgroup has `{clear}`");
    if !info.along.is_empty() {
        let along: Vec<_> = info.along.iter().map(|knob| format!("`{}`", knob.file())).collect();
        _ = writeln!(page, "- written along, if only to what a new cgroup has: {}", along.join(", "));
    }
    _ = writeln!(page, "- kernel: {}", info.source);
}

const fn takes(kind: KnobKind) -> &'static str {
    match kind {
        KnobKind::Cpus => "a list of CPUs, or a table that describes them",
        KnobKind::Nodes => "a list of memory nodes",
        KnobKind::Number => "a whole number",
        KnobKind::Flag => "`true` or `false`",
        KnobKind::Bytes => "a size; the kernel keeps whole pages",
        KnobKind::BytesOrMax => "a size or `\"max\"`; the kernel keeps whole pages",
        KnobKind::CountOrMax => "a whole number or `\"max\"`",
        KnobKind::Bandwidth => "`\"max\"`, percent of one CPU, or time and period",
    }
}

fn range(bound: &Bound, kind: KnobKind) -> String {
    let unit = match kind {
        KnobKind::Bytes | KnobKind::BytesOrMax => " bytes",
        KnobKind::Bandwidth => " us",
        KnobKind::Cpus | KnobKind::Nodes | KnobKind::Number | KnobKind::Flag | KnobKind::CountOrMax => "",
    };
    let mut codes: Vec<_> =
        [bound.below, bound.above].into_iter().flatten().map(|rule| rule.code()).collect();
    codes.dedup();
    let kernel = match bound.kernel {
        OutOfRange::Refused(errno) => format!("the kernel answers {errno}"),
        OutOfRange::Unlimited => "the kernel takes what is larger as no limit".to_owned(),
    };
    let part = if bound.part.is_empty() { "range" } else { bound.part };
    format!("{part}: {} to {}{unit} (`{}`); beyond, {kernel}", bound.least, bound.most, codes.join("`, `"))
}
