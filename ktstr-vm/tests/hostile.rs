//! Guests, caches and emulators that lie: what comes from them is bounded and held against what was asked.
//! The emulator here is this very program, which plays a guest by writing what a guest could write, so
//! neither QEMU nor a kernel is needed. Arguments are parts of names of the cases to run.

use ktstr_core::{PlanBackend, Topology, Uniform, Verdict};
use ktstr_file::ScenarioFile;
use ktstr_file::report::{FindingClass, Recorder, RunHead, RunReport};
use ktstr_vm::frame::{MAX_BYTES, Machine, Message, Reader, encode};
use ktstr_vm::{Archive, Bound, Cache, Job, Kernel, Vm, VmError, VmRun, resolve};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Set for the emulator: which lie it says.
const LIE: &str = "KTSTR_TEST_LIE";
/// Set for the emulator: where it says how much it could write.
const WRITTEN: &str = "KTSTR_TEST_WRITTEN";
/// The release that the kernel's file names.
const RELEASE: &str = "6.12.1-test";
/// The machine of all cases.
const SHAPE: Uniform = Uniform::new(1, 1, 4, 1);

const SCENARIO: &str = "name = \"asked\"\nduration = \"1s\"\n[checks]\nnot_starved = true\n\
    [[backdrop.cgroups]]\nname = \"a\"\nworkers = 2\n[[steps]]\nhold = \"full\"\n";

type Case = fn(&Bench);

const CASES: [(&str, Case); 9] = [
    ("an honest guest is believed", honest),
    ("each lie about a frame is named", frames),
    ("each lie about a report is named", reports),
    ("floods end early and take no room", floods),
    ("a flood on the console hides no answer and is not kept", console_flood),
    ("a guest that says nothing is ended in time", silent),
    ("the end of a kernel is a finding, the end of ours is not", ends),
    ("another kernel in the place of one that was put there is not booted", swapped_kernels),
    ("a cache that others can write to is not read", open_cache),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Ok(lie) = std::env::var(LIE) {
        return emulate(&lie, &arguments);
    }
    let bench = Bench::new();
    let wanted: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    for (name, case) in CASES {
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            case(&bench);
            println!("ok {name}");
        }
    }
}

struct Bench {
    place: tempfile::TempDir,
    kernel: Kernel,
}

impl Bench {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let image = place.path().join("bzImage");
        std::fs::write(&image, bzimage(RELEASE)).unwrap();
        Self { kernel: Kernel::from_file(&image).unwrap(), place }
    }

    /// A machine whose emulator says this lie.
    fn vm(&self, lie: &str) -> Vm {
        let program = self.place.path().join(format!("qemu-{lie}"));
        let own = std::env::current_exe().unwrap();
        let written = self.place.path().join("written");
        let script = format!(
            "#!/bin/sh\n{LIE}={lie} {WRITTEN}='{}' exec '{}' \"$@\"\n",
            written.display(),
            own.display()
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let vm = Vm::new(self.kernel.clone()).qemu(&program.to_string_lossy()).topology(SHAPE);
        vm.timeout(Duration::from_secs(20))
    }

    fn job(&self, lie: &str) -> Result<VmRun, VmError> {
        self.vm(lie).run_archive(&Job::default(), &image())
    }

    fn scenario(&self, lie: &str) -> Result<RunReport, VmError> {
        let file: ScenarioFile = SCENARIO.parse().unwrap();
        self.vm(lie).seed(7).run_scenario(file.scenario(), &image()).map(|ran| ran.report)
    }
}

fn image() -> Archive {
    ktstr_vm::Image::new().build().unwrap()
}

/// As much of a kernel as is looked at.
fn bzimage(release: &str) -> Vec<u8> {
    let mut bytes = vec![0; 0x400];
    bytes[0x202..0x206].copy_from_slice(b"HdrS");
    bytes[0x20e] = 0x80;
    bytes[0x280..0x280 + release.len()].copy_from_slice(release.as_bytes());
    bytes
}

fn honest(bench: &Bench) {
    let run = bench.job("honest").unwrap();
    assert_eq!((run.answer.as_deref(), run.machine.release.as_str()), (Ok(&b"fine"[..]), RELEASE));
    assert_eq!(run.repeat.booted_sha256, bench.kernel.sha256);
    let report = bench.scenario("report-honest").unwrap();
    assert_eq!((report.verdict, report.seed), (Verdict::Pass, 7));
}

fn frames(bench: &Bench) {
    for (lie, code) in [
        ("nonce", "V048"),
        ("replayed", "V048"),
        ("overdue-nonce", "V048"),
        ("unasked", "V047"),
        ("twice", "V047"),
        ("parked", "V047"),
        ("release", "V006"),
        ("topology", "V036"),
        ("torn", "V040"),
        ("corrupt", "V041"),
        ("oversized", "V042"),
        ("version", "V043"),
        ("mute", "V038"),
        ("undecodable", "V045"),
        ("long-reason", "V046"),
    ] {
        let error = bench.job(lie).expect_err(lie);
        assert_eq!(error.code(), code, "{lie}: {error}");
    }
}

fn reports(bench: &Bench) {
    for (lie, code, words) in [
        ("report-no-checks", "V048", "not judged"),
        ("report-seed", "V048", "seed 8"),
        ("report-scenario", "V048", "another scenario"),
        ("report-verdict", "V048", "bear out"),
        ("report-garbage", "V037", "no report"),
    ] {
        let error = bench.scenario(lie).expect_err(lie);
        assert_eq!(error.code(), code, "{lie}: {error}");
        assert!(error.to_string().contains(words), "{lie}: {error}");
    }
    // What it says of the host's own affairs is not taken over.
    let report = bench.scenario("report-airs").unwrap();
    assert_eq!((report.backend_reason.as_str(), report.finding), ("", None));
    assert_eq!(report.vm.unwrap().kernel_release, RELEASE);
}

fn floods(bench: &Bench) {
    for lie in ["flood-of-frames", "flood-in-one", "flood-of-progress", "flood-of-noise"] {
        let begin = Instant::now();
        let error = bench.job(lie).expect_err(lie);
        assert!(matches!(error.code(), "V046" | "V047" | "V041"), "{lie}: {error}");
        assert!(begin.elapsed() < Duration::from_secs(18), "{lie}: it was not stopped");
    }
    // The emulator says how much it could write before it was ended.
    let written = std::fs::read_to_string(bench.place.path().join("written")).unwrap();
    let written: u64 = written.trim().parse().unwrap();
    assert!(written < MAX_BYTES + (64 << 20), "{written} bytes were written");
}

fn console_flood(bench: &Bench) {
    let run = bench.job("console").unwrap();
    assert_eq!(run.answer.as_deref(), Ok(&b"fine"[..]));
    assert!(run.console.len() <= 64 << 10, "{} bytes are kept", run.console.len());
}

fn silent(bench: &Bench) {
    let limit = Duration::from_secs(2);
    let run = bench.vm("silent").timeout(limit).run_archive(&Job::default(), &image()).unwrap();
    let finding = run.answer.unwrap_err();
    assert_eq!((finding.class, finding.bound), (FindingClass::Hang, Some(Bound::Host(limit))));
    let error = bench.vm("stillborn").timeout(limit).run_archive(&Job::default(), &image()).unwrap_err();
    assert_eq!(error.code(), "V034", "{error}");
}

fn ends(bench: &Bench) {
    for (lie, class, started) in [
        ("panic", FindingClass::Panic, true),
        ("oops", FindingClass::Oops, true),
        ("stall", FindingClass::Stall, true),
        ("boot-panic", FindingClass::Panic, false),
        ("overdue", FindingClass::Hang, true),
    ] {
        let report = bench.scenario(lie).unwrap_or_else(|error| panic!("{lie}: {error}"));
        let finding = report.finding.expect(lie);
        assert_eq!(
            (finding.class, finding.during_boot, report.verdict),
            (class, !started, Verdict::Fail),
            "{lie}"
        );
        assert_eq!(report.events.len(), usize::from(lie == "panic"), "{lie}");
        assert_eq!((report.seed, report.backend.as_str(), report.scenario.as_str()), (7, "vm", "asked"));
        assert!(report.vm.is_some_and(|vm| vm.kernel_release == RELEASE));
    }
    for (lie, code) in
        [("no-init", "V031"), ("no-memory", "V033"), ("init-killed", "V037"), ("emulator", "V026")]
    {
        let error = bench.scenario(lie).expect_err(lie);
        assert_eq!(error.code(), code, "{lie}: {error}");
    }
}

/// A cache with a kernel as it is put there: shipped, unpacked, and the hashes of both.
fn cache(place: &Path) -> (Cache, PathBuf) {
    let kernel = place.join("kernels").join(RELEASE);
    std::fs::create_dir_all(&kernel).unwrap();
    for private in [place, &place.join("kernels")] {
        std::fs::set_permissions(private, PermissionsExt::from_mode(0o700)).unwrap();
    }
    std::fs::write(kernel.join("vmlinuz"), bzimage(RELEASE)).unwrap();
    std::fs::write(kernel.join("vmlinux"), "unpacked").unwrap();
    let hash = |name: &str| sha256(&kernel.join(name));
    let manifest =
        format!("{{\"sha256\": \"{}\", \"vmlinux_sha256\": \"{}\"}}", hash("vmlinuz"), hash("vmlinux"));
    std::fs::write(kernel.join("kernel.json"), manifest).unwrap();
    (Cache::at(place), kernel)
}

fn sha256(path: &Path) -> String {
    let output = std::process::Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

fn swapped_kernels(bench: &Bench) {
    let place = tempfile::tempdir().unwrap();
    let (cache, files) = cache(place.path());
    let vm = |kernel| {
        Vm::new(kernel).qemu(&bench.place.path().join("qemu-honest").to_string_lossy()).topology(SHAPE)
    };
    bench.vm("honest");
    let kernel = resolve(RELEASE, &cache).unwrap();
    let run = vm(kernel.clone()).run_archive(&Job::default(), &image()).unwrap();
    assert_eq!(run.repeat.booted_sha256, sha256(&files.join("vmlinux")));
    assert_eq!(run.repeat.kernel_sha256, sha256(&files.join("vmlinuz")));
    // As long as the one that was there, so that its size does not tell.
    std::fs::write(files.join("vmlinux"), "UNPACKED").unwrap();
    let error = vm(kernel).run_archive(&Job::default(), &image()).unwrap_err();
    assert_eq!(error.code(), "V007", "{error}");
    // What was put there in its stead was removed, and the shipped one serves.
    assert!(!files.join("vmlinux").exists());
    assert_eq!(resolve(RELEASE, &cache).unwrap().vmlinux, None);
    std::fs::write(files.join("vmlinuz"), bzimage("6.12.2-other")).unwrap();
    assert_eq!(resolve(RELEASE, &cache).unwrap_err().code(), "V007");
    let mut longer = bzimage(RELEASE);
    longer.push(0);
    std::fs::write(files.join("vmlinuz"), longer).unwrap();
    assert_eq!(resolve(RELEASE, &cache).unwrap_err().code(), "V007");
}

fn open_cache(_: &Bench) {
    let place = tempfile::tempdir().unwrap();
    let (cache, _) = cache(place.path());
    std::fs::set_permissions(place.path().join("kernels"), PermissionsExt::from_mode(0o777)).unwrap();
    for error in [resolve(RELEASE, &cache).unwrap_err(), cache.list().unwrap_err()] {
        assert_eq!(error.code(), "V014", "{error}");
    }
}

/// The emulator's part: a guest that writes what it likes.
fn emulate(lie: &str, arguments: &[String]) {
    if arguments.iter().any(|word| word == "--version") {
        println!("QEMU emulator version 10.0.0");
        return;
    }
    let mut guest = Guest::of(arguments);
    guest.play(lie);
}

struct Guest {
    out: File,
    console: File,
    job: Job,
}

impl Guest {
    fn of(arguments: &[String]) -> Self {
        let after = |start: &str| {
            let word = arguments.iter().find(|word| word.starts_with(start)).unwrap();
            word.split_once("path=").unwrap().1.to_owned()
        };
        let initrd = arguments.iter().position(|word| word == "-initrd").unwrap();
        let bytes = std::fs::read(&arguments[initrd + 1]).unwrap();
        let at = bytes.windows(4).rposition(|window| window == b"KTSF").unwrap();
        let mut reader = Reader::default();
        reader.feed(&bytes[at..]);
        let append = |path: String| File::options().append(true).create(true).open(path).unwrap();
        Self {
            job: reader.read().unwrap().unwrap(),
            out: append(after("file,id=out")),
            console: append(after("file,id=console")),
        }
    }

    fn send(&mut self, message: &Message) {
        self.out.write_all(&encode(message).unwrap()).unwrap();
    }

    fn begin(&mut self) {
        self.send(&Message::Started(machine()));
    }

    fn answer(&mut self, answer: &[u8]) -> ! {
        let nonce = self.job.nonce;
        self.send(&Message::Answer(nonce, answer.to_vec()));
        wait()
    }

    /// Says the lines of a kernel on the console, and restarts.
    fn dies(&mut self, lines: &[&str]) {
        for line in lines {
            writeln!(self.console, "[    1.000000] {line}\r").unwrap();
        }
    }

    fn play(&mut self, lie: &str) {
        let nonce = self.job.nonce;
        let panic = "Kernel panic - not syncing: ";
        let fatal = format!("{panic}Fatal exception");
        if let Some(lie) = lie.strip_prefix("report-") {
            self.begin();
            let report = report(&self.job, lie);
            self.answer(&report);
        }
        match lie {
            "honest" => {
                self.begin();
                self.answer(b"fine")
            }
            "nonce" => {
                self.begin();
                self.send(&Message::Answer(nonce.map(|byte| byte ^ 1), b"fine".to_vec()));
            }
            // An answer to a job of long ago, kept by somebody.
            "replayed" => {
                self.begin();
                self.send(&Message::Answer([0; 16], b"fine".to_vec()));
            }
            "overdue-nonce" => {
                self.begin();
                self.send(&Message::Overdue([0; 16]));
            }
            "unasked" => self.send(&Message::Answer(nonce, b"fine".to_vec())),
            "twice" => {
                self.begin();
                self.begin();
            }
            "parked" => {
                self.begin();
                self.send(&Message::Parked(vec![4096]));
            }
            "release" => self.send(&Message::Started(Machine { release: "9.9.9".to_owned(), ..machine() })),
            "topology" => self.send(&Message::Started(Machine { cpus: 64, ..machine() })),
            "torn" | "corrupt" | "oversized" | "version" | "undecodable" => self.garbled(lie),
            "mute" => self.begin(),
            "long-reason" => self.send(&Message::Failed("x".repeat(1 << 20))),
            "flood-of-frames" => self.flood(&encode(&Message::Started(machine())).unwrap()),
            "flood-in-one" => self.flood(&encode(&Message::Answer(nonce, vec![7; 30 << 20])).unwrap()),
            "flood-of-progress" => {
                self.begin();
                self.flood(&encode(&Message::Progress(vec![b' '; 60 << 10])).unwrap());
            }
            "flood-of-noise" => self.flood(&[0x5a; 1 << 16]),
            "console" => {
                self.begin();
                for _ in 0..400 {
                    self.console.write_all(&[b'x'; 100_000]).unwrap();
                    std::thread::sleep(Duration::from_millis(5));
                }
                self.answer(b"fine")
            }
            "silent" => {
                self.begin();
                wait()
            }
            "stillborn" => wait(),
            "panic" => {
                self.begin();
                // One event, and what is none.
                let event = r#"{"seq":0,"at_ns":1,"site":"setup","action":{"kind":"start"},"outcome":{"kind":"done"}}"#;
                self.send(&Message::Progress(event.as_bytes().to_vec()));
                self.send(&Message::Progress(b"\x1b[2J".to_vec()));
                self.dies(&[&format!("{panic}sysrq triggered crash")]);
            }
            "oops" => {
                self.begin();
                self.dies(&[
                    "BUG: kernel NULL pointer dereference, address: 0000000000000010",
                    "RIP: 0010:f+0x1/0x2",
                    &fatal,
                ]);
            }
            "stall" => {
                self.begin();
                self.dies(&[
                    "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
                    "rcu: INFO: rcu_preempt detected stall",
                    &format!("{panic}RCU Stall"),
                ]);
            }
            "boot-panic" => self.dies(&[&format!("{panic}x")]),
            "overdue" => {
                self.begin();
                self.send(&Message::Overdue(nonce));
                wait()
            }
            "no-init" => self.dies(&[&format!("{panic}No working init found.  Try passing init= option")]),
            "no-memory" => self.dies(&[&format!("{panic}System is deadlocked on memory")]),
            "init-killed" => {
                self.begin();
                self.dies(&[&format!("{panic}Attempted to kill init! exitcode=0x00000000")]);
            }
            "emulator" => self.dies(&["RSP: 0018:ffffc90000013bd0 EFLAGS: 041e12aa", &fatal]),
            other => panic!("no such lie: {other}"),
        }
    }

    fn garbled(&mut self, lie: &str) {
        let mut frame = encode(&Message::Started(machine())).unwrap();
        match lie {
            "torn" => frame.truncate(frame.len() - 3),
            "corrupt" => *frame.last_mut().unwrap() ^= 1,
            "oversized" => frame[6..10].copy_from_slice(&[255; 4]),
            "version" => frame[4] = 99,
            _ => frame = encode(&(99u8, 99u8)).unwrap(),
        }
        self.out.write_all(&frame).unwrap();
        if lie != "torn" {
            wait()
        }
    }

    /// Writes until it is ended, and says how much it could.
    fn flood(&mut self, part: &[u8]) {
        let place = std::env::var_os(WRITTEN).unwrap();
        let mut written = 0u64;
        loop {
            if self.out.write_all(part).is_err() {
                wait()
            }
            written += part.len() as u64;
            // Whole at all times: we are ended in the middle of it.
            let beside = Path::new(&place).with_extension("new");
            std::fs::write(&beside, written.to_string()).unwrap();
            std::fs::rename(beside, &place).unwrap();
        }
    }
}

/// Until it is ended.
fn wait() -> ! {
    loop {
        std::thread::park();
    }
}

fn machine() -> Machine {
    Machine { release: RELEASE.to_owned(), cpus: 4, nodes: 1, llcs: 1, cores: 4, memory_mib: 500 }
}

/// The report of a run of the job's scenario, with a lie in it.
fn report(job: &Job, lie: &str) -> Vec<u8> {
    let file: ScenarioFile = job.scenario.parse().unwrap();
    let scenario = file.scenario();
    let topology = Topology::from_uniform(&SHAPE);
    let (mut recorder, mut backend) = (Recorder::new(), PlanBackend::new(topology));
    let end = ktstr_file::play_scenario(scenario, &mut backend, job.seed, &mut recorder).unwrap();
    let head = RunHead { scenario, backend: "vm", backend_reason: "", seed: job.seed, topology: &topology };
    let mut report = recorder.finish(&head, &end);
    report.checks.iter_mut().for_each(|check| check.verdict = Verdict::Pass);
    report.verdict = Verdict::Pass;
    match lie {
        "honest" => {}
        "no-checks" => report.checks.clear(),
        "seed" => report.seed += 1,
        "scenario" => report.scenario_toml = report.scenario_toml.replace("workers = 2", "workers = 1"),
        "verdict" => report.checks[0].verdict = Verdict::Fail,
        "airs" => report.backend_reason = "all is well".to_owned(),
        "garbage" => return b"[]".to_vec(),
        other => panic!("no such lie: {other}"),
    }
    format!("{{\"Ran\": {}}}", report.to_json()).into_bytes()
}
