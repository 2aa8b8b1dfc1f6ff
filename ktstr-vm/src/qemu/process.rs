//! Runs QEMU to an answer: waits for the guest's frames, and ends QEMU and removes its files on every way out. Why a guest
//! ended without an answer is put together from its console, its frames and QEMU's status.

use super::console::Console;
use super::{Machine, Paths, topology};
use crate::error::{IoContext, VmError};
use crate::frame::{self, Message, Reader};
use crate::owned::OwnedDirectory;
use ktstr_linux::spawn_bound;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often we look for frames; the guest does not notice.
const POLL: Duration = Duration::from_millis(2);
/// How often we look at the console.
const CONSOLE_POLL: Duration = Duration::from_millis(100);
/// How the names of runs' directories begin.
pub(crate) const PREFIX: &str = "ktstr-vm-";

/// The bounds of one run, in host time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits<'a> {
    /// Until the answer.
    pub(crate) total: Duration,
    /// Until the guest program runs.
    pub(crate) start: Duration,
    /// Set by the caller to end the run.
    pub(crate) cancel: Option<&'a AtomicBool>,
}

/// What a guest left.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) answer: Vec<u8>,
    pub(crate) machine: frame::Machine,
    pub(crate) console: String,
}

/// A directory for the files of one run, gone when the value is.
pub(crate) fn run_directory() -> Result<OwnedDirectory, VmError> {
    OwnedDirectory::create(&std::env::temp_dir(), PREFIX)
}

/// QEMU and what we know of its guest so far.
pub(crate) struct Guest<'a> {
    qemu: Child,
    directory: &'a Path,
    paths: &'a Paths,
    console: Console,
    frames: Reader,
    read: u64,
    machine: Option<frame::Machine>,
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        drop(self.qemu.kill());
        drop(self.qemu.wait());
    }
}

/// What a guest can be waited for.
#[derive(Debug)]
pub(crate) enum Told {
    /// The answer.
    Answer(Vec<u8>),
    /// It is ready to be saved.
    Parked(Vec<u64>),
}

/// How QEMU is started, beside the machine itself.
#[derive(Debug, Default)]
pub(crate) struct Start {
    /// Further arguments.
    pub(crate) arguments: Vec<String>,
    /// What it reads as standard input.
    pub(crate) input: Option<std::fs::File>,
}

/// Runs the machine until it answers.
pub(crate) fn run(
    machine: &Machine,
    paths: &Paths,
    directory: &Path,
    limits: Limits<'_>,
) -> Result<Finished, VmError> {
    Guest::start(machine, paths, directory, Start::default())?.finish(machine, limits)
}

impl Guest<'_> {
    /// Waits for the answer.
    pub(crate) fn finish(mut self, machine: &Machine, limits: Limits<'_>) -> Result<Finished, VmError> {
        let Told::Answer(answer) = self.wait(machine, limits)? else {
            let reason = "it waits to be saved, and was to do a job".to_owned();
            return Err(VmError::Guest { reason, console: self.console.tail() });
        };
        self.console.update(&self.paths.console);
        let machine = self.machine.take().unwrap_or_default();
        Ok(Finished { answer, machine, console: self.console.text() })
    }

    /// Waits until the guest says what it can be waited for.
    pub(crate) fn wait(&mut self, machine: &Machine, limits: Limits<'_>) -> Result<Told, VmError> {
        let begin = Instant::now();
        let mut console_at = begin;
        loop {
            // The status first: what was written before the end is then seen below.
            let ended = self.qemu.try_wait().at("wait for", &machine.emulator.program)?;
            if let Some(told) = self.poll_frames(machine)? {
                return Ok(told);
            }
            if let Some(status) = ended {
                return Err(self.post_mortem(status));
            }
            if limits.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
                return Err(VmError::Interrupted);
            }
            let limit = if self.machine.is_some() { limits.total } else { limits.total.min(limits.start) };
            if begin.elapsed() >= limit {
                self.console.update(&self.paths.console);
                let started = self.machine.is_some();
                return Err(VmError::Hang { after: limit, started, console: self.console.tail() });
            }
            if console_at.elapsed() >= CONSOLE_POLL {
                self.console.update(&self.paths.console);
                console_at = Instant::now();
            }
            std::thread::sleep(POLL);
        }
    }
}

impl<'a> Guest<'a> {
    /// Starts QEMU.
    pub(crate) fn start(
        machine: &Machine,
        paths: &'a Paths,
        directory: &'a Path,
        start: Start,
    ) -> Result<Self, VmError> {
        let stderr = stderr_path(directory);
        let errors = std::fs::File::create(&stderr).at("create", &stderr)?;
        let mut command = machine.command(paths)?;
        let input = start.input.map_or_else(Stdio::null, Stdio::from);
        command.args(start.arguments).stdin(input).stdout(Stdio::null()).stderr(errors);
        let program = || machine.emulator.program.display().to_string();
        let qemu = spawn_bound(&mut command).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => VmError::QemuMissing { program: program() },
            _ => VmError::Io { action: "start", path: PathBuf::from(program()), source: error },
        })?;
        Ok(Self {
            qemu,
            directory,
            paths,
            console: Console::default(),
            frames: Reader::default(),
            read: 0,
            machine: None,
        })
    }

    /// Takes in what has come over the channel; what can be waited for, once it is there.
    fn poll_frames(&mut self, machine: &Machine) -> Result<Option<Told>, VmError> {
        let Ok(mut file) = std::fs::File::open(&self.paths.out) else { return Ok(None) };
        if file.metadata().is_ok_and(|meta| meta.len() <= self.read) {
            return Ok(None);
        }
        let mut fresh = Vec::new();
        file.seek(SeekFrom::Start(self.read)).at("read", &self.paths.out)?;
        let room = (frame::MAX_PAYLOAD as u64) * 2;
        file.take(room).read_to_end(&mut fresh).at("read", &self.paths.out)?;
        self.read += fresh.len() as u64;
        self.frames.feed(&fresh);
        while let Some(message) = self.frames.read::<Message>()? {
            match message {
                Message::Started(seen) => {
                    topology::check(&machine.topology, &seen)?;
                    self.machine = Some(seen);
                }
                Message::Parked(pages) => return Ok(Some(Told::Parked(pages))),
                Message::Answer(answer) => return Ok(Some(Told::Answer(answer))),
                Message::Failed(reason) => return Err(self.failed(reason)),
                Message::EmulatorFault(line) => return Err(VmError::EmulatorFault { console: line }),
            }
        }
        Ok(None)
    }

    fn failed(&mut self, reason: String) -> VmError {
        self.console.update(&self.paths.console);
        let console = self.console.tail();
        match self.console.out_of_memory() {
            Some(line) => VmError::OutOfMemory { reason: format!("{reason}; {line}"), console },
            None => VmError::Guest { reason, console },
        }
    }

    /// Why there is no answer, now that QEMU has ended.
    fn post_mortem(&mut self, status: ExitStatus) -> VmError {
        self.console.update(&self.paths.console);
        let words = std::fs::read(stderr_path(self.directory)).unwrap_or_default();
        let words =
            String::from_utf8_lossy(&words[words.len().saturating_sub(2048)..]).trim().replace('\n', "; ");
        if let Some(signal) = status.signal().or_else(|| caught_signal(&words)) {
            return VmError::QemuKilled { signal, console: self.console.tail() };
        }
        if !status.success() {
            return VmError::QemuFailed { status: status.to_string(), stderr: words };
        }
        if self.console.shows_impossible_flags() {
            return VmError::EmulatorFault { console: self.console.tail() };
        }
        if let Some(reason) = self.console.reason() {
            return reason;
        }
        match self.frames.end() {
            frame::FrameError::Missing => VmError::NoAnswer { console: self.console.tail() },
            torn => VmError::Frame { source: torn },
        }
    }
}

/// QEMU ends with status 0 on a signal that it can catch, and says so.
fn caught_signal(words: &str) -> Option<i32> {
    let (_, rest) = words.split_once("terminating on signal ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn stderr_path(directory: &Path) -> PathBuf {
    directory.join("qemu.err")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caught_signal_is_read_from_qemus_words() {
        assert_eq!(caught_signal("qemu-system-x86_64: terminating on signal 15 from pid 7 (sh)"), Some(15));
        assert_eq!(caught_signal("qemu-system-x86_64: could not load kernel"), None);
    }
}
