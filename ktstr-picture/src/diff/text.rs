//! The difference of two runs as people read it in a terminal.

use super::{Diff, Pair, Parting, line};
use ktstr_file::report::terminal::harmless_line;
use ktstr_file::report::text::table;
use std::fmt::Write as _;

/// How many rows of a table are shown.
const ROWS: usize = 40;

impl Diff {
    /// The difference as plain text, with a newline at the end. Nothing in it acts on a terminal.
    pub fn text(&self) -> String {
        let mut out = pairs("they ran on", &self.circumstances);
        match (&self.done, &self.measured) {
            (None, None) => out.push_str("\nall actions are the same, with all times and measurements\n"),
            (None, Some(measured)) => {
                out.push_str("\nthe same was done with the same ends");
                parting(&mut out, "; times or measurements differ first at action", measured);
            }
            (Some(done), measured) => {
                parting(&mut out, "\nwhat was done differs first at action", done);
                if let Some(measured) = measured.as_ref().filter(|measured| measured.seq < done.seq) {
                    parting(&mut out, "\ntimes or measurements differ before, at action", measured);
                }
            }
        }
        out.push_str(&pairs("checks", &self.checks));
        out.push_str(&pairs("cgroups", &self.figures));
        out.trim_start().to_owned()
    }
}

/// The actions around a place, those of both runs below each other where they differ.
fn parting(out: &mut String, what: &str, parting: &Parting) {
    let _ = writeln!(out, "{what} {}:", parting.seq);
    for event in &parting.one[..parting.at.min(parting.one.len())] {
        let _ = writeln!(out, "       {}", harmless_line(&line(event)));
    }
    for (name, events) in [("A", &parting.one), ("B", &parting.other)] {
        let shown = events.get(parting.at).map_or("the end".to_owned(), line);
        let _ = writeln!(out, "    {name}  {}", harmless_line(&shown));
    }
}

fn pairs(what: &str, pairs: &[Pair]) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let mut rows = vec![[what, "A", "B"].map(str::to_owned)];
    rows.extend(
        pairs.iter().take(ROWS).map(|pair| [pair.what.clone(), pair.one.clone(), pair.other.clone()]),
    );
    let more = pairs.len().saturating_sub(ROWS);
    let more = if more > 0 { format!("and {more} more\n") } else { String::new() };
    format!("\n{}{more}", table(&rows))
}
