//! Reading a scenario file and judging what it says: all that is wrong, each with its place.

use crate::exit::Failure;
use bumpalo::Bump;
use ktstr_core::{Invalid, Requirements, Scenario, Scratch, Slot, Topology, slots_needed, validate};
use ktstr_file::{Code, FileError, Flawed, Loaded, MAX_BYTES, Problem, load, text};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most errors of meaning that are listed.
const MAX_FINDINGS: usize = 500;

/// A scenario with the file that it is from.
pub(crate) struct ScenarioFile<'a> {
    path: PathBuf,
    text: String,
    loaded: Loaded<'a>,
}

impl<'a> ScenarioFile<'a> {
    /// Reads a file, or standard input for `-`; the scenario lives in `arena`.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub(crate) fn read(path: &Path, arena: &'a Bump) -> Result<Self, Failure> {
        let is_input = path == Path::new("-");
        let bytes = if is_input { bytes_from(std::io::stdin().lock()) } else { bytes_of(path) };
        let path = if is_input { Path::new("<stdin>") } else { path };
        let bytes = bytes.map_err(|error| failure(path, &error))?;
        let text = text(&bytes).map_err(|error| failure(path, &error))?;
        Self::of_text(text, path, arena)
    }

    /// The same from a text; `name` is what errors call it.
    ///
    /// # Errors
    /// All that is wrong with the text.
    pub(crate) fn of_text(text: &str, name: impl AsRef<Path>, arena: &'a Bump) -> Result<Self, Failure> {
        let path = name.as_ref().to_owned();
        let loaded = load(text, arena).map_err(|flawed| all_of(&path, text, &flawed))?;
        Ok(Self { path, text: text.to_owned(), loaded })
    }

    /// The scenario.
    pub(crate) fn scenario(&self) -> &'a Scenario<'a> {
        self.loaded.scenario
    }

    /// The machine that the file names, if it is one.
    pub(crate) fn topology(&self) -> Option<Topology> {
        topology_of(self.loaded.scenario)
    }

    /// Judges the scenario, for a machine where one is given.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn judge(&self, topology: Option<&Topology>) -> Result<Requirements, Failure> {
        judge(self.loaded.scenario, topology).map_err(|(findings, total)| {
            let problems: Vec<_> =
                findings.iter().map(|invalid| Problem::of(invalid, &self.loaded)).collect();
            Failure::problems(&self.path, &self.text, problems, total - findings.len())
        })
    }
}

fn topology_of(scenario: &Scenario<'_>) -> Option<Topology> {
    let shape = scenario.topology.filter(|shape| shape.is_valid())?;
    Some(Topology::from_uniform(&shape))
}

/// What is wrong with the form of a file, and what is wrong with its meaning all the same.
fn all_of(path: &Path, text: &str, flawed: &Flawed<'_>) -> Failure {
    let judged = flawed.rest().map(|rest| judge(rest.scenario, topology_of(rest.scenario).as_ref()));
    let findings = judged.and_then(Result::err).map(|(findings, _)| findings).unwrap_or_default();
    Failure::problems(path, text, Problem::all_of(flawed, &findings), 0)
}

/// Judges a scenario of any size.
///
/// # Errors
/// What is wrong with it, as far as it is listed, and how much there is in all.
pub(crate) fn judge<'a>(
    scenario: &Scenario<'a>,
    topology: Option<&Topology>,
) -> Result<Requirements, (Vec<Invalid<'a>>, usize)> {
    let mut slots = vec![Slot::FREE; slots_needed(scenario)];
    let mut findings = vec![Invalid::FILLER; MAX_FINDINGS];
    let mut scratch = Scratch::with_findings(&mut slots, &mut findings);
    let result = validate(scenario, topology, &mut scratch);
    result.map_err(|_| (scratch.findings().to_vec(), scratch.total()))
}

fn unreadable(error: std::io::Error) -> FileError {
    FileError::whole(Code::Unreadable, format!("the file cannot be read: {error}"))
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(unreadable)?;
    let is_directory = file.metadata().map_err(unreadable)?.is_dir();
    if is_directory {
        return Err(FileError::whole(Code::Unreadable, "this is a directory"));
    }
    bytes_from(file)
}

/// Reads no more than a scenario file may have, whatever the file is.
fn bytes_from(file: impl Read) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_BYTES {
        return Err(FileError::whole(Code::TooLarge, format!("the file has more than {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}

fn failure(path: &Path, error: &FileError) -> Failure {
    Failure::problems(path, "", vec![Problem::from(error)], 0)
}
