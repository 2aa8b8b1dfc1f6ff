//! Pages of documentation that are made from the core's tables.

use crate::load::formerly;
use crate::render::plain::{range, shown};
use ktstr_core::{CodeInfo, FieldInfo, WORK_TYPES, WorkTypeInfo};
use std::fmt::Write as _;

/// All work types, as Markdown: what each does, its team, its arguments with their ranges and usual values.
pub fn work_types() -> String {
    let mut page = String::from("| type | team | what it does |\n| --- | --- | --- |\n");
    for info in &WORK_TYPES {
        let link = info.name.to_lowercase();
        let _ = writeln!(page, "| [{}](#{link}) | {} | {} |", info.name, team(info), info.doc);
    }
    for info in &WORK_TYPES {
        let _ = write!(page, "\n## {}\n\n{}\n\nTeam: {}.", info.name, info.doc, team(info));
        let measured = if info.wakes { " Times from wake-up to running are measured." } else { "" };
        let _ = writeln!(page, "{measured} In Rust: `{}`.", signature(info));
        if !info.fields.is_empty() {
            page.push_str("\n| argument | range | usually | what it is |\n| --- | --- | --- | --- |\n");
            info.fields.iter().for_each(|field| page.push_str(&row(field)));
        }
    }
    page
}

/// Arguments of work types that `ktstr` 0.50 calls otherwise, and work types of it that are not there, as the
/// Markdown tables of these headings.
pub fn moving() -> [(&'static str, String); 2] {
    [
        ("Arguments of work types", formerly::arguments_table()),
        ("Work types that are not there", formerly::types_table()),
    ]
}

/// Codes of errors, as Markdown: a table of all, and what there is to say of each.
pub fn codes(all: &[CodeInfo]) -> String {
    let mut page = String::from("| code | what it means |\n| --- | --- |\n");
    for CodeInfo { code, what, .. } in all {
        let _ = writeln!(page, "| [{code}](#{}) | {} |", code.to_lowercase(), plain(what));
    }
    for CodeInfo { code, name, what, cure, why, source, class } in all {
        let why = if why.is_empty() { String::new() } else { format!("{why} ") };
        let _ = write!(
            page,
            "\n## {code}\n\n`{name}`: {}.\n\n{why}{}\n\n- What to do: {}.\n- Where it comes from: {source}.\n",
            plain(what),
            class.text(),
            plain(cure)
        );
    }
    page
}

/// A text of a code with what differs from place to place left open.
pub fn plain(template: &str) -> String {
    let mut parts = template.split('{');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push('…');
        plain.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    plain
}

fn team(info: &WorkTypeInfo) -> String {
    match info.team {
        "1" => "alone".to_owned(),
        size => format!("{size} workers"),
    }
}

fn signature(info: &WorkTypeInfo) -> String {
    format!("WorkType::{}({})", info.constructor, info.parameters.join(", "))
}

fn row(field: &FieldInfo) -> String {
    let range = range(field.kind).unwrap_or_else(|| "any".to_owned());
    let usual = field.usual.map(|value| shown(field.kind, value)).unwrap_or_default();
    format!("| `{}` | {range} | {usual} | {} |\n", field.key, field.doc)
}
