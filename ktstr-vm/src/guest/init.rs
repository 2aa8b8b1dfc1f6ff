//! Process 1 of a guest. Every failure on the way is sent to the host, not only logged; only the loss of the
//! channel itself goes to the console.

use super::log::Log;
use super::{ANSWER, JOB, PART, compute_for, facts, park, read_job};
use crate::flags;
use crate::frame::{Message, Nonce, encode};
use crate::image::PROGRAM_PATH;
use crate::job::Job;
use crate::qemu::OUT_PORT;
use ktstr_core::Rng;
use rustix::mount::{MountFlags, mount};
use rustix::process::{WaitOptions, WaitStatus, wait};
use rustix::system::{RebootCommand, reboot};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Source, place, type, options, and whether a guest is of no use without it.
const MOUNTS: [(&str, &str, &str, bool); 11] = [
    ("proc", "/proc", "", true),
    ("sysfs", "/sys", "", true),
    ("devtmpfs", "/dev", "", true),
    ("devpts", "/dev/pts", "", false),
    ("tmpfs", "/dev/shm", "", false),
    ("tmpfs", "/tmp", "mode=1777", true),
    ("tmpfs", "/run", "mode=0755", true),
    ("cgroup2", "/sys/fs/cgroup", "", true),
    ("bpf", "/sys/fs/bpf", "mode=0700", false),
    ("debugfs", "/sys/kernel/debug", "", false),
    ("tracefs", "/sys/kernel/tracing", "", false),
];
/// What makes of a warning that something hangs the end of the guest, and so a finding: tasks that wait for
/// ever, and CPUs that come to no end in the kernel, which RCU sees. The watchdog stays off: its timers would
/// run on every CPU for what RCU sees as well.
const DETECTORS: [&str; 2] = ["hung_task_panic", "panic_on_rcu_stall"];
/// What the child wrote to its error output.
const ERRORS: &str = "/run/ktstr.errors";
/// Seeds move the start by up to this: several clock ticks, so that no tick falls where it fell before.
const MAX_OFFSET: Duration = Duration::from_millis(20);

/// Runs the guest from first to last.
pub(super) fn main() -> ! {
    let mounted = mount_all();
    match open_port() {
        Ok(mut port) => {
            let message = mounted.and_then(|()| serve(&mut port)).unwrap_or_else(Message::Failed);
            if let Err(reason) = send(&mut port, &message) {
                complain(&reason);
            }
        }
        Err(reason) => complain(&reason),
    }
    // The host ends the machine when it has the answer; this is for when it has not.
    let _ = reboot(RebootCommand::Restart);
    // Process 1 must not return: that would be a panic of the guest's kernel.
    loop {
        std::thread::park();
    }
}

fn complain(reason: &str) {
    // The console is the last resort; there is nobody to tell when it fails.
    drop(writeln!(std::io::stderr(), "ktstr guest: {reason}"));
}

/// Whether the image holds something in this directory.
fn is_packed(place: &str) -> bool {
    std::fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_some())
}

fn mount_all() -> Result<(), String> {
    for (kind, place, options, needed) in MOUNTS {
        if kind == "tmpfs" && is_packed(place) {
            // A payload was packed from here; mounting would hide it. The root is in memory too.
            let all_may_write = std::fs::Permissions::from_mode(0o1777);
            std::fs::set_permissions(place, all_may_write).map_err(|error| format!("{place}: {error}"))?;
            continue;
        }
        let result = std::fs::create_dir_all(place).and_then(|()| {
            let options = std::ffi::CString::new(options)?;
            mount(kind, place, kind, MountFlags::empty(), Some(options.as_c_str())).map_err(Into::into)
        });
        match result {
            // The kernel may have mounted /dev before us.
            Err(error) if needed && error.raw_os_error() != Some(rustix::io::Errno::BUSY.raw_os_error()) => {
                return Err(format!("mounting {kind} on {place}: {error}"));
            }
            _ => {}
        }
    }
    for setting in DETECTORS {
        // Not every kernel has every detector.
        drop(std::fs::write(Path::new("/proc/sys/kernel").join(setting), "1"));
    }
    for (link, target) in [("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")]
    {
        // Programs that want these links say so themselves.
        drop(std::os::unix::fs::symlink(target, Path::new("/dev").join(link)));
    }
    Ok(())
}

/// The port to the host, by its name; the kernel shows it once its driver is ready.
fn open_port() -> Result<File, String> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        let ports = Path::new("/sys/class/virtio-ports").read_dir().into_iter().flatten().flatten();
        let named = |port: &std::fs::DirEntry| {
            std::fs::read_to_string(port.path().join("name")).is_ok_and(|name| name.trim() == OUT_PORT)
        };
        if let Some(port) = ports.into_iter().find(named) {
            let path = Path::new("/dev").join(port.file_name());
            return OpenOptions::new()
                .write(true)
                .open(&path)
                .map_err(|error| format!("{}: {error}", path.display()));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Err(format!("there is no port named {OUT_PORT}"))
}

fn send(port: &mut File, message: &Message) -> Result<(), String> {
    let frame = encode(message).map_err(|error| format!("the answer: {error}"));
    let frame = match frame {
        Ok(frame) => frame,
        Err(reason) => encode(&Message::Failed(reason)).map_err(|error| error.to_string())?,
    };
    port.write_all(&frame).map_err(|error| format!("the port to the host: {error}"))
}

/// Reports the machine, runs the job, and gives the last message.
fn serve(port: &mut File) -> Result<Message, String> {
    let parked = if park::is_wanted() { Some(park::park(|message| send(port, message))?) } else { None };
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    send(port, &Message::Started(facts::machine(release)))?;
    let job = match parked {
        Some(job) => job,
        None => read_job()?,
    };
    let nonce = job.nonce;
    hide_nonce(&job)?;
    watch_over(job.limit.unwrap_or(Job::LIMIT), nonce, port)?;
    let mut log = Log::from_now_on();
    start_offset(job.seed);
    let answer = run_child(&job, port);
    let logged = log.as_mut().map(Log::read).unwrap_or_default();
    match logged.into_iter().find(|line| flags::are_impossible(line)) {
        Some(line) => Ok(Message::EmulatorFault(line)),
        None => answer.map(|answer| Message::Answer(nonce, answer)),
    }
}

/// Puts the job where the child will look for it, without the nonce: what runs in the guest cannot just read
/// it and answer in our stead. Root can, from our memory.
fn hide_nonce(job: &Job) -> Result<(), String> {
    let open = Job { nonce: Nonce::default(), ..job.clone() };
    let frame = encode(&open).map_err(|error| error.to_string())?;
    std::fs::write(JOB, frame).map_err(|error| format!("{JOB}: {error}"))
}

/// Ends the guest when the job has not ended within its time: a thread of ours sleeps that long. A kernel
/// that runs no threads any more is ended by the host.
fn watch_over(limit: Duration, nonce: Nonce, port: &File) -> Result<(), String> {
    let mut port = port.try_clone().map_err(|error| format!("the port to the host: {error}"))?;
    let watch = move || {
        std::thread::sleep(limit);
        // What the tasks wait for, on the console; it is not there on every kernel.
        drop(std::fs::write("/proc/sysrq-trigger", "8"));
        drop(std::fs::write("/proc/sysrq-trigger", "w"));
        drop(send(&mut port, &Message::Overdue(nonce)));
        let _ = reboot(RebootCommand::Restart);
    };
    let thread = std::thread::Builder::new().name("watch".to_owned()).stack_size(64 << 10).spawn(watch);
    thread.map(drop).map_err(|error| format!("no thread to watch over the job: {error}"))
}

/// Lets a time pass that depends on the seed.
fn start_offset(seed: u64) {
    compute_for(Duration::from_nanos(Rng::new(seed).below(MAX_OFFSET.as_nanos() as u64)));
}

fn run_child(job: &Job, port: &File) -> Result<Vec<u8>, String> {
    let port = port.try_clone().map_err(|error| format!("the port to the host: {error}"))?;
    let errors = File::create(ERRORS).map_err(|error| format!("{ERRORS}: {error}"))?;
    let mut command = Command::new("/proc/self/exe");
    command.env_clear().env("PATH", PROGRAM_PATH).env("HOME", "/root").env("TMPDIR", "/tmp");
    command.envs(job.env.iter().map(|(name, value)| (name, value))).env(PART, "child");
    command.stdin(port).stdout(Stdio::null()).stderr(errors).current_dir("/root");
    let child = command.spawn().map_err(|error| format!("starting the guest program: {error}"))?;
    let status = reap_until(child.id()).map_err(|error| format!("waiting for the guest program: {error}"))?;
    if status.exit_status() == Some(0) {
        return std::fs::read(ANSWER).map_err(|error| format!("{ANSWER}: {error}"));
    }
    let how = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => format!("exited with {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended".to_owned(),
    };
    Err(format!("the guest program {how}{}", last_words()))
}

/// Waits for `child`; as process 1 we inherit every orphan, and take those in too.
fn reap_until(child: u32) -> rustix::io::Result<WaitStatus> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid.as_raw_nonzero().get() as u32 == child => return Ok(status),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// The end of what the child wrote to its error output.
fn last_words() -> String {
    let mut bytes = Vec::new();
    let read = File::open(ERRORS).and_then(|file| file.take(1 << 20).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(4096)..]).trim().to_owned();
    if read.is_err() || text.is_empty() { String::new() } else { format!(": {text}") }
}
