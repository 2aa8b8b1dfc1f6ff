//! A guest that waits to be saved and goes on with a job that was not there before. It stops itself by one
//! write to a device, so that the state is saved at the same instruction each time; it finds its job in its
//! own memory, where the host has written it while everything stood still. Until then only one CPU is online
//! and computes: with nothing to schedule and nothing idle, it does not show when QEMU's main loop comes to
//! rest after the restore.

use super::compute_for;
use crate::frame::{Message, Reader};
use crate::job::Job;
use ktstr_linux::write_register;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::Duration;

/// Kernel parameter of a guest that shall be saved.
pub(crate) const PARAMETER: &str = "ktstr.park";
/// The largest job that a saved guest takes, in bytes with its frame.
pub(crate) const ROOM: usize = 1 << 20;
/// Bytes of a page.
pub(crate) const PAGE: usize = 4096;
/// Vendor and device of QEMU's `pvpanic-pci`, which stops the machine when 1 is written to it.
const STOPPER: (&str, &str) = ("0x1b36", "0x0011");
/// Guest time spent computing after a restore, so that QEMU's main loop is at rest before anything is
/// scheduled: some hundred milliseconds of the host's on a busy one, some tens on an idle one.
const SETTLE: Duration = Duration::from_millis(600);

/// Whether this guest shall be saved.
pub(super) fn is_wanted() -> bool {
    let parameters = std::fs::read_to_string("/proc/cmdline").unwrap_or_default();
    parameters.split_whitespace().any(|word| word == PARAMETER)
}

/// Announces the pages for a job by `send`, stops the machine, and comes back with the job after the restore.
pub(super) fn park(send: impl FnOnce(&Message) -> Result<(), String>) -> Result<Job, String> {
    let mut buffer = vec![1u8; ROOM + PAGE];
    let address = buffer.as_mut_ptr() as usize;
    let first = address.next_multiple_of(PAGE);
    let pages =
        (0..ROOM / PAGE).map(|page| physical(first + page * PAGE)).collect::<Result<Vec<u64>, String>>()?;
    let stopper = stopper()?;
    send(&Message::Parked(pages))?;
    // This stops the machine, and returns when it runs again.
    write_register(&stopper, 1).map_err(|error| format!("the stopping device: {error}"))?;
    compute_for(SETTLE);
    let mut bytes = vec![0; ROOM];
    // By way of the kernel: to the compiler nobody has written to the buffer.
    let memory = File::open("/proc/self/mem").map_err(|error| format!("/proc/self/mem: {error}"))?;
    memory.read_exact_at(&mut bytes, first as u64).map_err(|error| format!("/proc/self/mem: {error}"))?;
    drop(buffer);
    online_all_cpus()?;
    let mut reader = Reader::default();
    reader.feed(&bytes);
    match reader.read() {
        Ok(Some(job)) => Ok(job),
        Ok(None) => Err(format!("the job in memory: {}", reader.end())),
        Err(error) => Err(format!("the job in memory: {error}")),
    }
}

/// The physical address of the page at this virtual one, by the layout of `/proc/self/pagemap` (the kernel's
/// `Documentation/admin-guide/mm/pagemap.rst`): bit 63 says present, bits 0 to 54 are the page frame.
fn physical(address: usize) -> Result<u64, String> {
    let map = File::open("/proc/self/pagemap").map_err(|error| format!("/proc/self/pagemap: {error}"))?;
    let mut entry = [0; 8];
    map.read_exact_at(&mut entry, (address / PAGE * 8) as u64)
        .map_err(|error| format!("/proc/self/pagemap: {error}"))?;
    let entry = u64::from_le_bytes(entry);
    match entry & ((1 << 55) - 1) {
        frame if entry >> 63 == 1 && frame > 0 => Ok(frame * PAGE as u64),
        _ => Err("the kernel does not show where pages are".to_owned()),
    }
}

/// The register of the stopping device, enabled.
fn stopper() -> Result<File, String> {
    let devices = PathBuf::from("/sys/bus/pci/devices").read_dir().into_iter().flatten().flatten();
    let is = |path: &PathBuf, name: &str, value: &str| {
        std::fs::read_to_string(path.join(name)).is_ok_and(|text| text.trim() == value)
    };
    let mut paths = devices.map(|entry| entry.path());
    let path = paths.find(|path| is(path, "vendor", STOPPER.0) && is(path, "device", STOPPER.1));
    let path = path.ok_or("there is no device to stop the machine with")?;
    std::fs::write(path.join("enable"), "1")
        .map_err(|error| format!("enabling {}: {error}", path.display()))?;
    let register = path.join("resource0");
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(&register)
        .map_err(|error| format!("{}: {error}", register.display()))
}

/// Starts the CPUs that the kernel was asked to leave alone.
fn online_all_cpus() -> Result<(), String> {
    let present =
        std::fs::read_to_string("/sys/devices/system/cpu/present").map_err(|error| error.to_string())?;
    for cpu in super::facts::members(present.trim()).into_iter().skip(1) {
        let path = format!("/sys/devices/system/cpu/cpu{cpu}/online");
        std::fs::write(&path, "1").map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}
