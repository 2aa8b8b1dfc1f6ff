//! Runs QEMU to an answer: waits for the guest's frames, and ends QEMU and removes its files on every way
//! out. Why a guest ended without an answer is put together from its console, its frames and QEMU's status.
//!
//! The guest is not trusted: it is heard for so many frames and bytes and for so long, each message only at
//! its place, and no file of QEMU grows beyond a bound.

use super::console::Console;
use super::{Machine, Paths, topology};
use crate::error::{IoContext, VmError};
use crate::finding::{Bound, Finding};
use crate::frame::{self, FrameError, Message, Nonce, Reader};
use crate::owned::OwnedDirectory;
use ktstr_linux::spawn_bound;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
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
    /// Until the guest program runs, in CPU time of QEMU: a busy host makes a boot no longer. By the host's
    /// clock it is [`PATIENCE`] times as long, for a guest that sleeps.
    pub(crate) start: Duration,
    /// Set by the caller to end the run.
    pub(crate) cancel: Option<&'a AtomicBool>,
}

/// How many times as long as its CPU time a boot may take.
const PATIENCE: u32 = 10;

/// The most bytes of a file that QEMU may write; the kernel ends it with SIGXFSZ. Only for what we are too
/// slow to see.
const FILE_BYTES: u64 = frame::MAX_BYTES + (16 << 20);
/// That signal.
const FILE_TOO_LARGE: i32 = 25;

/// What a guest left.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) answer: Result<Vec<u8>, Finding>,
    pub(crate) machine: frame::Machine,
    /// What it has said of its progress.
    pub(crate) progress: Vec<Vec<u8>>,
    pub(crate) console: String,
}

/// A directory for the files of one run, removed with the value.
pub(crate) fn run_directory() -> Result<OwnedDirectory, VmError> {
    OwnedDirectory::create(&std::env::temp_dir(), PREFIX)
}

impl Finished {
    /// A kernel that ended before it could be given a job.
    pub(crate) fn by(finding: Finding) -> Self {
        let console = finding.console.clone();
        Self { answer: Err(finding), machine: frame::Machine::default(), progress: Vec::new(), console }
    }
}

/// QEMU and what we know of its guest so far.
pub(crate) struct Guest<'a> {
    qemu: Child,
    directory: &'a Path,
    paths: &'a Paths,
    console: Console,
    frames: Reader,
    read: u64,
    /// How many frames have come, those of progress apart.
    heard: usize,
    /// What it has said of its progress, and how many bytes that is.
    progress: Vec<Vec<u8>>,
    progress_bytes: usize,
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
pub(crate) enum Reported {
    /// The answer, and the nonce that came with it.
    Answer(Nonce, Vec<u8>),
    /// It is ready to be saved.
    Parked(Vec<u64>),
    /// There will be no answer: the kernel under test has ended.
    Finding(Finding),
}

/// What a guest is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The machine.
    pub(crate) machine: &'a Machine,
    /// The release of its kernel.
    pub(crate) release: &'a str,
    /// The nonce of the job.
    pub(crate) nonce: Nonce,
    /// How long the job may take by the guest's clock.
    pub(crate) limit: Duration,
}

/// How QEMU is started, beside the machine itself.
#[derive(Debug, Default)]
pub(crate) struct Start {
    /// Further arguments.
    pub(crate) arguments: Vec<String>,
    /// What it reads as standard input.
    pub(crate) input: Option<OwnedFd>,
}

/// Runs the machine until it answers.
pub(crate) fn run(
    asked: Asked<'_>,
    paths: &Paths,
    directory: &Path,
    limits: Limits<'_>,
) -> Result<Finished, VmError> {
    Guest::start(asked.machine, paths, directory, Start::default())?.finish(asked, limits)
}

impl Guest<'_> {
    /// Waits for the answer.
    pub(crate) fn finish(mut self, asked: Asked<'_>, limits: Limits<'_>) -> Result<Finished, VmError> {
        let answer = match self.wait(asked, limits)? {
            Reported::Answer(nonce, answer) if nonce == asked.nonce => Ok(answer),
            Reported::Answer(..) => {
                return Err(VmError::Forged { reason: "it bears the nonce of another job".to_owned() });
            }
            Reported::Finding(finding) => Err(finding),
            Reported::Parked(_) => return Err(out_of_place("it waits to be saved, and was to do a job")),
        };
        self.console.update(&self.paths.console);
        let machine = self.machine.take().unwrap_or_default();
        let progress = std::mem::take(&mut self.progress);
        Ok(Finished { answer, machine, progress, console: self.console.text() })
    }

    /// Waits until the guest says what it can be waited for.
    pub(crate) fn wait(&mut self, asked: Asked<'_>, limits: Limits<'_>) -> Result<Reported, VmError> {
        let begin = Instant::now();
        let mut console_at = begin;
        loop {
            // The status first: what was written before the end is then seen below.
            let ended = self.qemu.try_wait().at("wait for", &asked.machine.emulator.program)?;
            if let Some(reported) = self.poll_frames(asked)? {
                return Ok(reported);
            }
            if let Some(status) = ended {
                return self.post_mortem(status);
            }
            if limits.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
                return Err(VmError::Interrupted);
            }
            if let Some(ended) = self.out_of_time(begin.elapsed(), limits) {
                return ended;
            }
            if console_at.elapsed() >= CONSOLE_POLL {
                self.console.update(&self.paths.console);
                console_at = Instant::now();
            }
            std::thread::sleep(POLL);
        }
    }

    /// What comes of a guest that has had its time.
    fn out_of_time(&mut self, elapsed: Duration, limits: Limits<'_>) -> Option<Result<Reported, VmError>> {
        let Limits { total, start, .. } = limits;
        let began = self.machine.is_some();
        let (clock, after) = if elapsed >= total {
            ("the host's time", total)
        } else if !began && elapsed >= start.saturating_mul(PATIENCE) {
            ("the host's time", start.saturating_mul(PATIENCE))
        } else if !began && elapsed >= start && cpu_time(self.qemu.id()).is_some_and(|used| used >= start) {
            ("QEMU's CPU time", start)
        } else {
            return None;
        };
        self.console.update(&self.paths.console);
        let console = self.console.tail();
        Some(if began {
            Ok(Reported::Finding(Finding::hang(Bound::Host(total), console)))
        } else {
            Err(VmError::NoStart { after, clock, console })
        })
    }
}

/// CPU time of a process and all its threads, proc_pid_stat(5).
fn cpu_time(pid: u32) -> Option<Duration> {
    /// `USER_HZ`, which is 100 wherever Linux runs QEMU.
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may have any character in it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11).map(str::parse::<u32>);
    let (user, system) = (fields.next()?.ok()?, fields.next()?.ok()?);
    Some(TICK.saturating_mul(user.saturating_add(system)))
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
        let bound = Rlimit { current: Some(FILE_BYTES), maximum: Some(FILE_BYTES) };
        // It fails only where QEMU has ended already, which is seen soon.
        let _ = prlimit(Some(Pid::from_child(&qemu)), Resource::Fsize, bound);
        Ok(Self {
            qemu,
            directory,
            paths,
            console: Console::default(),
            frames: Reader::default(),
            read: 0,
            heard: 0,
            progress: Vec::new(),
            progress_bytes: 0,
            machine: None,
        })
    }

    /// Takes in what has come over the channel; what can be waited for, once it is there.
    fn poll_frames(&mut self, asked: Asked<'_>) -> Result<Option<Reported>, VmError> {
        let Ok(mut file) = std::fs::File::open(&self.paths.out) else { return Ok(None) };
        let len = file.metadata().map_or(0, |meta| meta.len());
        if len > frame::MAX_BYTES {
            return Err(FrameError::Flood.into());
        }
        if len <= self.read {
            return Ok(None);
        }
        let mut fresh = Vec::new();
        file.seek(SeekFrom::Start(self.read)).at("read", &self.paths.out)?;
        file.take(frame::MAX_BYTES - self.read).read_to_end(&mut fresh).at("read", &self.paths.out)?;
        self.read += fresh.len() as u64;
        self.frames.feed(&fresh);
        while let Some(message) = self.frames.read::<Message>()? {
            match &message {
                Message::Progress(piece) => self.progress_bytes += piece.len().max(1),
                _ => self.heard += 1,
            }
            let is_flood = self.heard > frame::MAX_FRAMES || self.progress_bytes > frame::MAX_PROGRESS;
            if is_flood || !message.is_moderate() {
                return Err(FrameError::Flood.into());
            }
            if let Some(reported) = self.take(message, asked)? {
                return Ok(Some(reported));
            }
        }
        Ok(None)
    }

    /// Takes in one message; each has its place.
    fn take(&mut self, message: Message, asked: Asked<'_>) -> Result<Option<Reported>, VmError> {
        match message {
            Message::Started(_) if self.machine.is_some() => Err(out_of_place("it began twice")),
            Message::Started(seen) => {
                topology::check(&asked.machine.topology, &seen)?;
                if seen.release != asked.release {
                    return Err(VmError::ReleaseMismatch {
                        asked: asked.release.to_owned(),
                        seen: seen.release,
                    });
                }
                self.machine = Some(seen);
                Ok(None)
            }
            Message::Parked(_) if self.machine.is_some() => Err(out_of_place("it waits, and had begun")),
            Message::Parked(pages) => Ok(Some(Reported::Parked(pages))),
            Message::Answer(..) | Message::Overdue(_) | Message::Progress(_) if self.machine.is_none() => {
                Err(out_of_place("it answers, and had not begun"))
            }
            Message::Progress(piece) => {
                self.progress.push(piece);
                Ok(None)
            }
            Message::Answer(nonce, answer) => Ok(Some(Reported::Answer(nonce, answer))),
            Message::Overdue(nonce) if nonce != asked.nonce => {
                Err(VmError::Forged { reason: "it bears the nonce of another job".to_owned() })
            }
            Message::Overdue(_) => {
                self.console.update(&self.paths.console);
                let finding = Finding::hang(Bound::Guest(asked.limit), self.console.tail());
                Ok(Some(Reported::Finding(finding)))
            }
            Message::Failed(reason) => Err(self.failed(reason)),
            Message::EmulatorFault(line) => Err(VmError::EmulatorFault { console: line }),
        }
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
    fn post_mortem(&mut self, status: ExitStatus) -> Result<Reported, VmError> {
        self.console.update(&self.paths.console);
        let words = std::fs::read(stderr_path(self.directory)).unwrap_or_default();
        let words =
            String::from_utf8_lossy(&words[words.len().saturating_sub(2048)..]).trim().replace('\n', "; ");
        match status.signal().or_else(|| caught_signal(&words)) {
            Some(FILE_TOO_LARGE) => return Err(FrameError::Flood.into()),
            Some(signal) => return Err(VmError::QemuKilled { signal, console: self.console.tail() }),
            None => {}
        }
        if !status.success() {
            return Err(VmError::QemuFailed { status: status.to_string(), stderr: words });
        }
        if self.console.shows_impossible_flags() {
            return Err(VmError::EmulatorFault { console: self.console.tail() });
        }
        if let Some(lack) = self.console.lack() {
            return Err(lack);
        }
        if let Some(finding) = self.console.finding(self.machine.is_some()) {
            return Ok(Reported::Finding(finding));
        }
        Err(match self.frames.end() {
            FrameError::Missing => VmError::NoAnswer { console: self.console.tail() },
            torn => torn.into(),
        })
    }
}

/// A message that does not come at this place.
fn out_of_place(what: &'static str) -> VmError {
    FrameError::OutOfPlace { what }.into()
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
    fn the_cpu_time_of_a_process_is_read_and_grows_while_it_works() {
        let own = std::process::id();
        let begin = cpu_time(own).expect("this process");
        // As long as it takes on a busy machine.
        while cpu_time(own).is_some_and(|now| now < begin + Duration::from_millis(50)) {
            std::hint::black_box(own.wrapping_mul(own));
        }
        assert!(cpu_time(own).is_some_and(|now| now < Duration::from_secs(3600)));
        assert_eq!(cpu_time(u32::MAX), None);
    }

    #[test]
    fn a_caught_signal_is_read_from_qemus_words() {
        assert_eq!(caught_signal("qemu-system-x86_64: terminating on signal 15 from pid 7 (sh)"), Some(15));
        assert_eq!(caught_signal("qemu-system-x86_64: could not load kernel"), None);
    }
}
