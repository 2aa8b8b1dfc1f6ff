//! Boots real guests: what comes back, what repeats, and what each kind of failure is called. This program is
//! also the guest program, so it has a `main` of its own. Without QEMU or a kernel it says SKIP; with
//! `KTSTR_REQUIRE=vm` that is a failure. Arguments are parts of names of the cases to run. `KTSTR_TEST_SALT`
//! is added to the kernel's parameters: `salt=2` makes of each seed another run, as another machine does.

use ktstr_core::Uniform;
use ktstr_file::report::FindingClass;
use ktstr_vm::{
    Accel, Archive, Bound, Cache, Finding, Image, Job, Kernel, Next, Vm, VmError, VmRun, emulator, explore,
    guest_main, is_guest_init, resolve,
};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[path = "guest/contend.rs"]
mod contend;
#[path = "guest/steps.rs"]
mod steps;
#[path = "guest/work.rs"]
mod work;

/// What a case is.
type Case = fn(&Bench);

/// Each case, by the behaviour it shows.
const CASES: [(&str, Case); 28] = [
    ("the answer comes back with all that repeats it", answer_comes_back),
    ("the guest has every cgroup controller", guest_has_controllers),
    ("the guest sees the topology that was asked for", topologies),
    ("twenty runs of one seed are one", twenty_runs),
    ("eight CPUs on two nodes repeat too", eight_cpus_repeat),
    ("ten seeds are at least eight interleavings", ten_seeds),
    ("restored: the answer comes back", restored_answer),
    ("restored: a flipped bit of the state is seen before anything runs", flipped_state),
    ("restored: twenty runs of one seed are one", restored_twenty_runs),
    ("restored: ten seeds are at least eight interleavings", restored_ten_seeds),
    ("restored: eight CPUs on two nodes repeat too", restored_eight_cpus),
    ("a packed program runs with its libraries", packed_program),
    ("a large answer comes back whole", large_answer),
    ("a kernel panic is named", kernel_panic),
    ("a task or CPU that hangs in the kernel ends the guest", detectors),
    ("a guest that hangs is ended in time", hang),
    ("a job that blocks is ended by the guest's own clock", overdue),
    ("a guest that runs out of memory is named", out_of_memory),
    ("a guest program that panics is quoted", program_panics),
    ("a program that dies of flags that nobody sets is laid on the emulator", impossible_flags),
    ("an image without init is named", no_init),
    ("a broken image is named", broken_image),
    ("an image that does not fit is refused", too_large),
    ("a missing QEMU is named", no_qemu),
    ("a QEMU that was killed is reported from one that ended", killed_qemu),
    ("an interrupt ends a run at once", interrupt),
    ("a killed host takes its guest along, and the next run its files", killed_host),
    ("auto comes to an answer and says on what", auto),
];

/// Makes this program run a guest that hangs, to be killed.
const VICTIM: &str = "KTSTR_TEST_VICTIM";

/// Set where the directory for temporary files is this test's own.
const PLACE: &str = "KTSTR_TEST_PLACE";

/// What all cases share.
struct Bench {
    kernel: Kernel,
    image: Archive,
}

impl Bench {
    fn vm(&self) -> Vm {
        let salt = std::env::var("KTSTR_TEST_SALT").unwrap_or_default();
        Vm::new(self.kernel.clone()).kernel_parameters(&salt).timeout(Duration::from_secs(240))
    }

    fn job(what: &str, seed: u64) -> Job {
        Job {
            seed,
            args: what.split(' ').map(str::to_owned).collect(),
            scenario: "text".into(),
            ..Job::default()
        }
    }

    fn run(&self, what: &str, seed: u64) -> VmRun {
        self.vm()
            .run_archive(&Self::job(what, seed), &self.image)
            .unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    fn finds(&self, vm: &Vm, what: &str) -> Finding {
        let run = vm
            .run_archive(&Self::job(what, 1), &self.image)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        run.answer.expect_err(what)
    }

    fn fails(&self, vm: &Vm, what: &str) -> VmError {
        vm.run_archive(&Self::job(what, 1), &self.image).expect_err(what)
    }
}

fn main() {
    if is_guest_init() {
        guest_main(|job| work::run(&job));
    }
    if std::env::var_os(PLACE).is_none() {
        std::process::exit(in_a_place_of_its_own());
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let bench = match bench() {
        Ok(bench) => bench,
        Err(reason) => {
            println!("SKIP: all of {} cases: {reason}", CASES.len());
            let required =
                std::env::var("KTSTR_REQUIRE").is_ok_and(|list| list.split(',').any(|word| word == "vm"));
            std::process::exit(i32::from(required));
        }
    };
    if std::env::var_os(VICTIM).is_some() {
        let _ = bench.vm().run_archive(&Bench::job("hang", 1), &bench.image);
        return;
    }
    for (name, case) in CASES {
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            let begin = Instant::now();
            case(&bench);
            assert_eq!(leftovers(), Vec::<String>::new(), "{name}: left behind");
            println!("ok {name} ({:.1} s)", begin.elapsed().as_secs_f64());
        }
    }
}

/// Runs this program again with a directory for temporary files that no other run uses, so that what is left
/// there is ours.
fn in_a_place_of_its_own() -> i32 {
    let place = tempfile::tempdir().unwrap();
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(std::env::args_os().skip(1)).env("TMPDIR", place.path()).env(PLACE, place.path());
    again.status().unwrap().code().unwrap_or(1)
}

/// The kernel to test with (`KTSTR_TEST_KERNEL`, else 6.12), and this program as its image.
fn bench() -> Result<Bench, String> {
    let spec = std::env::var("KTSTR_TEST_KERNEL").unwrap_or_else(|_| "6.12".to_owned());
    let kernel = resolve(&spec, &Cache::of_user()).map_err(|error| format!("{error}; {}", error.cure()))?;
    emulator::resolve(None, &Cache::of_user()).map_err(|error| format!("{error}; {}", error.cure()))?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut image = Image::with_init(&program).map_err(|error| error.to_string())?;
    image.program("env").map_err(|error| error.to_string())?;
    let image = Vm::new(kernel.clone()).archive(&image).map_err(|error| error.to_string())?;
    Ok(Bench { kernel, image })
}

/// Children and directories of this process that should have ended.
fn leftovers() -> Vec<String> {
    let mut left = run_directories();
    left.extend(children().iter().map(|pid| format!("process {pid}")));
    left
}

/// The directories of runs that are there.
fn run_directories() -> Vec<String> {
    let names = std::env::temp_dir().read_dir().unwrap().flatten().map(|entry| entry.file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("ktstr-vm-")).collect()
}

fn children() -> Vec<i32> {
    children_of(std::process::id())
}

/// By its command line: one that was fetched is started by a loader, whose name is that of the process.
fn is_qemu(pid: i32) -> bool {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).contains("qemu-system-")
}

fn children_of(pid: u32) -> Vec<i32> {
    let mut pids: Vec<i32> = Vec::new();
    for task in Path::new(&format!("/proc/{pid}/task")).read_dir().into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        pids.extend(text.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()));
    }
    pids
}

fn answer_comes_back(bench: &Bench) {
    let job = Job { env: vec![("COLOUR".into(), "green".into())], ..Bench::job("echo", 7) };
    let run = bench.vm().run_archive(&job, &bench.image).unwrap();
    assert_eq!(String::from_utf8_lossy(run.answer.as_ref().unwrap()), "text 7 green");
    assert_eq!(run.machine.release, bench.kernel.release);
    assert_eq!(run.repeat.seed, 7);
    assert!(run.repeat.reproducible && run.repeat.command.join(" ").contains("-icount"), "{:?}", run.repeat);
    assert_eq!([run.repeat.kernel_sha256.len(), run.repeat.image_sha256.len()], [64, 64]);
    let emulator = emulator::resolve(None, &Cache::of_user()).unwrap();
    assert_eq!(run.repeat.qemu_version, emulator.banner);
    assert_eq!(run.repeat.qemu_origin, emulator.origin.name());
    assert_eq!(run.repeat.uneven, emulator.evens_cpus(&Cache::of_user()).is_err());
    let warned = run.repeat.uneven || emulator.warning().is_some();
    assert_eq!(!run.repeat.warnings.is_empty(), warned, "{:?}", run.repeat.warnings);
}

fn guest_has_controllers(bench: &Bench) {
    let answer = bench.run("controllers", 1).answer.unwrap();
    let text = String::from_utf8_lossy(&answer).into_owned();
    for controller in ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"] {
        assert!(text.split_whitespace().any(|word| word == controller), "{controller} in {text:?}");
    }
    assert!(text.contains("config"), "no /boot/config: {text:?}");
}

fn topologies(bench: &Bench) {
    // `run_archive` itself fails when the guest sees anything else.
    for shape in [
        Uniform::new(1, 1, 1, 1),
        Uniform::new(1, 2, 2, 1),
        Uniform::new(2, 2, 1, 2),
        Uniform::new(4, 1, 1, 2),
    ] {
        let vm = bench.vm().topology(shape.memory_mib(768));
        let run = vm
            .run_archive(&Bench::job("echo", 1), &bench.image)
            .unwrap_or_else(|error| panic!("{shape:?}: {error}"));
        assert_eq!(run.machine.cpus as usize, shape.cpus());
    }
}

/// What comes of these runs, as many at a time as there are CPUs: what happens beside a guest must not show.
fn side_by_side(seeds: RangeInclusive<u64>, run: impl Fn(u64) -> Vec<u8> + Sync) -> BTreeSet<Vec<u8>> {
    let mut all = BTreeSet::new();
    explore(seeds, None, run, |_, answer| {
        all.insert(answer);
        Next::More
    });
    all
}

fn twenty_runs(bench: &Bench) {
    let answers = side_by_side(1..=20, |_| bench.run("contend 500", 1).answer.unwrap());
    assert_eq!(answers.len(), 1, "20 runs of one seed gave {} answers", answers.len());
}

fn eight_cpus_repeat(bench: &Bench) {
    let vm = bench.vm().topology(Uniform::new(2, 1, 4, 1));
    let run = |_| vm.run_archive(&Bench::job("contend 500", 3), &bench.image).unwrap().answer.unwrap();
    let answers = side_by_side(1..=4, run);
    assert_eq!(answers.len(), 1);
}

fn ten_seeds(bench: &Bench) {
    let orders = side_by_side(1..=10, |seed| order(&bench.run("contend 500", seed)));
    assert!(orders.len() >= 8, "10 seeds gave {} interleavings", orders.len());
}

/// States are kept for the length of the tests only.
fn restored_vm(bench: &Bench) -> (Vm, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (bench.vm().saved_states(Cache::at(directory.path())), directory)
}

fn restored_answer(bench: &Bench) {
    let (vm, keep) = restored_vm(bench);
    let job = Job { env: vec![("COLOUR".into(), "green".into())], ..Bench::job("echo", 7) };
    let runs: Vec<VmRun> = (0..3).map(|_| vm.run_archive(&job, &bench.image).unwrap()).collect();
    assert_eq!(String::from_utf8_lossy(runs[0].answer.as_ref().unwrap()), "text 7 green");
    assert!(runs[0].repeat.state_sha256.is_some() && runs[0].repeat == runs[1].repeat);
    // Booted once: the others went on from the one state.
    assert_eq!(keep.path().join("states").read_dir().unwrap().count(), 1);
    let large = Job { scenario: "x".repeat(2 << 20), ..job };
    assert_eq!(vm.run_archive(&large, &bench.image).unwrap_err().code(), "V025");
}

fn flipped_state(bench: &Bench) {
    use std::os::unix::fs::FileExt;
    let (vm, keep) = restored_vm(bench);
    let run = || vm.run_archive(&Bench::job("echo", 7), &bench.image);
    let first = run().unwrap().repeat.state_sha256;
    let places = || keep.path().join("states").read_dir().unwrap().flatten().map(|entry| entry.path());
    let state = places().next().unwrap().join("state");
    let file = std::fs::File::options().read(true).write(true).open(&state).unwrap();
    let (middle, mut byte) = (file.metadata().unwrap().len() / 2, [0]);
    file.read_exact_at(&mut byte, middle).unwrap();
    file.write_all_at(&[byte[0] ^ 1], middle).unwrap();
    let error = run().unwrap_err();
    assert!(
        matches!(&error, VmError::Changed { expected, .. } if Some(expected) == first.as_ref()),
        "{error:?}"
    );
    // It was removed, and is made anew.
    assert_eq!(places().count(), 0);
    assert_eq!(String::from_utf8_lossy(&run().unwrap().answer.unwrap()), "text 7 ");
}

fn restored_twenty_runs(bench: &Bench) {
    let (vm, _keep) = restored_vm(bench);
    let run = |_| vm.run_archive(&Bench::job("contend 500", 1), &bench.image).unwrap().answer.unwrap();
    let answers = side_by_side(1..=20, run);
    assert_eq!(answers.len(), 1, "20 restored runs of one seed gave {} answers", answers.len());
}

fn restored_ten_seeds(bench: &Bench) {
    let (vm, _keep) = restored_vm(bench);
    let run = |seed| order(&vm.run_archive(&Bench::job("contend 500", seed), &bench.image).unwrap());
    let orders = side_by_side(1..=10, run);
    assert!(orders.len() >= 8, "10 seeds gave {} interleavings", orders.len());
}

fn restored_eight_cpus(bench: &Bench) {
    let (vm, _keep) = restored_vm(bench);
    let vm = vm.topology(Uniform::new(2, 1, 4, 1));
    let run = |_| vm.run_archive(&Bench::job("contend 500", 3), &bench.image).unwrap().answer.unwrap();
    let answers = side_by_side(1..=6, run);
    assert_eq!(answers.len(), 1);
}

/// Which thread ran when, without the times.
fn order(run: &VmRun) -> Vec<u8> {
    let text = String::from_utf8_lossy(run.answer.as_ref().unwrap());
    text.lines().filter_map(|line| line.split(' ').next()?.parse().ok()).collect()
}

fn packed_program(bench: &Bench) {
    let answer = bench.run("program env", 1).answer.unwrap();
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(text.contains("KTSTR_GUEST_PART=child"), "{text}");
}

fn large_answer(bench: &Bench) {
    let run = bench.run("large 2000000", 1);
    let answer = run.answer.unwrap();
    assert_eq!(answer.len(), 2_000_000);
    assert!(answer.iter().enumerate().all(|(at, &byte)| byte == (at % 251) as u8));
}

fn kernel_panic(bench: &Bench) {
    let keep = tempfile::tempdir().unwrap();
    for vm in [bench.vm(), bench.vm().saved_states(Cache::at(keep.path()))] {
        let finding = bench.finds(&vm, "sysrq-panic");
        assert_eq!((finding.class, finding.started, finding.bound), (FindingClass::Panic, true, None));
        assert_eq!(finding.signature, "Kernel panic - not syncing: sysrq triggered crash");
        assert!(finding.console.contains("sysrq triggered crash"), "{}", finding.console);
    }
}

fn detectors(bench: &Bench) {
    let answer = bench.run("detectors", 1).answer.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "1\n1\n1\n");
}

fn hang(bench: &Bench) {
    // One CPU boots fastest, so that a loaded host gets as far as the guest program in this time.
    let vm = bench.vm().topology(Uniform::new(1, 1, 1, 1)).timeout(Duration::from_secs(30));
    let finding = bench.finds(&vm, "hang");
    assert_eq!(
        (finding.class, finding.bound),
        (FindingClass::Hang, Some(Bound::Host(Duration::from_secs(30))))
    );
}

fn overdue(bench: &Bench) {
    // Long in the guest's time, short in the host's: nobody computes.
    let limit = Duration::from_secs(100);
    let job = Job { limit: Some(limit), ..Bench::job("block", 1) };
    let run = bench.vm().topology(Uniform::new(1, 1, 1, 1)).run_archive(&job, &bench.image).unwrap();
    let finding = run.answer.unwrap_err();
    assert_eq!((finding.class, finding.bound), (FindingClass::Hang, Some(Bound::Guest(limit))));
}

fn out_of_memory(bench: &Bench) {
    let error = bench.fails(&bench.vm().memory_mib(256), "eat-memory");
    assert_eq!(error.code(), "V033", "{error}");
}

fn program_panics(bench: &Bench) {
    let error = bench.fails(&bench.vm(), "panic");
    assert_eq!(error.code(), "V037", "{error}");
    assert!(error.to_string().contains("these very words"), "{error}");
}

fn impossible_flags(bench: &Bench) {
    let mut image = Image::with_init(&std::env::current_exe().unwrap()).unwrap();
    image.bytes("/steps", 0o755, steps::program());
    let vm = bench.vm().topology(Uniform::new(1, 1, 1, 1));
    let error = vm.run_job(&Bench::job("program /steps", 1), &image).unwrap_err();
    assert_eq!(error.code(), "V026", "{error}");
    assert!(error.console().unwrap().contains("EFLAGS: "), "{:?}", error.console());
}

fn no_init(bench: &Bench) {
    let mut image = Image::new();
    image.directory("etc");
    let error = bench.vm().run_job(&Bench::job("echo", 1), &image).unwrap_err();
    assert_eq!(error.code(), "V031", "{error}\n{:?}", error.console());
}

fn broken_image(bench: &Bench) {
    let bytes = b"This is no archive of any kind. ".repeat(4096);
    let image = Archive { bytes, sha256: String::new() };
    let error = bench.vm().run_archive(&Bench::job("echo", 1), &image).unwrap_err();
    assert_eq!(error.code(), "V032", "{error}\n{:?}", error.console());
}

fn too_large(bench: &Bench) {
    let image = Archive { bytes: vec![0; 100 << 20], sha256: String::new() };
    let error = bench.vm().memory_mib(160).run_archive(&Bench::job("echo", 1), &image).unwrap_err();
    assert_eq!(error.code(), "V012", "{error}");
}

fn no_qemu(bench: &Bench) {
    assert_eq!(bench.fails(&bench.vm().qemu("/no/such/qemu"), "echo").code(), "V020");
    assert_eq!(bench.fails(&bench.vm().qemu("false"), "echo").code(), "V020");
}

fn killed_qemu(bench: &Bench) {
    use rustix::process::{Pid, Signal, kill_process};
    for (signal, number) in [(Signal::TERM, 15), (Signal::KILL, 9)] {
        let killer = std::thread::spawn(move || {
            (0..1000).any(|_| {
                std::thread::sleep(Duration::from_millis(20));
                let Some(pid) = children().into_iter().find(|&pid| is_qemu(pid)) else {
                    return false;
                };
                std::thread::sleep(Duration::from_millis(300));
                kill_process(Pid::from_raw(pid).unwrap(), signal).is_ok()
            })
        });
        let error = bench.fails(&bench.vm(), "hang");
        assert!(killer.join().unwrap());
        assert!(matches!(error, VmError::QemuKilled { signal, .. } if signal == number), "{error:?}");
    }
}

fn interrupt(bench: &Bench) {
    let flag = Arc::new(AtomicBool::new(false));
    let (vm, setter) = (bench.vm().cancel_on(Arc::clone(&flag)), Arc::clone(&flag));
    let waiter = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        setter.store(true, Ordering::Relaxed);
        Instant::now()
    });
    let error = bench.fails(&vm, "hang");
    assert_eq!(error.code(), "V035", "{error}");
    // Long before the time of the run is over.
    assert!(waiter.join().unwrap().elapsed() < Duration::from_secs(60));
}

fn killed_host(bench: &Bench) {
    let own = std::env::current_exe().unwrap();
    let mut host =
        std::process::Command::new(own).env(VICTIM, "1").stdout(std::process::Stdio::null()).spawn().unwrap();
    let qemu = || children_of(host.id()).into_iter().find(|&pid| is_qemu(pid));
    let within = |what: &dyn Fn() -> bool| {
        (0..3000).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            what()
        })
    };
    let files = || !run_directories().is_empty();
    // Its files come first, and QEMU is also asked for its version before that.
    assert!(within(&files) && within(&|| qemu().is_some()));
    let guest = qemu().unwrap();
    host.kill().unwrap();
    host.wait().unwrap();
    assert!(
        within(&|| !Path::new(&format!("/proc/{guest}")).exists()),
        "the guest of a killed host lives on"
    );
    bench.run("echo", 1);
    assert!(!files(), "the files of a killed host are still there");
}

fn auto(bench: &Bench) {
    let vm = bench.vm().accel(Accel::Auto);
    for _ in 0..2 {
        let run = vm.run_archive(&Bench::job("echo", 1), &bench.image).unwrap();
        assert_eq!(run.notes.len(), 1, "{:?}", run.notes);
        assert_eq!(run.repeat.reproducible, run.notes[0].contains("TCG"), "{:?}", run.notes);
        println!("   {}", run.notes[0]);
    }
}
