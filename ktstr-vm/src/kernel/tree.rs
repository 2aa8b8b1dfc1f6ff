//! A kernel tree that was built: its image, its configuration, and which options the guest needs that are not
//! set in it.

use super::Kernel;
use crate::error::{IoContext, VmError};
use std::path::Path;

/// What has to be built in, and what for: that the guest starts, that the host hears of it, and the
/// controllers that every machine of ours has. What a scheduler needs is said by the scenario that has one.
pub const NEEDED: &[(&str, &str)] = &[
    ("64BIT", "the guest program is x86-64"),
    ("BINFMT_ELF", "the guest program is an ELF file"),
    ("BLK_DEV_INITRD", "the guest's files come as an initramfs"),
    ("SERIAL_8250", "the host hears of the guest over serial ports"),
    ("SERIAL_8250_CONSOLE", "a kernel that panics says so on the console"),
    ("PRINTK", "a kernel that panics says so on the console"),
    ("PROC_FS", "what workers do is read below /proc"),
    ("SYSFS", "CPUs and nodes are read below /sys"),
    ("DEVTMPFS", "the guest finds its ports below /dev"),
    ("TMPFS", "the guest has /tmp and /run in memory"),
    ("SMP", "a guest has several CPUs"),
    ("ACPI", "the topology is in ACPI tables"),
    ("EPOLL", "the supervisor waits with it"),
    ("EVENTFD", "workers wait with it"),
    ("TIMERFD", "the supervisor waits with it"),
    ("FUTEX", "workers wait with it"),
    ("CGROUPS", "there are cgroups"),
    ("CPUSETS", "the controller cpuset"),
    ("CGROUP_SCHED", "the controller cpu"),
    ("FAIR_GROUP_SCHED", "the controller cpu, cpu.weight"),
    ("CFS_BANDWIDTH", "the controller cpu, cpu.max"),
    ("MEMCG", "the controller memory"),
    ("CGROUP_PIDS", "the controller pids"),
];

/// The options of [`NEEDED`] that a configuration does not build in.
pub fn lacking(config: &str) -> Vec<&'static str> {
    let is_set = |option: &str| {
        let set = format!("CONFIG_{option}=y");
        config.lines().any(|line| line == set)
    };
    NEEDED.iter().map(|(option, _)| *option).filter(|option| !is_set(option)).collect()
}

impl Kernel {
    /// The kernel of a tree that was built: `arch/x86/boot/bzImage`, else `vmlinux`, with `.config`.
    ///
    /// # Errors [`VmError::KernelNotFound`] when neither was built, [`VmError::KernelOptions`] when options
    /// are not set that the guest needs, and those of [`from_file`](Self::from_file).
    pub fn from_tree(tree: &Path) -> Result<Self, VmError> {
        let images = ["arch/x86/boot/bzImage", "vmlinux"].map(|image| tree.join(image));
        let Some(image) = images.iter().find(|image| image.is_file()) else {
            let searched =
                format!("{} and {}, of which neither was built", images[0].display(), images[1].display());
            return Err(VmError::KernelNotFound { spec: tree.display().to_string(), searched });
        };
        let config = tree.join(".config");
        if config.is_file() {
            let missing = lacking(&std::fs::read_to_string(&config).at("read", &config)?);
            if !missing.is_empty() {
                return Err(VmError::KernelOptions { config, missing });
            }
        }
        let kernel = Self::from_file(image)?;
        Ok(Self { config: config.is_file().then_some(config).or(kernel.config), ..kernel })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(config: Option<&str>) -> tempfile::TempDir {
        let tree = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(tree.path().join("arch/x86/boot")).unwrap();
        if let Some(config) = config {
            std::fs::write(tree.path().join(".config"), config).unwrap();
        }
        tree
    }

    fn complete() -> String {
        NEEDED.iter().map(|(option, _)| format!("CONFIG_{option}=y\n")).collect()
    }

    #[test]
    fn a_tree_that_was_not_built_says_where_was_looked() {
        let error = Kernel::from_tree(tree(Some(&complete())).path()).unwrap_err();
        assert_eq!(error.code(), "V001");
        assert!(error.to_string().contains("arch/x86/boot/bzImage"), "{error}");
    }

    #[test]
    fn each_option_that_is_not_built_in_is_named_with_the_line_that_sets_it() {
        let config =
            complete().replace("CONFIG_MEMCG=y", "# CONFIG_MEMCG is not set").replace("PIDS=y", "PIDS=m");
        let tree = tree(Some(&config));
        std::fs::write(tree.path().join("vmlinux"), "no kernel").unwrap();
        let error = Kernel::from_tree(tree.path()).unwrap_err();
        assert_eq!(error.code(), "V008");
        let text = error.to_string();
        let file = tree.path().join(".config").display().to_string();
        for option in ["MEMCG", "CGROUP_PIDS"] {
            assert!(text.contains(&format!("scripts/config --file {file} --enable {option}")), "{text}");
        }
        assert_eq!(text.matches("scripts/config").count(), 2, "{text}");
    }

    #[test]
    fn what_is_no_kernel_is_refused_with_and_without_a_configuration() {
        for config in [Some(complete()), None] {
            let tree = tree(config.as_deref());
            std::fs::write(tree.path().join("arch/x86/boot/bzImage"), "no kernel").unwrap();
            assert_eq!(Kernel::from_tree(tree.path()).unwrap_err().code(), "V002");
        }
    }

    /// Kernels that boot have all of it: the list asks for no more than is needed.
    #[test]
    fn kernels_that_were_fetched_have_all_of_it() {
        let kernels = crate::kernel::Cache::of_user().list().unwrap_or_default();
        for config in kernels.iter().filter_map(|kernel| kernel.config.as_ref()) {
            let text = std::fs::read_to_string(config).unwrap();
            assert_eq!(lacking(&text), Vec::<&str>::new(), "{}", config.display());
        }
        if kernels.is_empty() {
            println!("SKIP: no kernel was fetched");
        }
    }
}
