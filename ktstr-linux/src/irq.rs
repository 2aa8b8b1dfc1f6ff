//! Directs interrupts to CPUs, and back.

use crate::fault::{errno_fault, fault};
use ktstr_core::{Fault, FaultKind};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The interrupts that were steered, each with where it went before.
#[derive(Debug)]
pub(crate) struct Irqs {
    directory: PathBuf,
    before: BTreeMap<u32, String>,
}

impl Default for Irqs {
    fn default() -> Self {
        Self { directory: "/proc/irq".into(), before: BTreeMap::new() }
    }
}

impl Irqs {
    /// Directs `irq` to `cpu`.
    ///
    /// # Errors
    /// `NoDevice` for an interrupt that is not there; else what the kernel says: `EIO` for one that it steers
    /// itself.
    pub(crate) fn steer(&mut self, irq: u32, cpu: u32) -> Result<(), Fault> {
        let file = self.directory.join(format!("{irq}/smp_affinity_list"));
        let about = |error: std::io::Error| match Errno::from_io_error(&error) {
            Some(Errno::NOENT) => {
                let mut missing = fault(FaultKind::NoDevice, &format!("irq {irq}"));
                missing.errno = libc::ENOENT;
                missing
            }
            errno => errno_fault(errno.unwrap_or(Errno::IO), &format!("irq {irq}")),
        };
        let before = std::fs::read_to_string(&file).map_err(about)?;
        self.write(irq, &cpu.to_string()).map_err(about)?;
        self.before.entry(irq).or_insert_with(|| before.trim().to_owned());
        Ok(())
    }

    /// Directs `irq` to where it went before it was first steered.
    ///
    /// # Errors
    /// `Unknown` for one that was not steered; else what the kernel says.
    pub(crate) fn restore(&mut self, irq: u32) -> Result<(), Fault> {
        let about = format!("irq {irq}");
        let before = self.before.get(&irq).ok_or_else(|| fault(FaultKind::Unknown, &about))?;
        self.write(irq, before)
            .map_err(|error| errno_fault(Errno::from_io_error(&error).unwrap_or(Errno::IO), &about))?;
        self.before.remove(&irq);
        Ok(())
    }

    /// Directs all back, as far as that goes.
    pub(crate) fn restore_all(&mut self) {
        for irq in self.before.keys().copied().collect::<Vec<_>>() {
            // For the end of a backend that nobody listens to any more.
            let _ = self.restore(irq);
        }
    }

    fn write(&self, irq: u32, cpus: &str) -> std::io::Result<()> {
        use std::io::Write as _;
        let file = self.directory.join(format!("{irq}/smp_affinity_list"));
        std::fs::OpenOptions::new().write(true).open(file)?.write_all(format!("{cpus}\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn interrupts_go_back_to_where_they_went_first() {
        let directory = std::env::temp_dir().join(format!("ktstr-irq-{}", std::process::id()));
        let file = directory.join("7/smp_affinity_list");
        fs::create_dir_all(directory.join("7")).expect("a directory");
        fs::write(&file, "0-1\n").expect("a file");
        let mut irqs = Irqs { directory: directory.clone(), before: BTreeMap::new() };
        assert_eq!(irqs.steer(7, 1), Ok(()));
        assert_eq!(irqs.steer(7, 0), Ok(()));
        assert!(fs::read_to_string(&file).expect("a file").starts_with("0\n"));
        assert_eq!(irqs.steer(8, 0).map_err(|fault| fault.kind), Err(FaultKind::NoDevice));
        assert_eq!(irqs.restore(7), Ok(()));
        assert!(fs::read_to_string(&file).expect("a file").starts_with("0-1\n"));
        assert_eq!(irqs.restore(7).map_err(|fault| fault.kind), Err(FaultKind::Unknown));
        fs::remove_dir_all(directory).expect("removed");
    }
}
