//! Finds programs on the host and everything that the dynamic linker would load for them: the interpreter,
//! and each `DT_NEEDED` library, looked up as `ld.so(8)` does (RPATH, RUNPATH, the default directories,
//! `/etc/ld.so.conf`).

use crate::error::{IoContext, VmError};
use goblin::elf::Elf;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Directories every `ld.so` searches, in the spellings of the common distributions.
const DEFAULT_DIRECTORIES: [&str; 6] =
    ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/// A file of the host and its path in the guest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Packed {
    pub(crate) host: PathBuf,
    pub(crate) guest: String,
}

/// Where a program is: a name is looked up on `PATH`, anything with a slash is a path.
pub(crate) fn which(name: &str) -> Result<PathBuf, VmError> {
    let executable = |path: &Path| {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = if name.contains('/') {
        std::path::absolute(name).ok().filter(|path| executable(path))
    } else {
        std::env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|path| path.is_absolute() && executable(path))
    };
    found.ok_or_else(|| VmError::ProgramNotFound { name: name.to_owned() })
}

/// All other files that starting the program at `path` needs. A static program needs none.
pub(crate) fn closure(path: &Path) -> Result<BTreeSet<Packed>, VmError> {
    let mut found = BTreeSet::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        for needed in needs(&path)? {
            if found.insert(needed.clone()) {
                open.push(needed.host);
            }
        }
    }
    Ok(found)
}

/// What one file needs directly.
fn needs(path: &Path) -> Result<Vec<Packed>, VmError> {
    let bytes = std::fs::read(path).at("read", path)?;
    if let Some(interpreter) = script_interpreter(&bytes) {
        let host = which(&interpreter)?;
        return Ok(vec![Packed { host, guest: interpreter }]);
    }
    // What is neither a script nor ELF is data to us; the guest's kernel judges it.
    let Ok(elf) = Elf::parse(&bytes) else { return Ok(Vec::new()) };
    let mut needed = Vec::new();
    if let Some(interpreter) = elf.interpreter {
        needed.push(Packed { host: PathBuf::from(interpreter), guest: interpreter.to_owned() });
    }
    let own = own_directories(&elf, path);
    for library in &elf.libraries {
        needed.extend(find_library(library, &own, elf.is_64, path)?);
    }
    Ok(needed)
}

/// The program that a `#!` line names.
fn script_interpreter(bytes: &[u8]) -> Option<String> {
    let line = bytes.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.split_whitespace().next().map(str::to_owned)
}

/// The directories a file names itself, with `$ORIGIN` filled in.
fn own_directories(elf: &Elf<'_>, path: &Path) -> Vec<PathBuf> {
    let origin = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let origin = origin.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
    let named = if elf.runpaths.is_empty() { &elf.rpaths } else { &elf.runpaths };
    named
        .iter()
        .flat_map(|list| list.split(':'))
        .filter(|dir| !dir.is_empty())
        .map(|dir| PathBuf::from(dir.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin)))
        .collect()
}

/// One library, and where the guest's linker will look for it: a guest has no `ld.so.cache`, so what was
/// found through `/etc/ld.so.conf` is put into a default directory as well.
fn find_library(name: &str, own: &[PathBuf], is_64: bool, program: &Path) -> Result<Vec<Packed>, VmError> {
    let fits = |path: &Path| class_of(path) == Some(is_64);
    let place = |host: PathBuf| Packed { guest: host.to_string_lossy().into_owned(), host };
    if name.contains('/') {
        return Ok(vec![place(PathBuf::from(name))]);
    }
    let defaults = DEFAULT_DIRECTORIES.map(PathBuf::from);
    if let Some(host) = own.iter().chain(&defaults).map(|dir| dir.join(name)).find(|path| fits(path)) {
        return Ok(vec![place(host)]);
    }
    let configured = configured_directories(Path::new("/etc/ld.so.conf"), 0);
    match configured.iter().map(|dir| dir.join(name)).find(|path| fits(path)) {
        Some(host) => {
            let default = defaults.iter().find(|dir| dir.is_dir()).unwrap_or(&defaults[2]);
            Ok(vec![Packed { guest: default.join(name).to_string_lossy().into_owned(), host }])
        }
        None => Err(VmError::LibraryNotFound { program: program.to_owned(), library: name.to_owned() }),
    }
}

/// Whether the file is a 64-bit ELF file, or `None` when it is none.
fn class_of(path: &Path) -> Option<bool> {
    use std::io::Read;
    let mut head = [0; 5];
    std::fs::File::open(path).ok()?.read_exact(&mut head).ok()?;
    head.starts_with(b"\x7fELF").then_some(head[4] == 2)
}

/// The directories of an `ld.so.conf`, with its `include` lines followed.
fn configured_directories(conf: &Path, depth: u8) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(conf).unwrap_or_default();
    let mut directories = Vec::new();
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        match line.strip_prefix("include ") {
            Some(pattern) if depth < 4 => {
                for file in included(conf, Path::new(pattern.trim())) {
                    directories.extend(configured_directories(&file, depth + 1));
                }
            }
            None if line.starts_with('/') => directories.push(PathBuf::from(line)),
            _ => {}
        }
    }
    directories
}

/// The files that an `include` names: a path, or `directory/*suffix`, which is all that is met in practice.
fn included(conf: &Path, pattern: &Path) -> Vec<PathBuf> {
    let pattern = conf.parent().unwrap_or(Path::new("/")).join(pattern);
    let name = pattern.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(suffix) = name.strip_prefix('*') else { return vec![pattern] };
    let entries = pattern.parent().and_then(|dir| dir.read_dir().ok()).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with(suffix)).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dynamic_program_comes_with_its_interpreter_and_libc() {
        let shell = which("sh").unwrap();
        let files = closure(&shell).unwrap();
        let has = |part: &str| files.iter().any(|file| file.guest.contains(part));
        assert!(files.is_empty() || (has("ld-") && has("libc")), "{files:?}");
        assert!(files.iter().all(|file| file.host.is_file()), "{files:?}");
    }

    #[test]
    fn a_script_comes_with_its_interpreter() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        std::fs::write(&script, "#!/bin/sh -e\ntrue\n").unwrap();
        assert!(closure(&script).unwrap().iter().any(|file| file.guest == "/bin/sh"));
    }

    #[test]
    fn includes_of_ld_so_conf_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("d")).unwrap();
        std::fs::write(dir.path().join("ld.so.conf"), "include d/*.conf\n/one # note\n").unwrap();
        std::fs::write(dir.path().join("d/a.conf"), "/two\n").unwrap();
        std::fs::write(dir.path().join("d/b.txt"), "/three\n").unwrap();
        let found = configured_directories(&dir.path().join("ld.so.conf"), 0);
        assert_eq!(found, [PathBuf::from("/two"), PathBuf::from("/one")]);
    }

    #[test]
    fn garbage_needs_nothing_and_does_not_panic() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x");
        for bytes in [
            &b""[..],
            b"\x7fELF",
            b"#!",
            b"\x7fELF\x02\x01\x01garbage garbage garbage garbage garbage garbage",
        ] {
            std::fs::write(&file, bytes).unwrap();
            assert!(closure(&file).unwrap().is_empty(), "{bytes:?}");
        }
    }
}
