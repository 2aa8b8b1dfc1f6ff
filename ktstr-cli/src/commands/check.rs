//! `ktstr check`: all that is wrong with scenario files.

use crate::args::{Check, Format};
use crate::exit::{Exit, Failure};
use crate::judged::read;
use crate::output::out;
use crate::suite::files;
use ktstr_core::{Note, Requirements, Topology};
use ktstr_file::report::text::counted;
use ktstr_file::{FileCheck, NoteEntry, Place};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &Check) -> Result<Exit, Failure> {
    let topology = args.topology.map(|topology| topology.resolve()).transpose()?;
    let files = files(&args.files)?;
    let results: Vec<_> = files.iter().map(|path| (path, check(path, topology.as_ref()))).collect();
    match args.format {
        Format::Text => {
            for (path, result) in &results {
                match result {
                    Ok(good) => out(&good.text(path))?,
                    Err(failure) => failure.tell(),
                }
            }
        }
        Format::Json => out(&as_json(&results))?,
    }
    Ok(results
        .iter()
        .filter_map(|(_, result)| result.as_ref().err())
        .fold(Exit::Pass, |exit, failure| exit.and(failure.exit)))
}

/// What there is to say of a good file.
struct Good {
    /// What it needs.
    needs: String,
    /// What it says that has no effect or cannot be missed, with the line and column that is meant.
    notes: Vec<(Place, NoteEntry)>,
}

impl Good {
    fn text(&self, path: &Path) -> String {
        let path = path.display();
        let mut text = format!("{path}: ok, {}\n", self.needs);
        for (place, NoteEntry { code, site, message, cure }) in &self.notes {
            let at = format!("{path}:{}:{}", place.line, place.column);
            text.push_str(&format!("{at}: note [{code}] {message}; {cure} ({site})\n"));
        }
        text
    }
}

fn as_json(results: &[(&PathBuf, Result<Good, Failure>)]) -> String {
    let entries: Vec<_> = results
        .iter()
        .map(|(path, result)| {
            let file = path.display().to_string();
            match result {
                Ok(Good { needs, notes }) => {
                    let notes = notes.iter().map(|(_, note)| note.clone()).collect();
                    FileCheck { file, valid: true, note: needs.clone(), problems: Vec::new(), notes }
                }
                Err(Failure { message, problems, .. }) => {
                    let note = if problems.is_empty() { message.clone() } else { String::new() };
                    FileCheck { file, valid: false, note, problems: problems.clone(), notes: Vec::new() }
                }
            }
        })
        .collect();
    FileCheck::to_json(&entries)
}

/// Judges one file; answers what there is to say about a good one.
fn check(path: &Path, topology: Option<&Topology>) -> Result<Good, Failure> {
    let file = read(path)?;
    let topology = topology.copied().or_else(|| file.topology());
    let needs = in_words(&file.judge(topology.as_ref())?);
    let scenario = file.scenario();
    let permits: Vec<_> = scenario.permit.iter().map(|kind| kind.code()).collect();
    let permits =
        if permits.is_empty() { String::new() } else { format!("; permits {}", permits.join(", ")) };
    let skipped = topology.and_then(|machine| scenario.needs.lack_of(&machine));
    let permits =
        skipped.map_or(permits.clone(), |lack| format!("{permits}; skipped on this machine: {lack}"));
    let placed = |note: &Note<'_>| (file.loaded().place(note.site), NoteEntry::from(note));
    let notes = file.notes(topology.as_ref()).iter().map(placed).collect();
    let needs = if scenario.backdrop.is_empty() && scenario.steps.is_empty() {
        "but nothing happens in it: it has neither backdrop nor steps".to_owned()
    } else if topology.is_none() {
        format!("needs {needs}{permits}; held against no machine, --topology names one")
    } else {
        format!("needs {needs}{permits}")
    };
    Ok(Good { needs, notes })
}

/// What a run needs, as a list.
fn in_words(needs: &Requirements) -> String {
    let some = |count: u32, one, several| (count > 0).then(|| counted(u64::from(count), one, several));
    let mut parts: Vec<String> = [
        some(needs.cgroups, "cgroup", "cgroups"),
        some(needs.groups, "group of workers", "groups of workers"),
        some(needs.payloads, "payload", "payloads"),
        some(needs.irqs, "interrupt", "interrupts"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !needs.controllers.is_empty() {
        parts.push(format!("controllers {}", needs.controllers));
    }
    if needs.privileged {
        parts.push("root".to_owned());
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A scenario file that goes with the test.
    struct Written(PathBuf);

    impl Written {
        fn new(name: &str, text: &str) -> Self {
            let path = std::env::temp_dir().join(format!("ktstr-check-{}-{name}.toml", std::process::id()));
            std::fs::write(&path, text).expect("written");
            Self(path)
        }
    }

    impl Drop for Written {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[test]
    fn errors_of_meaning_do_not_hide_those_of_the_machine() {
        let cgroup = "[[backdrop.cgroups]]\nname = \"a\"\ncpu_weight = 0\ncpuset = { llc = 7 }\n";
        let file = Written::new("both", &format!("name = \"x\"\ntopology = \"1x1x4x1\"\n{cgroup}"));
        let failure = check(&file.0, None).err().expect("two errors");
        for code in ["[E0501]", "[E0408]"] {
            assert!(failure.message.contains(code), "{} lacks {code}", failure.message);
        }
    }

    #[test]
    fn errors_of_form_do_not_hide_those_of_meaning() {
        let cgroup = "[[backdrop.cgroups]]\nname = \"a\"\ncpu_weight = 0\nwrkers = 2\n";
        let step = "[[steps]]\nops = [{ op = \"stop_cgroup\", cgroup = \"b\" }]\nhold = 1.5\n";
        let file = Written::new("form", &format!("name = \"x\"\ndurration = \"1s\"\n{cgroup}{step}"));
        let failure = check(&file.0, None).err().expect("five errors");
        let placed = |line: &str| {
            let (_, rest) = line.split_once(".toml:").expect("a place");
            rest.split_once(']').expect("a code").0.to_owned()
        };
        let reported: Vec<_> =
            failure.message.lines().filter(|line| line.contains(".toml:")).map(placed).collect();
        assert_eq!(reported, ["2:1: [T006", "5:1: [E0501", "6:1: [T006", "8:30: [E0201", "9:8: [E0601"]);
    }

    #[test]
    fn a_good_file_says_what_was_not_looked_at() {
        let step = "[[steps]]\nhold = \"full\"\n";
        let one = Topology::uniform(1, 1, 1, 1);
        for (name, text, topology, piece) in [
            ("open", format!("name = \"x\"\n{step}"), None, "held against no machine"),
            ("held", format!("name = \"x\"\n{step}"), Some(&one), "needs nothing"),
            ("cut", "name = \"x\"\n".to_owned(), None, "nothing happens in it"),
        ] {
            let file = Written::new(name, &text);
            let said = check(&file.0, topology).unwrap_or_else(|failure| panic!("{}", failure.message)).needs;
            assert!(said.contains(piece), "{said}");
            assert_eq!(said.contains("no machine"), name == "open", "{said}");
        }
    }
}
