//! Saved states: a guest booted once for each kernel, image and shape, stopped just before it takes a job, and kept in a
//! file. Going on from it takes a fifth of the time of a boot, and is as repeatable.
//!
//! What made restored guests drift apart, and what is done about each (measured: 200 of 200 restores alike, twice, with ten
//! busy programs on two host CPUs, where before any of this 1 in 8 was not):
//! * QEMU announces itself after a restore, on host timers; `announce-rounds=0` ends that.
//! * Input to a device of a stopped guest waits and arrives whenever QEMU's main loop gets to it; so the job is written to
//!   the guest's memory instead.
//! * While the main loop settles after `cont`, it may run guest timers in the virtual CPUs' stead, and the order in which
//!   they run can change; so the guest goes on with one CPU, which computes, and brings the others online after that.

use crate::error::{IoContext, VmError};
use crate::frame;
use crate::guest::park;
use crate::image::{Archive, file_hash, hex};
use crate::job::Job;
use crate::kernel::{Cache, HALF_MADE, Kernel};
use crate::owned::OwnedDirectory;
use crate::qemu::monitor::{Memory, Monitor};
use crate::qemu::process::{self, Finished, Guest, Limits, Start, Told};
use crate::qemu::{Machine, Paths};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// States kept; each takes about 70 MB.
const KEPT: usize = 8;

/// A saved guest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    #[serde(skip)]
    file: PathBuf,
    pages: Vec<u64>,
    /// SHA-256 of the file.
    pub(crate) sha256: String,
}

/// The machine as it is saved and restored: one CPU at first, but with the locks that several need, since patching them all
/// in takes a third of a restored run; and a device to stop it.
fn parked(machine: &Machine) -> Machine {
    Machine {
        parameters: format!("{} maxcpus=1 noreplace-smp {}", machine.parameters, park::PARAMETER),
        ..machine.clone()
    }
}

fn start(directory: &Path, more: &[&str], input: Option<std::fs::File>) -> Start {
    let socket = |name: &str| directory.join(name).display().to_string().replace(',', ",,");
    let mut arguments: Vec<String> =
        ["-device", "pvpanic-pci", "-action", "panic=pause"].map(str::to_owned).to_vec();
    arguments.extend(["-global", "migration.announce-rounds=0"].map(str::to_owned));
    arguments.extend(["-qmp".to_owned(), format!("unix:{},server=on,wait=off", socket("qmp"))]);
    arguments.extend(["-gdb".to_owned(), format!("unix:{},server=on,wait=off", socket("gdb"))]);
    arguments.extend(more.iter().map(|word| (*word).to_owned()));
    Start { arguments, input }
}

impl State {
    /// The state for this machine, kernel and image: the kept one, or a new one. The machine's seed has no part in it.
    pub(crate) fn of(
        machine: &Machine,
        kernel: &Kernel,
        image: &Archive,
        cache: &Cache,
        limits: Limits<'_>,
    ) -> Result<Self, VmError> {
        let machine = Machine { seed: 0, ..machine.clone() };
        let directory = cache.states()?;
        let name = |part: &str| PathBuf::from(part);
        let paths = Paths { kernel: name("K"), initrd: name("I"), console: name("C"), out: name("O") };
        let mut key = Sha256::new();
        for part in [&kernel.sha256, &image.sha256, &machine.emulator.banner] {
            key.update(part);
        }
        parked(&machine).words(&paths)?.iter().for_each(|word| key.update(word));
        let place = directory.join(hex(&key.finalize()));
        let turn = turn(&place);
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(state) = Self::load(&place) {
            return Ok(state);
        }
        let work = OwnedDirectory::create(&directory, HALF_MADE)?;
        Self::create(&machine, kernel, image, work.path(), limits)?;
        prune(&directory);
        match work.publish(&place) {
            Err(_) if place.join("state").is_file() => {}
            result => result.at("rename into", &place)?,
        }
        Self::load(&place)
    }

    fn load(place: &Path) -> Result<Self, VmError> {
        let path = place.join("state.json");
        let text = std::fs::read_to_string(&path).at("read", &path)?;
        let state: Self =
            serde_json::from_str(&text).map_err(|error| VmError::State { reason: error.to_string() })?;
        Ok(Self { file: place.join("state"), ..state })
    }

    /// Boots a guest until it waits, and saves it into `place`.
    fn create(
        machine: &Machine,
        kernel: &Kernel,
        image: &Archive,
        place: &Path,
        limits: Limits<'_>,
    ) -> Result<(), VmError> {
        let directory = process::run_directory()?;
        let machine = parked(machine);
        let paths = Paths::in_directory(directory.path(), kernel);
        std::fs::write(&paths.initrd, &image.bytes).at("write", &paths.initrd)?;
        let mut guest = Guest::start(&machine, &paths, directory.path(), start(directory.path(), &[], None))?;
        let pages = match guest.wait(&machine, limits)? {
            Told::Parked(pages) => pages,
            Told::Answer(_) => {
                return Err(VmError::State { reason: "the guest did not wait to be saved".into() });
            }
        };
        let mut monitor = Monitor::open(&directory.path().join("qmp"))?;
        monitor.wait_status("query-status", &["guest-panicked"])?;
        let file = place.join("state");
        let quoted = file.display().to_string().replace('\'', "'\\''");
        monitor.execute("migrate", json!({ "uri": format!("exec:cat > '{quoted}'") }))?;
        if monitor.wait_status("query-migrate", &["completed", "failed"])? == "failed" {
            return Err(VmError::State { reason: "QEMU could not save it".into() });
        }
        let state = Self { sha256: file_hash(&file)?, pages, file };
        let text =
            serde_json::to_string(&state).map_err(|error| VmError::State { reason: error.to_string() })?;
        std::fs::write(place.join("state.json"), text).at("write", place.join("state.json"))
    }

    /// Goes on from the state with a job, to the answer.
    pub(crate) fn run(
        &self,
        machine: &Machine,
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
        let machine = parked(machine);
        let paths = Paths::in_directory(directory.path(), kernel);
        std::fs::write(&paths.initrd, &image.bytes).at("write", &paths.initrd)?;
        let input = std::fs::File::open(&self.file).at("open", &self.file)?;
        let start = start(directory.path(), &["-S", "-incoming", "fd:0"], Some(input));
        let guest = Guest::start(&machine, &paths, directory.path(), start)?;
        // Both connections stay open to the end: closing one would wake QEMU's main loop.
        let mut monitor = Monitor::open(&directory.path().join("qmp"))?;
        monitor.wait_status("query-status", &["paused", "guest-panicked", "prelaunch"])?;
        let mut memory = Memory::open(&directory.path().join("gdb"))?;
        for (&page, part) in self.pages.iter().zip(bytes.chunks(park::PAGE)) {
            memory.write(page, part)?;
        }
        monitor.execute("cont", json!({}))?;
        guest.finish(&machine, limits)
    }
}

/// Held by who looks for the state at `place`, or makes it, so that of many runs at the same time only the first boots.
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
