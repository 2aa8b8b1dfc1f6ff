//! The test functions of a program: each is entered in a list before `main`, by the attribute.

use crate::ctx::Ctx;
use crate::error::Error;
use crate::settings::Settings;
use crate::verdict::{Answer, End};
use std::sync::{Mutex, PoisonError};

/// A test function with what its attribute says.
#[derive(Debug)]
pub struct Entry {
    /// Module path and name, with the crate's name before them.
    pub path: &'static str,
    /// Why it is left out unless it is asked for; `None` where it is not.
    pub ignored: Option<&'static str>,
    /// What it asks for.
    pub settings: Settings,
    /// The function.
    pub run: fn(&Ctx) -> Answer,
}

impl Entry {
    /// Its name as a test has it: without the crate's.
    pub fn name(&self) -> &'static str {
        self.path.split_once("::").map_or(self.path, |(_, name)| name)
    }

    /// Runs it.
    pub(crate) fn play(&self) -> End {
        let ctx = match Ctx::new(self.name(), self.settings) {
            Ok(ctx) => ctx,
            Err(Error::Lack { backend, message }) => return End::lack(backend, &message),
            Err(error @ (Error::Invalid { .. } | Error::Broken { .. })) => {
                return End::Failed(error.to_string());
            }
        };
        let again = again(self.name(), &ctx);
        let answer = (self.run)(&ctx);
        match End::of(answer, ctx.into_heard()) {
            End::Failed(message) => End::Failed(format!("{}\n{again}", message.trim_end())),
            end @ (End::Passed | End::Skipped(_)) => end,
        }
    }
}

/// The line that runs a test again.
fn again(name: &str, ctx: &Ctx) -> String {
    format!(
        "again: KTSTR_TEST_BACKEND={} KTSTR_TEST_SEED={} cargo test -- --exact {name}",
        ctx.backend(),
        ctx.seed
    )
}

static ENTRIES: Mutex<Vec<&'static Entry>> = Mutex::new(Vec::new());

/// Enters a function. In a guest it does not return: the program is its own guest program.
pub fn register(entry: &'static Entry) {
    ktstr_vm::guest_runs_scenarios();
    ENTRIES.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
}

/// All functions of the program, in the order of their names.
pub fn entries() -> Vec<&'static Entry> {
    let mut entries = ENTRIES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    entries.sort_by_key(|entry| entry.path);
    entries
}

/// Runs a function as a test of Rust's own harness, which knows no skip: what is skipped says so.
///
/// # Panics
/// When the test fails: that is how that harness hears of it.
#[track_caller]
pub fn run_in_libtest(path: &str) {
    let entry = entries().into_iter().find(|entry| entry.path == path);
    match entry.map(Entry::play) {
        Some(End::Passed) => {}
        #[allow(clippy::print_stdout)]
        Some(End::Skipped(reason)) => println!("SKIP: {reason}"),
        Some(End::Failed(message)) => panic!("{message}"),
        None => panic!("{path} was not entered before `main`: this program's loader calls no .init_array"),
    }
}
