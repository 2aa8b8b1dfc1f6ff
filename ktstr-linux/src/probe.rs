//! What this machine has of all that runs can need, as data; the program shows it. A probe changes nothing
//! that stays: the few that have to make a cgroup remove it again.

use crate::cgroupfs::Dir;
use crate::clean::make_run;
use crate::fault::{errno_fault, fault};
use crate::identity::RunName;
use crate::kill;
use crate::leaf::{Leaves, NoLeaf};
use crate::mount;
use crate::parent::Parent;
use crate::sys::clone::{self, Place};
use crate::sys::reap;
use ktstr_core::{CodeInfo, Controller, Fault, FaultKind, KernelVersion};
use std::path::Path;

/// One thing that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What.
    pub what: String,
    /// Whether it is there.
    pub ok: bool,
    /// Whether scenarios without controllers, policies or interrupts run without it.
    pub optional: bool,
    /// What was found.
    pub detail: String,
    /// How to get it, as a command where there is one; empty when it is there.
    pub cure: String,
}

impl Probe {
    fn new(what: &str, optional: bool, found: Result<String, String>, cure: &str) -> Self {
        let ok = found.is_ok();
        let cure = if ok { String::new() } else { cure.to_owned() };
        Self { what: what.to_owned(), ok, optional, detail: found.unwrap_or_else(|why| why), cure }
    }
}

/// Looks for everything. `parent` as in [`Options`](crate::Options).
pub fn probe(parent: Option<&Path>) -> Vec<Probe> {
    let mut probes = vec![
        cgroup2(),
        root(),
        Probe::new("pidfd", false, pidfd(), "use Linux 5.4 or later"),
        sched_ext(),
        Probe::new(
            "memory.swap.max",
            true,
            swap_accounting(),
            "boot without swapaccount=0, on a kernel with CONFIG_SWAP=y",
        ),
    ];
    match Parent::find(parent) {
        Ok(parent) => below(&parent, &mut probes),
        Err(fault) => {
            probes.push(Probe::new("parent cgroup", false, Err(without_cure(&fault)), cure_of_parent(&fault)))
        }
    }
    probes
}

/// A fault in words; what to do about it is beside.
fn without_cure(fault: &Fault) -> String {
    let CodeInfo { code, what, .. } = fault.kind.info();
    let detail = if fault.detail.is_empty() { String::new() } else { format!(": {}", fault.detail) };
    format!("[{code}] {what}{detail}")
}

fn cure_of_parent(fault: &Fault) -> &'static str {
    match fault.kind {
        FaultKind::Permission => "run as root, or `systemd-run --user --scope -p Delegate=yes …`",
        kind => kind.info().cure,
    }
}

fn cgroup2() -> Probe {
    let found = mount::find().map_or_else(
        || Err("not mounted".to_owned()),
        |mount| {
            let usual = mount.point == Path::new("/sys/fs/cgroup");
            let kind = if usual { "unified" } else { "hybrid: v1 may hold the controllers" };
            let access = if mount.writable { "" } else { ", read-only" };
            Ok(format!("{} ({kind}{access})", mount.point.display()))
        },
    );
    Probe::new("cgroup v2 mount", false, found, "mount -t cgroup2 none /sys/fs/cgroup")
}

fn root() -> Probe {
    let found = if is_privileged() {
        Ok("CAP_SYS_NICE, CAP_SETUID, CAP_SETGID".to_owned())
    } else {
        Err("no right to real-time policies, negative nice values or other users".to_owned())
    };
    Probe::new("privileges", true, found, "run as root")
}

/// Whether this process may set real-time policies, negative nice values and other users.
pub(crate) fn is_privileged() -> bool {
    const NEEDED: u64 = 1 << 6 | 1 << 7 | 1 << 23;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let bits = effective.and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
    bits.is_some_and(|bits| bits & NEEDED == NEEDED)
}

fn pidfd() -> Result<String, String> {
    let own = rustix::process::getpid();
    let opened = rustix::process::pidfd_open(own, rustix::process::PidfdFlags::empty());
    opened.map(|_| "pidfd_open".to_owned()).map_err(|errno| errno.to_string())
}

/// The kernel that runs.
pub(crate) fn kernel() -> Option<KernelVersion> {
    KernelVersion::of_release(&std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?)
}

/// Whether the kernel can load schedulers.
pub(crate) fn has_sched_ext() -> bool {
    std::path::Path::new("/sys/kernel/sched_ext/state").exists()
}

fn sched_ext() -> Probe {
    let read = |file: &str| std::fs::read_to_string(format!("/sys/kernel/sched_ext/{file}")).ok();
    let found = match read("state") {
        Some(state) => {
            let scheduler = read("root/ops").unwrap_or_default();
            Ok(format!("{} {}", state.trim(), scheduler.trim()).trim().to_owned())
        }
        None => Err("the kernel has no sched_ext".to_owned()),
    };
    Probe::new("sched_ext", true, found, "use Linux 6.12 or later with CONFIG_SCHED_CLASS_EXT=y")
}

fn swap_accounting() -> Result<String, String> {
    let Ok(swaps) = std::fs::read_to_string("/proc/swaps") else {
        return Err("the kernel cannot swap".to_owned());
    };
    if std::fs::read_to_string("/proc/cmdline").is_ok_and(|line| line.contains("swapaccount=0")) {
        return Err("disabled at boot".to_owned());
    }
    // Without a swap area the knob is there all the same, and limits nothing.
    Ok(format!("accounted; {} swap areas in use", swaps.lines().skip(1).count()))
}

/// The parent, the controllers there, and what a cgroup can do.
fn below(parent: &Parent, probes: &mut Vec<Probe>) {
    let path = parent.full_path().display().to_string();
    let writable = parent.check_writable();
    let cure = writable.as_ref().err().map_or("", cure_of_parent);
    let found = writable.as_ref().map(|()| path.clone()).map_err(without_cure);
    probes.push(Probe::new("parent cgroup", false, found, cure));
    let available = parent.available().unwrap_or_default();
    for controller in Controller::ALL {
        let name = controller.name();
        let found =
            if available.has(controller) { Ok("can be enabled".to_owned()) } else { Err(why_not(name)) };
        let cure = "boot with `systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all`";
        probes.push(Probe::new(&format!("controller {name}"), true, found, cure));
    }
    if writable.is_ok()
        && let Err(fault) = in_a_cgroup(parent, available.has(Controller::Io), probes)
    {
        probes.push(Probe::new("making a cgroup", false, Err(without_cure(&fault)), fault.kind.info().cure));
    }
}

/// Where a controller is that v2 does not have.
fn why_not(name: &str) -> String {
    let v1 = if name == "io" { "blkio" } else { name };
    let text = std::fs::read_to_string("/proc/cgroups").unwrap_or_default();
    let fields = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    match fields.into_iter().find(|fields| fields.first() == Some(&v1)) {
        None => "not in this kernel".to_owned(),
        Some(fields) if fields.get(3) == Some(&"0") => "disabled at boot".to_owned(),
        Some(fields) if fields.get(1) != Some(&"0") => "mounted on cgroup v1".to_owned(),
        Some(_) => "not delegated to the parent".to_owned(),
    }
}

fn in_a_cgroup(parent: &Parent, io: bool, probes: &mut Vec<Probe>) -> Result<(), Fault> {
    let Some(locked) = parent.lock(true)? else { return Ok(()) };
    let system = |errno| errno_fault(errno, "a cgroup to probe");
    let fresh = RunName::fresh().map_err(system)?;
    let name = fresh.to_string();
    let looked = make_run(&locked, &fresh).map(|dir| {
        let file = |file: &str| match dir.read(file) {
            Ok(_) => Ok("there".to_owned()),
            Err(errno) => Err(errno.to_string()),
        };
        let write_only =
            |file: &str| dir.control(file).map(|_| "there".to_owned()).map_err(|errno| errno.to_string());
        probes.push(Probe::new("cgroup.freeze", false, file("cgroup.freeze"), "use Linux 5.2 or later"));
        probes.push(Probe::new("cgroup.kill", true, write_only("cgroup.kill"), "use Linux 5.14 or later"));
        probes.push(Probe::new(
            "clone3 into a cgroup",
            true,
            clone_into(&dir),
            "use Linux 5.7 or later, outside of a killed cgroup",
        ));
        probes.push(payload_cgroup(parent, &dir, &name));
        if io {
            let cure = "use BFQ, or CONFIG_BLK_CGROUP_IOCOST=y";
            probes.push(Probe::new("io.weight", true, io_weight(&locked.dir, &parent.mount.point), cure));
        }
    });
    // What the probe made goes, whatever came of it.
    let removed = kill::remove_tree(&locked.dir, &name);
    parent.leave(&locked);
    looked.map_err(system)?;
    removed.map(|_| ()).map_err(system)
}

fn clone_into(dir: &Dir) -> Result<String, String> {
    // SAFETY: the child does nothing at all.
    let child =
        unsafe { clone::fork(Place::Into(dir.as_fd()), &mut || 0) }.map_err(|errno| errno.to_string())?;
    match reap::wait_for(&child) {
        Some(reap::End::Exited(0)) => Ok("children live".to_owned()),
        _ => Err("children die at once: this process sits in a cgroup that was once killed".to_owned()),
    }
}

/// Whether a payload in the runner's cgroup can have one of its own, by which all that it starts is found.
fn payload_cgroup(parent: &Parent, dir: &Dir, name: &str) -> Probe {
    let (found, cure) = match Leaves::of_run(parent, dir, name).and_then(|mut leaves| leaves.make(0)) {
        Ok(_) => (Ok("below that of this process".to_owned()), ""),
        Err(why) => {
            let (why, cure) = why_no_leaf(why);
            let effect = "none, so what starts processes as a daemon does may escape its end";
            (Err(format!("{effect}: {why}")), cure)
        }
    };
    Probe::new("payload cgroups", true, found, cure)
}

fn why_no_leaf(why: NoLeaf) -> (String, &'static str) {
    let (why, cure) = match why {
        NoLeaf::Outside => (
            "the cgroup of this process is not below the mount",
            "run it from a cgroup below the mount point of cgroup v2",
        ),
        NoLeaf::Shares => (
            "controllers are enabled below the cgroup of this process",
            "run it from a cgroup that is not the root, as in `systemd-run --scope …`",
        ),
        NoLeaf::Unnoted => ("cgroups take no extended attributes", "use Linux 5.7 or later"),
        NoLeaf::Refused(errno) => {
            let fault = errno_fault(errno, "a child of the cgroup of this process");
            return (without_cure(&fault), cure_of_parent(&fault));
        }
        NoLeaf::Closed => (
            "no process can get into one",
            "run it from a cgroup whose `cgroup.procs` this user may write, as in `systemd-run --user --scope -p \
             Delegate=yes …`",
        ),
    };
    (why.to_owned(), cure)
}

/// The file shows only below a cgroup that hands `io` down, so the root's file of the cost model is looked
/// for as well.
fn io_weight(parent: &Dir, mount: &Path) -> Result<String, String> {
    let there = parent.read("io.weight").is_ok() || parent.read("io.bfq.weight").is_ok();
    let cost = mount.join("io.cost.qos").exists();
    if there || cost { Ok("there".to_owned()) } else { Err("no weights without BFQ or iocost".to_owned()) }
}

/// The first probe that fails and without which nothing runs.
///
/// # Errors
/// That one.
pub fn require(probes: &[Probe]) -> Result<(), Fault> {
    match probes.iter().find(|probe| !probe.ok && !probe.optional) {
        None => Ok(()),
        Some(probe) => Err(fault(FaultKind::NotSupported, &format!("{}: {}", probe.what, probe.detail))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn each_cause_of_no_leaf_has_its_own_words_and_cure() {
        let causes = [
            NoLeaf::Outside,
            NoLeaf::Shares,
            NoLeaf::Unnoted,
            NoLeaf::Refused(Errno::ACCESS),
            NoLeaf::Refused(Errno::AGAIN),
            NoLeaf::Closed,
        ];
        let texts = causes.map(why_no_leaf);
        for (index, (why, cure)) in texts.iter().enumerate() {
            assert!(!why.is_empty() && !cure.is_empty(), "{:?}", causes[index]);
            let same = |(other_why, other_cure): &&(String, &str)| other_why == why || other_cure == cure;
            assert_eq!(texts.iter().filter(same).count(), 1, "{:?}", causes[index]);
        }
    }
}
