//! This machine.

use super::record;
use crate::exit::Failure;
use crate::judged::{Judged, Suited};
use crate::signals;
use ktstr_core::{Backend, CodeInfo, Fault};
use ktstr_file::report::RunReport;
use ktstr_linux::interrupt::Flag;
use ktstr_linux::{LinuxBackend, Options};
use std::cell::Cell;

/// A scenario that this machine can carry.
pub(crate) struct OnLinux<'f> {
    suited: Suited<'f>,
    /// The backend that the scenario was judged for; each run takes one.
    ready: Cell<Option<LinuxBackend>>,
}

impl<'f> OnLinux<'f> {
    /// This machine, whether or not it lacks something: that is found when the run begins.
    ///
    /// # Errors
    /// When it runs no scenarios at all, or this one is not valid here.
    pub(crate) fn new(judged: Judged<'f>) -> Result<Self, Failure> {
        let backend = backend(signals::flag()).map_err(|fault| Failure::fault(&fault))?;
        let suited = judged.on(backend.topology())?;
        Ok(Self { suited, ready: Cell::new(Some(backend)) })
    }

    /// This machine if it has all that the scenario needs.
    ///
    /// # Errors
    /// What it lacks, in one line. Signals are left as they were then.
    pub(crate) fn if_it_can(judged: Judged<'f>) -> Result<Self, String> {
        let mut backend = backend(None).map_err(|fault| short(&fault))?;
        if let Some(lack) = judged.scenario().needs.lack(backend.topology(), &backend.offers()) {
            return Err(lack.to_string());
        }
        let suited = judged.on(backend.topology()).map_err(|problems| {
            problems.problems.first().map_or_else(String::new, |first| {
                let site = first.site.as_deref().unwrap_or_default();
                format!("on this machine {site}: [{}] {}", first.code, first.what)
            })
        })?;
        backend.preflight(&suited.needs).map_err(|fault| short(&fault))?;
        backend.interrupt_on(signals::flag());
        Ok(Self { suited, ready: Cell::new(Some(backend)) })
    }

    /// One run.
    ///
    /// # Errors
    /// When it cannot begin.
    pub(crate) fn play(&self, seed: u64) -> Result<RunReport, Failure> {
        let backend = match self.ready.take() {
            Some(backend) => backend,
            None => backend(signals::flag()).map_err(|fault| Failure::fault(&fault))?,
        };
        record(self.suited.scenario, backend, seed)
    }
}

fn backend(interrupt: Option<Flag>) -> Result<LinuxBackend, Fault> {
    LinuxBackend::new(Options { interrupt, ..Options::default() })
}

/// A fault without its cure, which is not wanted where another backend steps in.
fn short(fault: &Fault) -> String {
    let CodeInfo { code, what, .. } = fault.kind.info();
    if fault.detail.is_empty() {
        format!("[{code}] {what}")
    } else {
        format!("[{code}] {what}: {}", fault.detail)
    }
}
