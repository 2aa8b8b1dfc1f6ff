//! What files are expected to say: reads a control file, or one below `/proc` or `/sys`, until it holds or
//! time is up. Files that notify of changes are waited for, others are read again and again.

use crate::backend::LinuxBackend;
use crate::cgroupfs::read_text;
use crate::clock::{after, duration_ns, now};
use crate::fault::{errno_fault, fault};
use crate::interrupt::Flag;
use ktstr_core::{Fault, FaultKind, FileCheck, FileSeen, Outcome};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// How long it is from one reading to the next of a file that does not notify. A file that does is read so
/// often too, but ten times less: the kernel notifies of changes about 100 times a second at most.
const PACE: Duration = Duration::from_millis(5);

/// The control files that notify of changes.
const NOTIFYING: [&str; 6] = [
    "cgroup.events",
    "memory.events",
    "memory.events.local",
    "memory.swap.events",
    "pids.events",
    "cpuset.cpus.partition",
];

/// What a value was when the step began.
#[derive(Debug)]
pub(crate) struct Note {
    path: String,
    file: String,
    key: Option<String>,
    number: f64,
}

impl Note {
    fn is_of(&self, path: &str, check: &FileCheck<'_>) -> bool {
        self.path == path && self.file == check.file && self.key.as_deref() == check.key
    }
}

impl LinuxBackend {
    /// Remembers what a value is now; of what is not there nothing.
    pub(crate) fn note_file(&mut self, path: &str, check: &FileCheck<'_>) {
        self.notes.retain(|note| !note.is_of(path, check));
        let plain = FileCheck { change: None, ..*check };
        let text = self.open_checked(path, check).ok().and_then(|fd| read_text(&fd).ok());
        if let Some(number) = FileSeen::of(&plain, text.as_deref(), None).value {
            let key = check.key.map(str::to_owned);
            self.notes.push(Note { path: path.to_owned(), file: check.file.to_owned(), key, number });
        }
    }

    pub(crate) fn check_file(&mut self, path: &str, check: &FileCheck<'_>) -> Result<Outcome, Fault> {
        let about = |errno| errno_fault(errno, check.file);
        let before = self.notes.iter().find(|note| note.is_of(path, check)).map(|note| note.number);
        let deadline = after(check.within.unwrap_or_default());
        let notifies = !check.is_path() && NOTIFYING.contains(&check.file);
        let pace = if notifies { PACE * 10 } else { PACE };
        let interrupt = self.options.interrupt.clone();
        loop {
            let opened = match self.open_checked(path, check) {
                // A path may come to be.
                Err(Errno::NOENT) if check.is_path() => None,
                opened => Some(opened.map_err(about)?),
            };
            let text = opened.as_ref().map(read_text).transpose().map_err(about)?;
            let seen = FileSeen::of(check, text.as_deref(), before);
            if seen.held || now() >= deadline {
                return Ok(Outcome::Seen(seen));
            }
            if interrupt.as_ref().is_some_and(|flag| flag.count() > 0) {
                return Err(fault(FaultKind::Interrupted, ""));
            }
            let next = now().saturating_add(duration_ns(pace)).min(deadline);
            let changing = opened.as_ref().filter(|_| notifies).map(AsFd::as_fd);
            self.payloads.serve_beside(interrupt.as_ref().map(Flag::wakeup), changing, next);
        }
    }

    fn open_checked(&self, path: &str, check: &FileCheck<'_>) -> Result<OwnedFd, Errno> {
        match (path.is_empty(), check.is_path()) {
            // Some would wait for what to say.
            (true, true) => {
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
                openat(CWD, check.file, flags, Mode::empty())
            }
            (false, false) => {
                let run = self.run().map_err(|_| Errno::NOENT)?;
                run.dir(path).map_err(|_| Errno::NOENT)?.open_to_read(check.file)
            }
            (true, false) | (false, true) => Err(Errno::NOENT),
        }
    }
}
