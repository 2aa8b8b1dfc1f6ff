//! The first two stages of every command: a scenario file, and one that is valid as far as no machine is
//! looked at.

use crate::exit::Failure;
use crate::machine::usual;
use ktstr_core::{NoteKind, Requirements, Scenario, Topology, Uniform};
use ktstr_file::{NoteEntry, Problems, ScenarioFile};
use std::cell::OnceCell;
use std::path::Path;

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// All that is wrong with the file.
pub(crate) fn read(path: &Path) -> Result<ScenarioFile, Problems> {
    if path == Path::new("-") {
        return ScenarioFile::from_reader("<stdin>", std::io::stdin().lock());
    }
    ScenarioFile::read(path)
}

/// Room for a file read anew for a machine, where that makes a difference: one for each backend.
pub(crate) type ReadAnew = [OnceCell<ScenarioFile>; 3];

/// A scenario file that is valid on some machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'f> {
    file: &'f ScenarioFile,
    read_anew: &'f ReadAnew,
}

impl<'f> Judged<'f> {
    /// Judges a file.
    ///
    /// # Errors
    /// All that is wrong with it whatever the machine.
    pub(crate) fn of(file: &'f ScenarioFile, read_anew: &'f ReadAnew) -> Result<Self, Failure> {
        file.judge(None)?;
        Ok(Self { file, read_anew })
    }

    /// The scenario.
    pub(crate) fn scenario(self) -> &'f Scenario<'f> {
        self.file.scenario()
    }

    /// The notes on payloads that the file has and nothing starts.
    pub(crate) fn not_started(self) -> impl Iterator<Item = NoteEntry> {
        let mut notes = self.file.notes(None);
        notes.retain(|note| note.kind == NoteKind::PayloadNotStarted);
        notes.into_iter().map(|note| NoteEntry::from(&note))
    }

    /// The machine that the file names, if it is one.
    pub(crate) fn topology(self) -> Option<Topology> {
        self.file.topology()
    }

    /// The machine that is built for it where it names none: the usual one, or one that has what it needs.
    pub(crate) fn shape(self) -> Uniform {
        self.scenario().needs.shape(usual()).unwrap_or_else(usual)
    }

    /// The file, judged for a machine: what a backend of that machine is prepared with.
    ///
    /// # Errors
    /// All that is wrong with it there.
    pub(crate) fn on(self, machine: &Topology) -> Result<Suited<'f>, Problems> {
        let file = match self.file.for_machine(machine).transpose()? {
            None => self.file,
            Some(other) => match self.read_anew.iter().find(|room| room.get().is_none()) {
                Some(room) => room.get_or_init(|| other),
                None => self.file,
            },
        };
        let needs = file.judge(Some(machine))?;
        Ok(Suited { scenario: file.scenario(), needs })
    }
}

/// A scenario that is valid on the machine it was judged for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Suited<'f> {
    /// The scenario.
    pub(crate) scenario: &'f Scenario<'f>,
    /// What it needs there.
    pub(crate) needs: Requirements,
}
