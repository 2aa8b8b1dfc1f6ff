//! Makes virtual CPUs equally fast: has the C compiler build the few lines of `even.c`, and tries whether a
//! QEMU takes them. Where that does not work QEMU runs without, and the reason is what the report says.

use super::Emulator;
use crate::error::{IoContext, VmError};
use crate::image::hex;
use crate::kernel::{Cache, HALF_MADE, age};
use crate::owned::OwnedDirectory;
use ktstr_linux::spawn_bound;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

const SOURCE: &str = include_str!("even.c");
/// What it says once it is at work.
const AT_WORK: &str = "ktstr: even";
/// Versions of QEMU whose rounds are as `even.c` has them, where it was measured what comes of it.
const MEASURED: [[u64; 2]; 1] = [[10, 0]];
/// The version of the plugins' interface that is tried first.
const FIRST_API: u32 = 2;
/// How long QEMU may take to load it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The plugin for this QEMU, built and tried; or why there is none. Found out once for each QEMU.
pub(crate) fn plugin(emulator: &Emulator, cache: &Cache) -> Result<PathBuf, String> {
    static KNOWN: Mutex<BTreeMap<String, Result<PathBuf, String>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = format!("{} {} {}", cache.directory().display(), emulator.program.display(), emulator.banner);
    known.entry(key.clone()).or_insert_with(|| find(emulator, cache, &key)).clone()
}

fn find(emulator: &Emulator, cache: &Cache, key: &str) -> Result<PathBuf, String> {
    let version = age(emulator.version());
    if !MEASURED.iter().any(|measured| version.starts_with(measured)) {
        return Err(format!(
            "how to even them out was measured for QEMU 10.0 only, and this is {}",
            emulator.version()
        ));
    }
    let place = place(emulator, cache, key).map_err(|error| error.to_string())?;
    if place.is_file() {
        return Ok(place);
    }
    make(emulator, cache, &place)
}

/// Where it is kept: by what it is built from, and for which file of QEMU.
fn place(emulator: &Emulator, cache: &Cache, key: &str) -> Result<PathBuf, VmError> {
    let meta = emulator.program.metadata().at("read", &emulator.program)?;
    let mut hash = Sha256::new();
    for part in [SOURCE, key, &format!("{} {:?}", meta.len(), meta.modified().ok())] {
        hash.update(part);
    }
    Ok(cache.emulators()?.join(format!("even-{}.so", hex(&hash.finalize()[..12]))))
}

fn make(emulator: &Emulator, cache: &Cache, place: &Path) -> Result<PathBuf, String> {
    let words = |error: VmError| error.to_string();
    let work = OwnedDirectory::create(&cache.emulators().map_err(words)?, HALF_MADE).map_err(words)?;
    let made = work.path().join("even.so");
    build(work.path(), &made, FIRST_API)?;
    if let Err(reason) = try_out(emulator, &made) {
        let api = wanted_api(&reason).ok_or(reason)?;
        build(work.path(), &made, api)?;
        try_out(emulator, &made)?;
    }
    std::fs::rename(&made, place).map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(place.to_owned())
}

fn build(directory: &Path, made: &Path, api: u32) -> Result<(), String> {
    let source = directory.join("even.c");
    std::fs::write(&source, SOURCE).map_err(|error| format!("{}: {error}", source.display()))?;
    let mut command = Command::new("cc");
    command.args(["-O2", "-shared", "-fPIC", "-D_GNU_SOURCE"]).arg(format!("-DPLUGIN_API={api}"));
    let output = command.arg("-o").arg(made).arg(&source).arg("-ldl").output();
    let output = output.map_err(|error| format!("the C compiler `cc`: {error}"))?;
    let words = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("the C compiler: {}", first_line(&words))) }
}

/// Starts a machine that does not run, to see whether QEMU takes it.
fn try_out(emulator: &Emulator, plugin: &Path) -> Result<(), String> {
    let mut command = emulator.command();
    command.args(["-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc", "-smp", "2", "-S"]);
    command.args(["-accel", "tcg,thread=single", "-icount", "shift=4,sleep=off"]);
    command.args(arguments(plugin)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut qemu = spawn_bound(&mut command).map_err(|error| format!("QEMU: {error}"))?;
    let said = qemu.stderr.take().map(listen);
    let heard = said.and_then(|said| said.recv_timeout(PATIENCE).ok());
    // Both fail only when it has ended already.
    drop(qemu.kill());
    drop(qemu.wait());
    match heard {
        Some(words) if words.contains(AT_WORK) => Ok(()),
        Some(words) => Err(first_line(&words).to_owned()),
        None => Err(format!("QEMU did not say within {PATIENCE:?} that it took the plugin")),
    }
}

/// What comes, up to the line that is waited for or the end.
fn listen(errors: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, said) = mpsc::channel();
    std::thread::spawn(move || {
        let mut words = String::new();
        for line in BufReader::new(errors.take(1 << 16)).lines().map_while(Result::ok) {
            words.push_str(&line);
            words.push('\n');
            if line == AT_WORK {
                break;
            }
        }
        // Nobody listens any more where the patience is over.
        drop(tell.send(words));
    });
    said
}

/// How QEMU is given it.
pub(crate) fn arguments(plugin: &Path) -> [String; 2] {
    ["-plugin".to_owned(), format!("file={}", plugin.to_string_lossy().replace(',', ",,"))]
}

/// The version of the interface that QEMU says it has, where it refuses another.
fn wanted_api(reason: &str) -> Option<u32> {
    let (_, rest) = reason.split_once("but this QEMU supports only ")?;
    rest.split(|c: char| !c.is_ascii_digit()).find(|word| !word.is_empty())?.parse().ok()
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_that_is_refused_is_replaced_by_the_one_that_is_wanted() {
        for (reason, api) in [
            ("plugin requires API version 2, but this QEMU supports only a minimum version of 7", Some(7)),
            ("plugin requires API version 2, but this QEMU supports only up to version 1", Some(1)),
            ("no such file", None),
        ] {
            assert_eq!(wanted_api(reason), api, "{reason}");
        }
    }

    #[test]
    fn a_qemu_that_was_not_measured_runs_without_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let old = crate::emulator::tests::example("QEMU emulator version 7.2.22 (Debian)");
        let reason = plugin(&old, &Cache::at(dir.path())).unwrap_err();
        assert!(reason.contains("7.2.22"), "{reason}");
    }
}
