//! Turns a typed machine into a QEMU command line. Reproducible by default: time is counted in instructions,
//! one host thread plays all virtual CPUs in turn, clocks and random numbers start from the seed. Running it
//! is in `process`.

pub(crate) mod console;
pub(crate) mod monitor;
pub(crate) mod process;
pub(crate) mod topology;

use crate::emulator::{Emulator, PROGRAM, even};
use crate::error::VmError;
use crate::kernel::Kernel;
use ktstr_core::Uniform;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What executes the guest's instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accel {
    /// QEMU's translator, with instruction-counted time: the same seed gives the same run.
    #[default]
    Tcg,
    /// The host's KVM: fast, and no run repeats.
    Kvm,
    /// KVM where a guest gets as far as its init on it, else TCG; the run says which, and why.
    Auto,
}

impl std::str::FromStr for Accel {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "tcg" => Ok(Self::Tcg),
            "kvm" => Ok(Self::Kvm),
            "auto" => Ok(Self::Auto),
            _ => Err(format!("`{name}` is no accelerator; there are tcg, kvm and auto")),
        }
    }
}

/// Kernel parameters of every guest. Quiet, since each byte on the console costs time; a panic or oops ends
/// the guest at once; the registers of a program that dies of a fault are logged; no address randomisation;
/// nothing at boot that no scenario needs: self-tests, audit, and what the blacklisted calls set up
/// (certificates and keys, the generator of jitter entropy, slabs of their own for what is copied from
/// programs, BPF as a congestion control or in its self-test, texts and checks for tracing); and nothing that
/// works beside the scenario: DAMON's statistics take a tenth of CPU 0 (Linux 7.2).
const PARAMETERS: &str = "console=ttyS0 quiet nokaslr panic=-1 oops=panic reboot=t print-fatal-signals=1 mitigations=off \
    lsm= audit=0 cryptomgr.notests no_timer_check nowatchdog 8250.nr_uarts=1 damon_stat.enabled=0 \
    initcall_blacklist=load_system_certificate_list,jent_mod_init,crypto_kdf108_init,init_encrypted,\
    init_user_buckets,init_msg_buckets,bpf_tcp_ca_kfunc_init,bpf_dummy_struct_ops_init,trace_eval_init,\
    ftrace_check_for_weak_functions";

/// Kernel parameters of guests that QEMU computes. Random numbers from the processor: QEMU draws them from
/// the seed, and gathering noise instead takes a second. No clock tick at the same moment on all CPUs: each
/// that is interrupted loses its turn in QEMU's round, and when all are it can be the same CPU's for seconds
/// (measured with QEMU 7.2: gaps of up to 1650 ms under four busy CPUs, 13 to 28 ms with ticks apart; with
/// 10.0 CPUs are more even with ticks apart). No check of one CPU's clock against another's, which cannot
/// differ here: Linux 7.2 does it at the start with interrupts off, waits for the other CPU, and takes the
/// time for giving up from a clock that stands still meanwhile (seen on QEMU 10.0: eight CPUs hung there,
/// each time, from one seed). And how many cycles a tick has is said (1 GHz at 250 Hz): a CPU that comes up
/// finds it out by spinning for two seconds of guest time, which is five sixths of what a restored run of a
/// moment costs. At 1000 Hz the kernel's short delays are four times too long.
const COMPUTED: &str = "random.trust_cpu=on skew_tick=1 tsc=reliable lpj=4000000";

/// What keeps a computed kernel from `cmpxchg16b`: after it QEMU (7.2 at least) has rubbish in all flags but
/// one, and a kernel that was interrupted there died, in one boot of 70 (see `flags`). From 6.18 on a kernel
/// has to have it: without it `kmalloc_nolock` (mm/slub.c) has no memory for BPF, so that no sched_ext
/// scheduler would load. There a guest that dies so is only booted again.
pub(crate) fn without_cmpxchg16b(release: &str) -> &'static str {
    let mut numbers = release.split(['.', '-']).map_while(|word| word.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(u32::MAX), numbers.next().unwrap_or(0));
    if version < (6, 18) { "clearcpuid=cx16" } else { "" }
}

/// All that QEMU can do, but for the fast string operations: a kernel that sees them clears and copies with
/// `rep stosb` and `rep movsb`, and each byte of those is an instruction to the counter.
const CPU: &str = "max,-erms";

/// Name of the port that the guest writes frames to.
pub(crate) const OUT_PORT: &str = "ktstr.out";

/// Where the files of one run are.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    pub(crate) kernel: PathBuf,
    pub(crate) initrd: PathBuf,
    pub(crate) console: PathBuf,
    pub(crate) out: PathBuf,
}

impl Paths {
    /// The files of a run in its directory. The unpacked kernel is the same kernel, and need not be
    /// decompressed by the guest.
    pub(crate) fn in_directory(directory: &Path, kernel: &Kernel) -> Self {
        let kernel = kernel.vmlinux.clone().unwrap_or_else(|| kernel.image.clone());
        let at = |name: &str| directory.join(name);
        Self { kernel, initrd: at("initrd"), console: at("console"), out: at("out") }
    }
}

/// One machine, wholly described: the same value gives the same command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) emulator: Emulator,
    /// What makes its CPUs equally fast, where there is that.
    pub(crate) even: Option<PathBuf>,
    pub(crate) topology: Uniform,
    pub(crate) memory_mib: u32,
    pub(crate) seed: u64,
    pub(crate) accel: Accel,
    /// Each instruction takes `2^shift` nanoseconds of guest time.
    pub(crate) shift: u8,
    pub(crate) parameters: String,
}

impl Machine {
    /// The command that starts QEMU, with its arguments.
    pub(crate) fn command(&self, paths: &Paths) -> Result<Command, VmError> {
        let mut command = self.emulator.command();
        if let Some(plugin) = &self.even {
            command.args(even::arguments(plugin));
        }
        command.args(self.arguments(paths)?);
        Ok(command)
    }

    /// What the machine is, apart from the files of a run: who starts, and with what.
    pub(crate) fn words(&self, paths: &Paths) -> Result<Vec<String>, VmError> {
        let mut words = vec![PROGRAM.to_owned()];
        if self.even.is_some() {
            words.extend(["-plugin", "EVEN"].map(str::to_owned));
        }
        words.extend(self.arguments(paths)?);
        Ok(words)
    }

    /// The arguments of QEMU.
    pub(crate) fn arguments(&self, paths: &Paths) -> Result<Vec<String>, VmError> {
        let mut arguments: Vec<String> = Vec::new();
        let mut add = |words: &[&str]| arguments.extend(words.iter().map(|word| (*word).to_owned()));
        add(&["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]);
        // `pc`: on `q35` one run in four drifted.
        add(&["-machine", "pc,usb=off,vmport=off"]);
        match self.accel {
            Accel::Kvm => add(&["-accel", "kvm", "-cpu", "host"]),
            Accel::Tcg | Accel::Auto => {
                add(&["-accel", "tcg,thread=single", "-cpu", CPU]);
                add(&["-icount", &format!("shift={},sleep=off", self.shift)]);
                add(&["-rtc", "base=2024-01-01T00:00:00,clock=vm"]);
            }
        }
        add(&["-seed", &self.seed.to_string()]);
        add(&["-chardev", &format!("file,id=console,append=on,path={}", escape(&paths.console))]);
        add(&["-serial", "chardev:console"]);
        // Without ioeventfd the guest's write is carried out before its next instruction, not whenever the
        // host likes.
        add(&["-device", "virtio-serial-pci,ioeventfd=off,max_ports=4"]);
        add(&["-chardev", &format!("file,id=out,append=on,path={}", escape(&paths.out))]);
        add(&["-device", &format!("virtserialport,chardev=out,name={OUT_PORT}")]);
        arguments.extend(topology::arguments(&self.topology, self.memory_mib)?);
        let mut add = |words: &[&str]| arguments.extend(words.iter().map(|word| (*word).to_owned()));
        add(&["-kernel", &paths.kernel.to_string_lossy(), "-initrd", &paths.initrd.to_string_lossy()]);
        let computed = if self.accel == Accel::Kvm { "" } else { COMPUTED };
        let parameters = [PARAMETERS, computed, &self.parameters].map(str::trim).join(" ");
        add(&["-append", parameters.trim_end()]);
        Ok(arguments)
    }
}

/// A path inside an option list: a comma would end it, and is doubled.
fn escape(path: &std::path::Path) -> String {
    path.to_string_lossy().replace(',', ",,")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::tests::example;

    fn machine() -> Machine {
        Machine {
            emulator: example("QEMU emulator version 10.0.13"),
            even: None,
            topology: Uniform::new(1, 1, 2, 1),
            memory_mib: 256,
            seed: u64::MAX,
            accel: Accel::Tcg,
            shift: 4,
            parameters: "x=1".to_owned(),
        }
    }

    fn line(machine: &Machine) -> String {
        let path = |name: &str| PathBuf::from(name);
        let paths = Paths { kernel: path("k"), initrd: path("i"), console: path("a,b"), out: path("o") };
        machine.arguments(&paths).unwrap().join(" ")
    }

    #[test]
    fn kernels_that_can_do_without_cmpxchg16b_do() {
        for (release, parameter) in [
            ("6.12.117+deb12-cloud-amd64", "clearcpuid=cx16"),
            ("5.10.0", "clearcpuid=cx16"),
            ("6.18-rc1", ""),
            ("7.2.13+deb14-cloud-amd64", ""),
            ("", ""),
        ] {
            assert_eq!(without_cmpxchg16b(release), parameter, "{release}");
        }
    }

    #[test]
    fn by_default_no_clock_of_the_host_is_used() {
        let line = line(&machine());
        for part in [
            "thread=single",
            "-icount shift=4,sleep=off",
            "clock=vm",
            "-seed 18446744073709551615",
            "ioeventfd=off",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(line.contains("path=a,,b") && line.ends_with(" x=1"), "{line}");
    }

    #[test]
    fn kvm_counts_no_instructions() {
        let line = line(&Machine { accel: Accel::Kvm, ..machine() });
        assert!(line.contains("-accel kvm") && !line.contains("icount"), "{line}");
    }
}
