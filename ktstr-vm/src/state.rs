//! Saved states: a guest booted once for each kernel, image and shape, stopped just before it takes a job,
//! and kept in a file. Going on from it takes a fifth of the time of a boot, and is as repeatable.
//!
//! What made restored guests drift apart, and what is done about each (measured: 200 of 200 restores alike,
//! twice, with ten busy programs on two host CPUs, where before any of this 1 in 8 was not):
//! * QEMU announces itself after a restore, on host timers; `announce-rounds=0` ends that.
//! * Input to a device of a stopped guest waits and arrives whenever QEMU's main loop gets to it; so the job
//!   is written to the guest's memory instead.
//! * While the main loop settles after `cont`, it may run guest timers in the virtual CPUs' stead, and the
//!   order in which they run can change; so the guest goes on with one CPU, which computes, and brings the
//!   others online after that.

use crate::error::{IoContext, VmError};
use crate::finding::Finding;
use crate::frame;
use crate::guest::park;
use crate::hashing;
use crate::image::{Archive, hex};
use crate::job::Job;
use crate::kernel::{Cache, HALF_MADE, Kernel};
use crate::owned::OwnedDirectory;
use crate::qemu::monitor::{Memory, Monitor};
use crate::qemu::process::{self, Asked, Finished, Guest, Limits, Reported, Start};
use crate::qemu::{Machine, Paths};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// States kept; each takes about 70 MB.
const KEPT: usize = 8;

/// A saved guest.
#[derive(Debug)]
pub(crate) struct State {
    place: PathBuf,
    /// Open, so that it stays when it is pruned meanwhile.
    file: File,
    /// What it says of itself.
    about: About,
}

/// What is kept with a state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct About {
    /// What it is the state of: kernel, image, emulator, machine.
    key: String,
    /// Where a job can be written to, by physical addresses.
    pages: Vec<u64>,
    /// SHA-256 of the file, made while it was written.
    pub(crate) sha256: String,
}

/// The machine as it is saved and restored: one CPU at first, but with the locks that several need, since
/// patching them all in takes a third of a restored run; and a device to stop it.
fn parked(machine: &Machine) -> Machine {
    Machine {
        parameters: format!("{} maxcpus=1 noreplace-smp {}", machine.parameters, park::PARAMETER),
        ..machine.clone()
    }
}

fn start(directory: &Path, more: &[&str]) -> Start {
    let socket = |name: &str| directory.join(name).display().to_string().replace(',', ",,");
    let mut arguments: Vec<String> =
        ["-device", "pvpanic-pci", "-action", "panic=pause"].map(str::to_owned).to_vec();
    arguments.extend(["-global", "migration.announce-rounds=0"].map(str::to_owned));
    arguments.extend(["-qmp".to_owned(), format!("unix:{},server=on,wait=off", socket("qmp"))]);
    arguments.extend(["-gdb".to_owned(), format!("unix:{},server=on,wait=off", socket("gdb"))]);
    arguments.extend(more.iter().map(|word| (*word).to_owned()));
    Start { arguments, ..Start::default() }
}

impl State {
    /// The state for this machine, kernel and image: the kept one, or a new one. The machine's seed has no
    /// part in it. Where the kernel ends before it can be saved, that is the finding.
    pub(crate) fn of(
        asked: Asked<'_>,
        kernel: &Kernel,
        image: &Archive,
        cache: &Cache,
        limits: Limits<'_>,
    ) -> Result<Result<Self, Finding>, VmError> {
        let machine = Machine { seed: 0, ..asked.machine.clone() };
        let asked = Asked { machine: &machine, ..asked };
        let directory = cache.states()?;
        let key = key(&machine, kernel, image)?;
        let place = directory.join(&key);
        let turn = turn(&place);
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(state) = Self::load(&place, &key) {
            return Ok(Ok(state));
        }
        let work = OwnedDirectory::create(&directory, HALF_MADE)?;
        if let Some(finding) = Self::create(asked, kernel, image, work.path(), &key, limits)? {
            return Ok(Err(finding));
        }
        prune(&directory);
        match work.publish(&place) {
            Err(_) if place.join("state").is_file() => {}
            result => result.at("rename into", &place)?,
        }
        Self::load(&place, &key).map(Ok)
    }

    /// SHA-256 of its file.
    pub(crate) fn sha256(&self) -> &str {
        &self.about.sha256
    }

    fn load(place: &Path, key: &str) -> Result<Self, VmError> {
        let (path, file) = (place.join("state.json"), place.join("state"));
        let text = std::fs::read_to_string(&path).at("read", &path)?;
        let about: About =
            serde_json::from_str(&text).map_err(|error| VmError::State { reason: error.to_string() })?;
        if about.key != key {
            // It was put in the place of another one.
            drop(std::fs::remove_dir_all(place));
            return Err(VmError::State { reason: "it is another's".to_owned() });
        }
        let file = File::open(&file).at("open", &file)?;
        Ok(Self { place: place.to_owned(), file, about })
    }

    /// Boots a guest until it waits, and saves it into `place`. A finding where its kernel ends instead.
    fn create(
        asked: Asked<'_>,
        kernel: &Kernel,
        image: &Archive,
        place: &Path,
        key: &str,
        limits: Limits<'_>,
    ) -> Result<Option<Finding>, VmError> {
        let directory = process::run_directory()?;
        let machine = parked(asked.machine);
        let asked = Asked { machine: &machine, ..asked };
        let paths = Paths::in_directory(directory.path(), kernel);
        std::fs::write(&paths.initrd, &image.bytes).at("write", &paths.initrd)?;
        let mut guest = Guest::start(&machine, &paths, directory.path(), start(directory.path(), &[]))?;
        let pages = match guest.wait(asked, limits)? {
            Reported::Parked(pages) => pages,
            Reported::Finding(finding) => return Ok(Some(finding)),
            Reported::Answer(..) => {
                return Err(VmError::State { reason: "the guest did not wait to be saved".into() });
            }
        };
        let mut monitor = Monitor::open(&directory.path().join("qmp"))?;
        monitor.wait_status("query-status", &["guest-panicked"])?;
        let file = place.join("state");
        let mut state = File::create(&file).at("create", &file)?;
        let socket = directory.path().join("state");
        let listener = UnixListener::bind(&socket).at("listen on", &socket)?;
        // By way of us, so that what is hashed is what is written.
        let written = std::thread::spawn(move || {
            let (stream, _) = listener.accept()?;
            hashing::copy(stream, |part| state.write_all(part))
        });
        let saved = monitor
            .execute("migrate", json!({ "uri": format!("unix:{}", socket.display()) }))
            .and_then(|_| monitor.wait_status("query-migrate", &["completed", "failed"]));
        // With QEMU its end goes; where it never came, the thread ends by this one.
        drop((monitor, guest, UnixStream::connect(&socket)));
        if saved? == "failed" {
            return Err(VmError::State { reason: "QEMU could not save it".into() });
        }
        let sha256 = written.join().map_err(|_| writing_ended())?.at("write", &file)?;
        let about = About { key: key.to_owned(), pages, sha256 };
        let text =
            serde_json::to_string(&about).map_err(|error| VmError::State { reason: error.to_string() })?;
        std::fs::write(place.join("state.json"), text).at("write", place.join("state.json"))?;
        Ok(None)
    }

    /// Goes on from the state with a job, to the answer. The state is hashed on its way into QEMU, and
    /// nothing in it runs before the hash is known to be right.
    pub(crate) fn run(
        &self,
        asked: Asked<'_>,
        kernel: &Kernel,
        image: &Archive,
        job: &Job,
        limits: Limits<'_>,
    ) -> Result<Finished, VmError> {
        let bytes = frame::encode(job)?;
        if bytes.len() > park::ROOM {
            return Err(VmError::State {
                reason: format!("the job takes {} bytes, and {} fit", bytes.len(), park::ROOM),
            });
        }
        let directory = process::run_directory()?;
        let machine = parked(asked.machine);
        let paths = Paths::in_directory(directory.path(), kernel);
        std::fs::write(&paths.initrd, &image.bytes).at("write", &paths.initrd)?;
        let (reader, mut writer) = pipe()?;
        let file = self.file.try_clone().at("read", &self.place)?;
        let start =
            Start { input: Some(reader.into()), ..start(directory.path(), &["-S", "-incoming", "fd:0"]) };
        let guest = Guest::start(&machine, &paths, directory.path(), start)?;
        // QEMU may not want the last bytes; they are hashed all the same.
        let read = std::thread::spawn(move || {
            let mut wanted = true;
            hashing::copy(hashing::FromStart::of(file), |part| {
                wanted = wanted && writer.write_all(part).is_ok();
                Ok(())
            })
        });
        // Both connections stay open to the end: closing one would wake QEMU's main loop.
        let mut monitor = Monitor::open(&directory.path().join("qmp"))?;
        if let Err(error) = monitor.wait_status("query-status", &["paused", "guest-panicked", "prelaunch"]) {
            // It takes nothing more then, and the thread comes to its end.
            drop(guest);
            return Err(self.verify(read).err().unwrap_or(error));
        }
        self.verify(read)?;
        let mut memory = Memory::open(&directory.path().join("gdb"))?;
        for (&page, part) in self.about.pages.iter().zip(bytes.chunks(park::PAGE)) {
            memory.write(page, part)?;
        }
        monitor.execute("cont", json!({}))?;
        guest.finish(Asked { machine: &machine, ..asked }, limits)
    }

    /// Compares what was read with what was written; a state that differs is removed.
    fn verify(&self, read: JoinHandle<std::io::Result<String>>) -> Result<(), VmError> {
        let found = read.join().map_err(|_| writing_ended())?.at("read", &self.place)?;
        if found == self.about.sha256 {
            return Ok(());
        }
        drop(std::fs::remove_dir_all(&self.place));
        let (path, expected) = (self.place.join("state"), self.about.sha256.clone());
        Err(VmError::Changed { path, expected, found })
    }
}

/// What a state is the state of.
fn key(machine: &Machine, kernel: &Kernel, image: &Archive) -> Result<String, VmError> {
    let name = |part: &str| PathBuf::from(part);
    let paths = Paths { kernel: name("K"), initrd: name("I"), console: name("C"), out: name("O") };
    let mut key = Sha256::new();
    for part in [&kernel.sha256, &kernel.booted()?.sha256, &image.sha256, &machine.emulator.banner] {
        key.update(part);
    }
    parked(machine).words(&paths)?.iter().for_each(|word| key.update(word));
    Ok(hex(&key.finalize()))
}

fn pipe() -> Result<(PipeReader, PipeWriter), VmError> {
    std::io::pipe().map_err(|error| VmError::State { reason: format!("there is no pipe: {error}") })
}

fn writing_ended() -> VmError {
    VmError::State { reason: "the thread that copies it ended".to_owned() }
}

/// Held by who looks for the state at `place`, or makes it, so that of many runs at the same time only the
/// first boots.
fn turn(place: &Path) -> Arc<Mutex<()>> {
    static TURNS: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(turns.entry(place.to_owned()).or_default())
}

/// Removes the states that were made longest ago, down to one less than are kept.
fn prune(directory: &Path) {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let mut states: Vec<_> = entries
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    states.sort();
    for (_, path) in states.iter().take((states.len() + 1).saturating_sub(KEPT)) {
        // Another process may have been faster.
        drop(std::fs::remove_dir_all(path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_states_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        for number in 0..KEPT + 3 {
            std::fs::create_dir(directory.path().join(number.to_string())).unwrap();
        }
        prune(directory.path());
        assert_eq!(directory.path().read_dir().unwrap().count(), KEPT - 1);
    }
}
