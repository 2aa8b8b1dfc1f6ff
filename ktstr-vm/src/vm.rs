//! A virtual machine as a value: say what it shall be, then let it do a job. Each run is a fresh boot with
//! files of its own, so runs may go on side by side; nothing is left when a run returns, whatever it returns.

use crate::emulator::{self, Emulator, even};
use crate::error::{IoContext, VmError};
use crate::frame::{self, Nonce};
use crate::guest::JOB;
use crate::image::{Archive, Image};
use crate::job::{Job, Repeat, VmRun};
use crate::kernel::{Cache, Kernel};
use crate::qemu::process::{self, Asked, Finished, Limits};
use crate::qemu::{self, Accel, Machine, Paths};
use crate::state::State;
use ktstr_core::Uniform;
use rustix::rand::{GetRandomFlags, getrandom};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// The machine for which nothing was asked.
pub(crate) const DEFAULT_SHAPE: Uniform = Uniform::new(1, 1, 4, 1);
/// Memory of a guest for which none was asked, in MiB.
const DEFAULT_MEMORY_MIB: u32 = 512;
/// Time a guest gets to start its program, in host time; TCG takes 2 s on an idle machine.
const START_TIMEOUT: Duration = Duration::from_secs(120);
/// The same on KVM, where it takes less than a second or never comes.
const KVM_START_TIMEOUT: Duration = Duration::from_secs(10);

/// Time that a run may take in host time, where nothing was said and nothing is known of it.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);
/// Host time for a second of one busy CPU, on a host that does other things too.
const HOST_FOR_GUEST: u32 = 5;

/// How often a guest is booted that QEMU executes wrongly, each time a little differently.
const ATTEMPTS: u8 = 4;

/// A machine to run jobs on.
///
/// ```no_run
/// use ktstr_vm::{Cache, Image, Job, Vm, resolve};
///
/// # fn main() -> Result<(), ktstr_vm::VmError> {
/// let kernel = resolve("6.12", &Cache::of_user())?;
/// let image = Image::with_init(&std::env::current_exe().unwrap())?;
/// let run = Vm::new(kernel).seed(7).run_job(&Job::default(), &image)?;
/// match run.answer {
///     Ok(answer) => println!("{} bytes from {}", answer.len(), run.machine.release),
///     Err(finding) => println!("the kernel under test ended: {finding}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Vm {
    kernel: Kernel,
    qemu: Option<String>,
    topology: Option<Uniform>,
    memory_mib: Option<u32>,
    seed: Option<u64>,
    accel: Accel,
    timeout: Option<Duration>,
    shift: u8,
    parameters: String,
    cancel: Option<Arc<AtomicBool>>,
    states: Option<Cache>,
    traced: bool,
}

impl Vm {
    /// A reproducible machine with this kernel, 4 CPUs on one node and 512 MiB.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            qemu: None,
            topology: None,
            memory_mib: None,
            seed: None,
            accel: Accel::Tcg,
            timeout: None,
            shift: 4,
            parameters: String::new(),
            cancel: None,
            states: None,
            traced: false,
        }
    }

    /// Another QEMU than [`emulator::resolve`] finds by itself: a path, a program on `PATH`, or the version
    /// of one that was fetched.
    #[must_use]
    pub fn qemu(mut self, program: &str) -> Self {
        self.qemu = Some(program.to_owned());
        self
    }

    /// CPUs, caches and nodes; its memory too, unless that is 0.
    #[must_use]
    pub fn topology(mut self, topology: Uniform) -> Self {
        self.topology = Some(topology);
        self
    }

    /// What will be built: what was said, else what `wanted` says, else 4 CPUs on one node.
    pub(crate) fn shape(&self, wanted: Option<Uniform>) -> Uniform {
        let shape = self.topology.or(wanted).unwrap_or(DEFAULT_SHAPE);
        let said = self.memory_mib.unwrap_or(shape.memory_mib);
        shape.memory_mib(if said > 0 { said } else { DEFAULT_MEMORY_MIB })
    }

    /// Memory of the whole machine in MiB, at least 128 for each node.
    #[must_use]
    pub fn memory_mib(mut self, mib: u32) -> Self {
        self.memory_mib = Some(mib);
        self
    }

    /// The seed of the machine; without this, the job's.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Takes the kernel's trace of a scenario: who ran where, who woke whom, what became of cgroups. What is
    /// traced costs the guest instructions, so that a traced run is another one than one without; of a seed
    /// it is the same each time.
    #[must_use]
    pub fn traced(mut self, traced: bool) -> Self {
        self.traced = traced;
        self
    }

    pub(crate) fn is_traced(&self) -> bool {
        self.traced
    }

    /// What executes the guest's instructions.
    #[must_use]
    pub fn accel(mut self, accel: Accel) -> Self {
        self.accel = accel;
        self
    }

    /// How long a run may take, in host time; 300 s without this, and for a scenario 5 s more for each second
    /// of its duration and each CPU. A guest that has begun and gives no answer within it is a
    /// [`Finding`](crate::Finding) of class hang. The bound by the guest's own clock is [`Job::limit`].
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The same for a scenario of this duration, where nothing was said.
    pub(crate) fn timeout_for(self, duration: Duration) -> Self {
        let cpus = u32::try_from(self.shape(None).cpus()).unwrap_or(u32::MAX);
        let spent = duration.saturating_mul(cpus).saturating_mul(HOST_FOR_GUEST);
        Self { timeout: self.timeout.or(Some(DEFAULT_TIMEOUT.saturating_add(spent))), ..self }
    }

    /// The virtual CPUs' speed under instruction-counted time: each instruction takes `2^shift` nanoseconds,
    /// 0 to 10. The default, 4, makes slow CPUs and cheap seconds.
    #[must_use]
    pub fn icount_shift(mut self, shift: u8) -> Self {
        self.shift = shift.min(10);
        self
    }

    /// Further kernel parameters.
    #[must_use]
    pub fn kernel_parameters(mut self, parameters: &str) -> Self {
        parameters.clone_into(&mut self.parameters);
        self
    }

    /// Boots once for each kernel, image and shape, keeps that guest's state in `cache`, and has each job go
    /// on from it: a fraction of the time of a boot, and as repeatable for as long as the state is kept. Not
    /// on KVM.
    #[must_use]
    pub fn saved_states(mut self, cache: Cache) -> Self {
        self.states = Some(cache);
        self
    }

    /// Ends a run, with [`VmError::Interrupted`], once this is set.
    #[must_use]
    pub fn cancel_on(mut self, flag: Arc<AtomicBool>) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// The kernel it boots.
    #[must_use]
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// Boots, lets the guest program of `image` do `job`, and returns its answer, or how the kernel under
    /// test ended.
    ///
    /// # Errors
    /// Any [`VmError`]; QEMU has ended and its files are removed when this returns.
    pub fn run_job(&self, job: &Job, image: &Image) -> Result<VmRun, VmError> {
        self.run_archive(job, &self.archive(image)?)
    }

    /// Builds an image for this machine's kernel, to be used for several runs.
    ///
    /// # Errors
    /// [`VmError::Io`] when a file of the host cannot be read.
    pub fn archive(&self, image: &Image) -> Result<Archive, VmError> {
        let mut image = image.clone();
        image.directory("/ktstr");
        if let Some(config) = &self.kernel.config {
            image.host(config, Some(&format!("/boot/config-{}", self.kernel.release)))?;
        }
        image.build()
    }

    /// As [`run_job`](Self::run_job), with an image that is built already.
    ///
    /// # Errors
    /// As for [`run_job`](Self::run_job).
    pub fn run_archive(&self, job: &Job, image: &Archive) -> Result<VmRun, VmError> {
        let begin = Instant::now();
        let image_mib = image.bytes.len() as u64 >> 20;
        // Unpacking needs the archive and its content side by side.
        if image_mib * 2 >= u64::from(self.shape(None).memory_mib) {
            return Err(VmError::ImageTooLarge { image_mib, memory_mib: self.shape(None).memory_mib });
        }
        let mut notes = Vec::new();
        let run = match self.accel {
            Accel::Auto => self.run_auto(job, image, &mut notes)?,
            accel => self.run_on(accel, job, image)?,
        };
        Ok(VmRun { notes, elapsed: begin.elapsed(), ..run })
    }

    /// KVM if a guest comes up on it, else TCG. The finding holds for the life of the process.
    fn run_auto(&self, job: &Job, image: &Archive, notes: &mut Vec<String>) -> Result<VmRun, VmError> {
        static UNUSABLE: OnceLock<String> = OnceLock::new();
        if UNUSABLE.get().is_none() {
            match self.run_on(Accel::Kvm, job, image) {
                Err(VmError::KvmUnusable { reason }) => drop(UNUSABLE.set(reason)),
                result => {
                    notes.push("runs on KVM, so it does not repeat".to_owned());
                    return result;
                }
            }
        }
        let reason = UNUSABLE.get().map_or("", String::as_str);
        notes.push(format!("runs on TCG, since KVM is not usable: {reason}"));
        self.run_on(Accel::Tcg, job, image)
    }

    fn run_on(&self, accel: Accel, job: &Job, image: &Archive) -> Result<VmRun, VmError> {
        if accel == Accel::Kvm && !Path::new("/dev/kvm").exists() {
            return Err(VmError::KvmUnusable { reason: "there is no /dev/kvm".to_owned() });
        }
        let mut attempt = 0;
        loop {
            match self.attempt(accel, job, image, attempt) {
                Err(VmError::EmulatorFault { .. }) if attempt + 1 < ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }

    fn attempt(&self, accel: Accel, job: &Job, image: &Archive, attempt: u8) -> Result<VmRun, VmError> {
        let (emulator, even) = self.emulator(accel)?;
        let mut warnings: Vec<String> = emulator.warning().into_iter().collect();
        let machine = self.machine(accel, job.seed, attempt, emulator, even.clone().ok());
        let uneven = accel != Accel::Kvm && machine.even.is_none() && machine.topology.cpus() > 1;
        if let (Err(reason), true) = (even, uneven) {
            warnings.push(unevenness(&reason));
        }
        let mut nonce = Nonce::default();
        let drawn = getrandom(&mut nonce, GetRandomFlags::empty());
        drawn.map_err(std::io::Error::from).at("draw random bytes from", "getrandom")?;
        let job = Job { seed: machine.seed, nonce, ..job.clone() };
        let booted = self.kernel.booted()?;
        let limit = job.limit.unwrap_or(Job::LIMIT);
        let asked = Asked { machine: &machine, release: &self.kernel.release, nonce, limit };
        let start = if accel == Accel::Kvm { KVM_START_TIMEOUT } else { START_TIMEOUT };
        let total = self.timeout.unwrap_or(DEFAULT_TIMEOUT);
        let limits = Limits { total, start, cancel: self.cancel.as_deref() };
        let (finished, state_sha256) = match &self.states {
            Some(cache) if accel != Accel::Kvm => {
                match State::of(asked, &self.kernel, image, cache, limits)? {
                    Ok(state) => {
                        let finished = state.run(asked, &self.kernel, image, &job, limits)?;
                        (finished, Some(state.sha256().to_owned()))
                    }
                    Err(finding) => (Finished::by(finding), None),
                }
            }
            _ => (self.boot(asked, image, &job, limits)?, None),
        };
        booted.is_still()?;
        let repeat = Repeat {
            seed: machine.seed,
            kernel_release: self.kernel.release.clone(),
            kernel_sha256: self.kernel.sha256.clone(),
            booted_sha256: booted.sha256,
            image_sha256: image.sha256.clone(),
            qemu_version: machine.emulator.banner.clone(),
            qemu_origin: machine.emulator.origin.name().to_owned(),
            uneven,
            warnings,
            accel,
            topology: machine.topology,
            memory_mib: machine.memory_mib,
            command: symbolic_command(&machine, &self.kernel)?,
            state_sha256,
            attempt,
            reproducible: accel == Accel::Tcg,
        };
        let Finished { answer, machine, progress, console } = finished;
        Ok(VmRun { answer, machine, progress, repeat, console, notes: Vec::new(), elapsed: Duration::ZERO })
    }

    fn boot(
        &self,
        asked: Asked<'_>,
        image: &Archive,
        job: &Job,
        limits: Limits<'_>,
    ) -> Result<Finished, VmError> {
        let directory = process::run_directory()?;
        let paths = Paths::in_directory(directory.path(), &self.kernel);
        write_initrd(&paths.initrd, image, job)?;
        process::run(asked, &paths, directory.path(), limits).map_err(|error| match asked.machine.accel {
            Accel::Kvm => kvm_error(error),
            _ => error,
        })
    }

    /// The QEMU, and what makes its CPUs equally fast or why there is nothing that does. On KVM they are the
    /// host's.
    fn emulator(&self, accel: Accel) -> Result<(Emulator, Result<PathBuf, String>), VmError> {
        let cache = Cache::of_user();
        let emulator = emulator::resolve(self.qemu.as_deref(), &cache)?;
        let even = match accel {
            Accel::Kvm => Err("on KVM they are as fast as the host lets them be".to_owned()),
            Accel::Tcg | Accel::Auto => even::plugin(&emulator, &cache),
        };
        Ok((emulator, even))
    }

    fn machine(
        &self,
        accel: Accel,
        seed: u64,
        attempt: u8,
        emulator: Emulator,
        even: Option<PathBuf>,
    ) -> Machine {
        // The kernel's random generator takes in its parameters, so a further one makes another boot.
        let variation = if attempt > 0 { format!(" ktstr.attempt={attempt}") } else { String::new() };
        let avoided = if accel == Accel::Kvm { "" } else { qemu::without_cmpxchg16b(&self.kernel.release) };
        let shape = self.shape(None);
        Machine {
            emulator,
            even,
            topology: shape,
            memory_mib: shape.memory_mib,
            seed: self.seed.unwrap_or(seed),
            accel,
            shift: self.shift,
            parameters: format!("{avoided} {}{variation}", self.parameters).trim().to_owned(),
        }
    }
}

/// What a run on CPUs of unequal speed has to say.
fn unevenness(reason: &str) -> String {
    format!(
        "virtual CPUs are not equally fast: in the same counted time some get up to four times the instructions of \
         others, and checks that compare their work are inconclusive; {reason}"
    )
}

/// What went wrong on KVM before the guest program ran is KVM's fault; after that it is the guest's.
fn kvm_error(error: VmError) -> VmError {
    match error {
        VmError::NoStart { after, clock, .. } => {
            VmError::KvmUnusable { reason: format!("no guest came up on it within {after:?} of {clock}") }
        }
        // QEMU gives up on a KVM that it does not understand by `abort`.
        VmError::QemuKilled { signal: 6, .. } => {
            VmError::KvmUnusable { reason: "QEMU aborted on it".to_owned() }
        }
        VmError::QemuFailed { stderr, .. } => VmError::KvmUnusable { reason: stderr },
        VmError::NoAnswer { .. } => {
            VmError::KvmUnusable { reason: "a guest ended on it without a word".to_owned() }
        }
        error => error,
    }
}

/// The image, followed by an archive that holds only the job.
fn write_initrd(path: &Path, image: &Archive, job: &Job) -> Result<(), VmError> {
    let mut job_image = Image::new();
    job_image.bytes(JOB, 0o644, frame::encode(job)?);
    let job = job_image.build()?;
    let mut file = std::fs::File::create(path).at("create", path)?;
    file.write_all(&image.bytes).and_then(|()| file.write_all(&job.bytes)).at("write", path)
}

/// The command line with names for the paths, so that it is the same for every run.
fn symbolic_command(machine: &Machine, kernel: &Kernel) -> Result<Vec<String>, VmError> {
    let name = PathBuf::from;
    // An unpacked kernel starts otherwise than a packed one, so a report has to tell them apart.
    let packed = if kernel.vmlinux.is_some() { "VMLINUX" } else { "KERNEL" };
    let paths =
        Paths { kernel: name(packed), initrd: name("INITRD"), console: name("CONSOLE"), out: name("OUT") };
    machine.words(&paths)
}
