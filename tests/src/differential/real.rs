//! The kernel's side: the cgroup v2 hierarchy of the machine this runs on, as a [`System`]. It works below a
//! cgroup of its own, ends only processes that it made, and removes both when it is dropped.

use super::model::Machine;
use super::system::{Fate, System};
use ktstr_core::{Controller, Controllers, CpuSet, Uniform};
use ktstr_mock::errno::Errno;
use ktstr_mock::version::KernelVersion;
use ktstr_testkit::idle::{Ended, Idle};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long the kernel gets to be done with processes that were killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the hierarchy is, and what this machine has.
#[derive(Debug, Clone)]
pub struct Hierarchy {
    root: PathBuf,
    /// For the model.
    pub machine: Machine,
}

impl Hierarchy {
    /// The machine's, with the controllers that its root has enabled.
    ///
    /// # Errors
    /// Why it cannot be worked in, in words for a skip.
    pub fn find() -> Result<Self, String> {
        let mounts =
            fs::read_to_string("/proc/self/mountinfo").map_err(|error| format!("mountinfo: {error}"))?;
        let root = mounts.lines().find_map(cgroup2).ok_or("no cgroup v2 hierarchy is mounted")?;
        sweep(&root);
        let probe = root.join(unique());
        fs::create_dir(&probe)
            .map_err(|error| format!("no cgroup can be made in {}: {error}", root.display()))?;
        fs::remove_dir(&probe).map_err(|error| format!("{}: {error}", probe.display()))?;
        let controllers = listed(&root.join("cgroup.subtree_control"))?;
        let topology = Uniform::new(count("node"), 1, (count("cpu") / count("node")).max(1), 1);
        Ok(Self { machine: Machine { version: version()?, controllers, topology }, root })
    }

    /// The same with every controller that the root has enabled. For machines that are ours alone.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn with_all_controllers() -> Result<Self, String> {
        let mut found = Self::find()?;
        let has = listed(&found.root.join("cgroup.controllers"))?;
        let text: String = has.iter().map(|one| format!("+{} ", one.name())).collect();
        write_once(&found.root.join("cgroup.subtree_control"), &text)
            .map_err(|errno| format!("enabling {text}at the root: {errno}"))?;
        found.machine.controllers = has;
        Ok(found)
    }

    /// Brings every CPU online.
    pub fn all_online(&self) {
        for cpu in 1..self.machine.topology.cpus() {
            // One that is online already refuses.
            let _ = hotplug(cpu, true);
        }
    }

    /// The CPUs that the root has now that the program's cgroups are removed. Kernels lose some that a remote
    /// partition had when its set was changed; those are given back by making them a partition of the root
    /// once more.
    #[must_use]
    pub fn restore(&self) -> String {
        if !self.machine.controllers.has(Controller::Cpuset) {
            return String::new();
        }
        let read = |file: &Path| fs::read_to_string(file).unwrap_or_default().trim().to_owned();
        let has = read(&self.root.join("cpuset.cpus.effective"));
        let online = read(Path::new("/sys/devices/system/cpu/online"));
        if let (Ok(had), Ok(all)) = (CpuSet::parse(&has), CpuSet::parse(&online))
            && had != all
            && let Ok(mut spare) = self.open()
        {
            let lost = all.minus(&had).to_string();
            for (file, text) in [
                ("cpuset.cpus", lost.as_str()),
                ("cpuset.cpus.partition", "root"),
                ("cpuset.cpus.partition", "member"),
            ] {
                // What cannot be given back shows in the next program.
                let _ = spare.write(".", file, text);
            }
        }
        has
    }

    /// A cgroup for one program.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(&self) -> io::Result<Real> {
        let base = self.root.join(unique());
        fs::create_dir(&base)?;
        Ok(Real { base, tasks: BTreeMap::new(), keeps_base: false })
    }

    /// The root itself, with just these controllers enabled for its children. For machines that are ours
    /// alone.
    ///
    /// # Errors
    /// When the root does not take them.
    pub fn open_root(&self, needs: Controllers) -> Result<Real, String> {
        let sign = |one: Controller| if needs.has(one) { '+' } else { '-' };
        let has = listed(&self.root.join("cgroup.controllers"))?;
        let text: String = has.iter().map(|one| format!("{}{} ", sign(one), one.name())).collect();
        write_once(&self.root.join("cgroup.subtree_control"), &text)
            .map_err(|errno| format!("{text}at the root: {errno}"))?;
        Ok(Real { base: self.root.clone(), tasks: BTreeMap::new(), keeps_base: true })
    }
}

/// Removes what runs have left that were killed.
fn sweep(root: &Path) {
    for path in subdirectories(root) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            // What resists is left: it hurts nobody, and its name is not used again.
            let _ = write_once(&path.join("cgroup.kill"), "1");
            let _ = remove_tree(&path);
        }
    }
}

/// The directory of a mount of cgroup v2, from its line.
fn cgroup2(line: &str) -> Option<PathBuf> {
    let (mount, kind) = line.split_once(" - ")?;
    let place = mount.split(' ').nth(4)?;
    kind.starts_with("cgroup2 ").then(|| PathBuf::from(place))
}

/// How the names of all cgroups made here begin; the process id follows.
const PREFIX: &str = "ktstr-differ-";

fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn listed(file: &Path) -> Result<Controllers, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(text.split_whitespace().filter_map(Controller::from_name).collect())
}

fn version() -> Result<KernelVersion, String> {
    let text =
        fs::read_to_string("/proc/sys/kernel/osrelease").map_err(|error| format!("osrelease: {error}"))?;
    let mut numbers = text.split(['.', '-']).map_while(|number| number.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => Ok(KernelVersion::new(major, minor)),
        _ => Err(format!("no release in {text:?}")),
    }
}

/// How many CPUs or nodes sysfs shows; 1 where it shows none.
fn count(kind: &str) -> u16 {
    let names = fs::read_dir(format!("/sys/devices/system/{kind}")).into_iter().flatten().flatten();
    let numbered = |name: &str| name.strip_prefix(kind).is_some_and(|rest| rest.parse::<u16>().is_ok());
    names.filter(|entry| entry.file_name().to_str().is_some_and(numbered)).count().max(1) as u16
}

fn errno(error: &io::Error) -> Errno {
    Errno(error.raw_os_error().unwrap_or(0))
}

fn write_once(file: &Path, text: &str) -> Result<(), Errno> {
    let open = OpenOptions::new().write(true).open(file);
    // One call even for no text at all, which `write_all` would leave out.
    open.and_then(|mut file| file.write(text.as_bytes())).map(drop).map_err(|error| errno(&error))
}

fn hotplug(cpu: usize, online: bool) -> Result<(), Errno> {
    let file = format!("/sys/devices/system/cpu/cpu{cpu}/online");
    write_once(Path::new(&file), if online { "1" } else { "0" })
}

/// A cgroup of the kernel for one program.
#[derive(Debug)]
pub struct Real {
    base: PathBuf,
    tasks: BTreeMap<u32, Idle>,
    /// The cgroup was there before.
    keeps_base: bool,
}

impl Real {
    fn at(&self, path: &str) -> PathBuf {
        if path == "." { self.base.clone() } else { self.base.join(path) }
    }

    fn remove(&self) -> io::Result<()> {
        if self.keeps_base {
            return subdirectories(&self.base).iter().try_for_each(|path| remove_tree(path));
        }
        remove_tree(&self.base)
    }

    /// Starts an idle process where this one is.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn fork_here(&mut self) -> Result<u32, Errno> {
        self.keep(Idle::spawn(None))
    }

    fn keep(&mut self, made: io::Result<Idle>) -> Result<u32, Errno> {
        let task = made.map_err(|error| errno(&error))?;
        let pid = task.pid();
        self.tasks.insert(pid, task);
        Ok(pid)
    }

    /// Takes a CPU offline or brings it back.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn hotplug(&self, cpu: usize, online: bool) -> Result<(), Errno> {
        hotplug(cpu, online)
    }

    /// Ends the processes and removes the cgroups.
    ///
    /// # Errors
    /// What could not be removed within 10 s.
    pub fn clean(&mut self) -> Result<(), String> {
        // A task that may run for a millisecond in each second takes long to die.
        if !self.tasks.is_empty() {
            lift_quotas(&self.base);
        }
        for task in self.tasks.values() {
            // One that has ended already needs no signal.
            let _ = task.signal(true);
        }
        let begin = Instant::now();
        while let Some((&pid, task)) = self.tasks.first_key_value() {
            match task.reap() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && begin.elapsed() < PATIENCE => {
                    pause(begin)
                }
                _ => drop(self.tasks.remove(&pid)),
            }
        }
        while let Err(error) = self.remove() {
            if begin.elapsed() > PATIENCE {
                return Err(format!("{} stays behind: {error}", self.base.display()));
            }
            pause(begin);
        }
        Ok(())
    }
}

/// Waits until a process sleeps, for at most a second. One on its way into a freeze would keep a SIGTERM
/// until the thaw, and `frozen 1` shows before, when the cgroup has empty children: the kernel looks at these
/// only.
fn await_sleep(pid: u32) {
    let begin = Instant::now();
    let awake = || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") R "));
    while awake() && begin.elapsed() < Duration::from_secs(1) {
        pause(begin);
    }
}

/// Waits, the longer the more time has gone by.
pub(super) fn pause(begin: Instant) {
    std::thread::sleep((begin.elapsed() / 4).clamp(Duration::from_micros(30), Duration::from_millis(10)));
}

fn lift_quotas(path: &Path) {
    // Most have none, or no such file.
    let _ = write_once(&path.join("cpu.max"), "max");
    subdirectories(path).iter().for_each(|path| lift_quotas(path));
}

fn remove_tree(path: &Path) -> io::Result<()> {
    for child in subdirectories(path) {
        remove_tree(&child)?;
    }
    match fs::remove_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn subdirectories(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

impl Drop for Real {
    fn drop(&mut self) {
        // `clean` is called, and its error looked at, where a program ends; this is for panics on the way.
        let _ = self.clean();
    }
}

impl System for Real {
    fn mkdir(&mut self, path: &str) -> Result<(), Errno> {
        fs::create_dir(self.at(path)).map_err(|error| errno(&error))
    }

    fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        fs::remove_dir(self.at(path)).map_err(|error| errno(&error))
    }

    fn write(&mut self, path: &str, file: &str, text: &str) -> Result<(), Errno> {
        write_once(&self.at(path).join(file), text)
    }

    fn read(&mut self, path: &str, file: &str) -> Result<String, Errno> {
        fs::read_to_string(self.at(path).join(file)).map_err(|error| errno(&error))
    }

    fn fork(&mut self, path: &str) -> Result<u32, Errno> {
        let directory = File::open(self.at(path)).map_err(|error| errno(&error))?;
        self.keep(Idle::spawn(Some(directory.as_fd())))
    }

    fn signal(&mut self, pid: u32, kill: bool) -> Result<(), Errno> {
        let task = self.tasks.get(&pid).ok_or(Errno::ESRCH)?;
        if !kill {
            await_sleep(pid);
        }
        task.signal(kill).map_err(|error| errno(&error))
    }

    fn reap(&mut self, pid: u32) -> Result<(), Errno> {
        let task = self.tasks.get(&pid).ok_or(Errno::ECHILD)?;
        task.reap().map_err(|error| errno(&error))?;
        self.tasks.remove(&pid);
        Ok(())
    }

    fn fate(&mut self, pid: u32) -> Option<Fate> {
        match self.tasks.get(&pid)?.ended().ok()? {
            None => Some(Fate::Live),
            Some(Ended::Exited(code)) => Some(Fate::Exited(code)),
            Some(Ended::Signalled(signal)) => Some(Fate::Signalled(signal)),
        }
    }

    fn children(&mut self, path: &str) -> Vec<String> {
        let names = subdirectories(&self.at(path))
            .into_iter()
            .filter_map(|path| path.file_name()?.to_str().map(String::from));
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}
