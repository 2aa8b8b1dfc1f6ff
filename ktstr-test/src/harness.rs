//! The test program: every scenario file below its folders, and every function with the attribute, as a test
//! with the command line of Rust's own harness.

use crate::ctx::Ctx;
use crate::entry::{Entry, entries};
use crate::error::Error;
use crate::settings::Settings;
use crate::verdict::{Answer, End};
use ktstr_file::ScenarioFile;
use ktstr_file::suite::files_below;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A test program.
#[derive(Debug)]
pub struct Harness {
    folders: Vec<PathBuf>,
    settings: Settings,
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl Harness {
    /// The functions of the program, and no files.
    pub fn new() -> Self {
        Self { folders: Vec::new(), settings: Settings::NONE }
    }

    /// Every scenario file below this folder too. Hidden files and folders are left out.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// What the scenario files are played with, in place of what they say.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Does what the command line asks for; for the only line of `main`.
    pub fn main(self) -> ExitCode {
        // The program is its own guest program: in a virtual machine it goes no further.
        ktstr_vm::guest_runs_scenarios();
        libtest_mimic::run(&Arguments::from_args(), self.trials()).exit_code()
    }

    /// The tests, in the order of their names.
    fn trials(&self) -> Vec<Trial> {
        let functions = entries().into_iter().map(function);
        let files = self.folders.iter().flat_map(|folder| self.files(folder));
        let mut trials: Vec<_> = files.chain(functions).collect();
        trials.sort_by(|one, other| one.name().cmp(other.name()));
        trials
    }

    /// The tests of a folder. One that has none, or cannot be read, is a test that fails: a wrong path must
    /// not pass.
    fn files(&self, folder: &Path) -> Vec<Trial> {
        let found = files_below(folder).map_err(|(below, error)| (below, format!("cannot be read: {error}")));
        let found = found.and_then(|found| {
            if found.is_empty() {
                Err((folder.to_owned(), "has no .toml file in it".to_owned()))
            } else {
                Ok(found)
            }
        });
        let paths = match found {
            Ok(paths) => paths,
            Err((below, wrong)) => {
                let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                return vec![Trial::test(name, move || Err(format!("{} {wrong}", below.display()).into()))];
            }
        };
        let settings = self.settings;
        let named = |path: PathBuf| {
            let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
            let name = name.to_string_lossy().into_owned();
            Trial::ignorable_test(name.clone(), move || completion(play(name, &path, settings)))
        };
        paths.into_iter().map(named).collect()
    }
}

fn function(entry: &'static Entry) -> Trial {
    let trial = Trial::ignorable_test(entry.name(), || completion(entry.play()));
    trial.with_ignored_flag(entry.ignored.is_some())
}

fn completion(end: End) -> Result<Completion, Failed> {
    match end {
        End::Passed => Ok(Completion::Completed),
        End::Skipped(reason) => Ok(Completion::ignored_with(reason)),
        End::Failed(message) => Err(message.into()),
    }
}

/// Plays a scenario file as a test.
fn play(name: String, path: &Path, settings: Settings) -> End {
    let file = match ScenarioFile::read(path) {
        Ok(file) => file,
        Err(problems) => return End::Failed(problems.to_string()),
    };
    let shape = file.scenario().topology.or_else(|| file.scenario().needs.shape(crate::machine::USUAL));
    let ctx = match Ctx::on(name, settings, shape) {
        Ok(ctx) => ctx,
        Err(Error::Lack { backend, message }) => return End::lack(backend, &message),
        Err(error @ (Error::Invalid { .. } | Error::Broken { .. })) => return End::Failed(error.to_string()),
    };
    let answer = match ctx.play_file(&file) {
        Ok(report) => Answer::Report(Box::new(report)),
        Err(error) => Answer::Failed(error.to_string()),
    };
    let again =
        format!("again: ktstr run --backend {} --seed {} {}", ctx.backend(), ctx.seed, path.display());
    match End::of(answer, ctx.into_heard()) {
        End::Failed(message) => End::Failed(format!("{}\n{again}", message.trim_end())),
        end @ (End::Passed | End::Skipped(_)) => end,
    }
}

/// The whole test program: `ktstr_test::main!("tests/scenarios")` makes every scenario file below that folder
/// of the package a test, and every function with `#[ktstr_test]`. Without a folder, the functions only. The
/// target needs `harness = false` in `Cargo.toml`.
#[macro_export]
macro_rules! main {
    ($($folder:literal),* $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::Harness::new()
                $(.folder(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", $folder)))*
                .main()
        }
    };
}
