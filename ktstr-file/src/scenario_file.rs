//! A scenario file as a value that owns all it is made of, and what is wrong with one as an error that says
//! all of it with places. For programs that run files; a caller with an arena of its own uses
//! [`load`](crate::load()).

use crate::diagnose::error::{Code, FileError};
use crate::diagnose::flawed::Flawed;
use crate::diagnose::problem::Problem;
use crate::load::loaded::Loaded;
use crate::load::source::{MAX_BYTES, text};
use crate::notes::not_started;
use bumpalo::Bump;
use ktstr_core::{Invalid, Note, Requirements, Scenario, Scratch, Slot, Topology, slots_needed, validate};
use self_cell::self_cell;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

/// The most errors of meaning that are listed.
const MAX_FINDINGS: usize = 500;

self_cell!(
    /// The arena, and what was loaded into it.
    struct Owned {
        owner: Bump,
        #[covariant]
        dependent: Loaded,
    }
);

/// A scenario file that was read.
///
/// ```
/// use ktstr_core::{PlanBackend, Topology};
/// use ktstr_file::{ScenarioFile, play_scenario};
///
/// let file: ScenarioFile = "name = 'x'\n[[steps]]\nhold = 'full'".parse()?;
/// let machine = Topology::uniform(1, 1, 4, 1);
/// file.judge(Some(&machine))?;
/// let report = play_scenario(file.scenario(), &mut PlanBackend::new(machine), 1, &mut ()).expect("a run");
/// assert!(report.verdict.is_good());
///
/// let problems = "name = 'x'\nholds = 2".parse::<ScenarioFile>().expect_err("a typing error");
/// assert_eq!((problems.problems[0].line, problems.problems[0].code), (2, "T006"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ScenarioFile {
    name: String,
    text: String,
    /// The machine that it was read for, where one was given.
    machine: Option<Box<Topology>>,
    owned: Owned,
}

/// All that is wrong with a scenario file; shown with the lines that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// What the file is called.
    pub file: String,
    /// What is wrong, in the order of the places; at most 500 of them are about the meaning.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: usize,
    /// What was read of the file.
    text: String,
}

impl ScenarioFile {
    /// Reads a file.
    ///
    /// # Errors
    /// All that is wrong with its form, and with its meaning as far as that can be said; or that it cannot be
    /// read. Whether a file of good form makes sense is [`judge`](Self::judge)'s to say.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Problems> {
        let name = path.as_ref().display().to_string();
        match open(path.as_ref()) {
            Ok(file) => Self::from_reader(name, file),
            Err(error) => Err(Problems::of_file(name, &error)),
        }
    }

    /// Reads all that there is, at most what a scenario file may have; `name` is what errors call it.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn from_reader(name: impl Into<String>, source: impl Read) -> Result<Self, Problems> {
        let name = name.into();
        let bytes = match all_of(source) {
            Ok(bytes) => bytes,
            Err(error) => return Err(Problems::of_file(name, &error)),
        };
        match text(&bytes) {
            Ok(text) => Self::from_text(name, text),
            Err(error) => Err(Problems::of_file(name, &error)),
        }
    }

    /// The same from a text.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn from_text(name: impl Into<String>, text: &str) -> Result<Self, Problems> {
        Self::from_text_for(name.into(), text.to_owned(), None)
    }

    /// The same read for a machine, where a definition with `each` stands for as many cgroups as that has
    /// CPUs, caches or nodes. Without one it does so for the machine that the file names, else for one
    /// cgroup. `None` where the machine makes no difference.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn for_machine(&self, machine: &Topology) -> Option<Result<Self, Problems>> {
        let read_for = self.machine.as_deref().copied().or_else(|| self.topology());
        let differs = self.loaded().repeats && read_for.as_ref() != Some(machine);
        differs.then(|| Self::from_text_for(self.name.clone(), self.text.clone(), Some(machine)))
    }

    fn from_text_for(file: String, text: String, machine: Option<&Topology>) -> Result<Self, Problems> {
        let read = Owned::try_new(Bump::new(), |arena| {
            crate::load::load_for(&text, arena, machine).map_err(|flawed| of_flawed(&flawed))
        });
        match read {
            Ok(owned) => {
                Ok(Self { name: file, text, machine: machine.map(|machine| Box::new(*machine)), owned })
            }
            Err(problems) => Err(Problems { file, problems, more: 0, text }),
        }
    }

    /// What errors call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario<'_> {
        self.loaded().scenario
    }

    /// The scenario with the places of its parts.
    pub fn loaded(&self) -> &Loaded<'_> {
        self.owned.borrow_dependent()
    }

    /// The machine that the file names, if it is one.
    pub fn topology(&self) -> Option<Topology> {
        topology_of(self.scenario())
    }

    /// What it says that has no effect or cannot be missed, see [`notes`](crate::notes()), and the payloads
    /// that nothing starts.
    pub fn notes(&self, topology: Option<&Topology>) -> Vec<Note<'_>> {
        let mut all = crate::notes(self.scenario(), topology);
        all.extend(not_started(&self.loaded().not_started));
        all.sort_by_key(|note| (note.kind, note.site));
        all
    }

    /// Judges the scenario, for a machine where one is given; definitions with `each` as they are for that.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn judge(&self, topology: Option<&Topology>) -> Result<Requirements, Problems> {
        if let Some(other) = topology.and_then(|machine| self.for_machine(machine)) {
            return other?.judge_as_read(topology);
        }
        self.judge_as_read(topology)
    }

    fn judge_as_read(&self, topology: Option<&Topology>) -> Result<Requirements, Problems> {
        judge(self.scenario(), topology).map_err(|(findings, total)| Problems {
            file: self.name.clone(),
            problems: findings.iter().map(|invalid| Problem::of(invalid, self.loaded())).collect(),
            more: total - findings.len(),
            text: self.text.clone(),
        })
    }
}

impl FromStr for ScenarioFile {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Self, Problems> {
        Self::from_text("the scenario", text)
    }
}

impl std::fmt::Debug for ScenarioFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScenarioFile").field("name", &self.name).field("scenario", self.scenario()).finish()
    }
}

impl Problems {
    /// What is wrong with the form of a file of this text.
    pub(crate) fn of_form(file: String, errors: &[FileError], text: String) -> Self {
        Self { file, problems: errors.iter().map(Problem::from).collect(), more: 0, text }
    }

    fn of_file(file: String, error: &FileError) -> Self {
        Self { file, problems: vec![Problem::from(error)], more: 0, text: String::new() }
    }
}

impl std::fmt::Display for Problems {
    /// Each with its line and a caret, and how many more there are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown: Vec<_> =
            self.problems.iter().map(|problem| problem.shown(&self.file, &self.text)).collect();
        if self.more > 0 {
            shown.push(format!("{}: {} more errors", self.file, self.more));
        }
        f.write_str(&shown.join("\n"))
    }
}

impl std::error::Error for Problems {}

/// What is wrong with the form of a file, and what is wrong with its meaning all the same.
fn of_flawed(flawed: &Flawed<'_>) -> Vec<Problem> {
    let judged = flawed.rest().map(|rest| judge(rest.scenario, topology_of(rest.scenario).as_ref()));
    let findings = judged.and_then(Result::err).map(|(findings, _)| findings).unwrap_or_default();
    Problem::all_of(flawed, &findings)
}

/// Judges a scenario of any size.
///
/// # Errors
/// What is wrong with it, as far as it is listed, and how much there is in all.
fn judge<'a>(
    scenario: &Scenario<'a>,
    topology: Option<&Topology>,
) -> Result<Requirements, (Vec<Invalid<'a>>, usize)> {
    let mut slots = vec![Slot::FREE; slots_needed(scenario)];
    let mut findings = vec![Invalid::FILLER; MAX_FINDINGS];
    let mut scratch = Scratch::with_findings(&mut slots, &mut findings);
    let result = validate(scenario, topology, &mut scratch);
    result.map_err(|_| (scratch.findings().to_vec(), scratch.total()))
}

fn topology_of(scenario: &Scenario<'_>) -> Option<Topology> {
    let shape = scenario.topology.filter(|shape| shape.is_valid())?;
    Some(Topology::from_uniform(&shape))
}

fn unreadable(error: std::io::Error) -> FileError {
    FileError::whole(Code::Unreadable, format!("the file cannot be read: {error}"))
}

fn open(path: &Path) -> Result<File, FileError> {
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(FileError::whole(Code::Unreadable, "this is a directory"));
    }
    Ok(file)
}

/// Reads no more than a scenario file may have, whatever the source is.
fn all_of(source: impl Read) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_BYTES {
        return Err(FileError::whole(Code::TooLarge, format!("the file has more than {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_owns_its_text_and_goes_to_another_thread() {
        let made = || ScenarioFile::from_text("f", &String::from("name = \"x\"\n[[steps]]\nhold = \"1s\""));
        let file = made().expect("a scenario");
        let file = std::thread::spawn(move || file).join().expect("a thread");
        assert_eq!((file.scenario().name, file.scenario().steps.len()), ("x", 1));
        assert_eq!(file.judge(None).map(|needs| needs.cgroups), Ok(0));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let form = ScenarioFile::from_text("f", "name = \"x\"\nduration = 2").expect_err("no duration");
        assert!(form.to_string().starts_with("f:2:12: [T008] `duration`"), "{form}");
        assert!(form.to_string().ends_with("\n 2 | duration = 2\n   |            ^"), "{form}");
        let text = "name = \"x\"\n[[backdrop.cgroups]]\nname = \"a\"\ncpu_weight = 0\n";
        let meaning =
            ScenarioFile::from_text("f", text).expect("a scenario").judge(None).expect_err("no weight");
        assert!(meaning.to_string().starts_with("f:4:1: [E0501]"), "{meaning}");
        let missing = ScenarioFile::read("/nowhere/x.toml").expect_err("no file");
        assert!(missing.to_string().starts_with("/nowhere/x.toml: [T001]"), "{missing}");
        let large = std::io::repeat(b'#').take(MAX_BYTES as u64 + 9);
        let large = ScenarioFile::from_reader("f", large).expect_err("too large");
        assert_eq!(large.problems[0].code, "T003");
    }
}
