//! Reading a scenario file and judging what it says: all that is wrong, each with its place.

use crate::exit::Failure;
use bumpalo::Bump;
use ktstr_core::{Invalid, Requirements, Scenario, Scratch, Slot, Topology, slots_needed, validate};
use ktstr_file::{Code, FileError, Flawed, Loaded, MAX_BYTES, Place, Pointer, load, text};
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
            let mut lines: Vec<_> = placed(&self.path, &self.text, &self.loaded, &findings)
                .into_iter()
                .map(|(_, line)| line)
                .collect();
            if total > findings.len() {
                lines.push(format!("{}: {} more errors", self.path.display(), total - findings.len()));
            }
            Failure::list(&lines)
        })
    }
}

fn topology_of(scenario: &Scenario<'_>) -> Option<Topology> {
    let shape = scenario.topology.filter(|shape| shape.is_valid())?;
    Some(Topology::from_uniform(&shape))
}

/// A line for each finding, with its place.
fn placed(
    path: &Path,
    text: &str,
    loaded: &Loaded<'_>,
    findings: &[Invalid<'_>],
) -> Vec<((u32, u32), String)> {
    let pointer = Pointer::of(text);
    let place = |invalid: &Invalid<'_>| {
        let key = pointer.as_ref().and_then(|pointer| pointer.place(invalid));
        key.unwrap_or_else(|| loaded.place(invalid.site))
    };
    let line = |invalid: &Invalid<'_>| {
        let Place { line, column } = place(invalid);
        let (code, what, cure) = (invalid.code(), invalid.what(), invalid.cure());
        let told = format!("{}:{line}:{column}: [{code}] {what}; {cure} ({})", path.display(), invalid.site);
        ((line, column), told)
    };
    findings.iter().map(line).collect()
}

/// What is wrong with the form of a file, and what is wrong with its meaning all the same, in the order of the places.
fn all_of(path: &Path, text: &str, flawed: &Flawed<'_>) -> Failure {
    let errors = flawed.errors.iter();
    let mut lines: Vec<_> = errors.map(|error| ((error.line, error.column), line_of(path, error))).collect();
    if let Some(rest) = flawed.rest() {
        let judged = judge(rest.scenario, topology_of(rest.scenario).as_ref());
        let mut findings = judged.err().map(|(findings, _)| findings).unwrap_or_default();
        findings.retain(|invalid| flawed.stands(invalid));
        lines.extend(placed(path, text, rest, &findings));
    }
    // Those of the file as a whole, which have line 0, come last.
    lines.sort_by_key(|((line, column), _)| (line.wrapping_sub(1), *column));
    Failure::list(&lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>())
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
    Failure::list(&[line_of(path, error)])
}

fn line_of(path: &Path, error: &FileError) -> String {
    let gap = if error.line > 0 { "" } else { " " };
    format!("{}:{gap}{error}", path.display())
}
