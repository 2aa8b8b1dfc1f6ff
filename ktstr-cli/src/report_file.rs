//! Where a report goes, and one that was written comes from. A file appears whole or stays what it was: the
//! report is written beside it and renamed. A pipe or a terminal gets it in one piece. Whether it can be
//! written is found out before the run, so that a long one is not for nothing.

use crate::exit::Failure;
use crate::output::out;
use ktstr_file::report::RunReport;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Names of standard output. What is written to it in two ways at once would overwrite itself in a file.
const STANDARD_OUTPUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Where the report goes.
pub(crate) enum ReportFile {
    /// Standard output, in place of what is shown there.
    StandardOutput,
    /// A pipe or a device, which is open.
    Stream(PathBuf, File),
    /// A file, with all links followed.
    Whole(PathBuf),
}

impl ReportFile {
    /// Finds out what `path` is, and that it can be written.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) fn prepare(path: &Path) -> Result<Self, Failure> {
        if STANDARD_OUTPUT.iter().any(|name| path == Path::new(name)) {
            return Ok(Self::StandardOutput);
        }
        Self::find(path).map_err(|error| cannot_write(path, &error))
    }

    fn find(path: &Path) -> std::io::Result<Self> {
        let target = match path.canonicalize() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
                let above = path.parent().filter(|above| !above.as_os_str().is_empty());
                above.unwrap_or(Path::new(".")).canonicalize()?.join(name)
            }
            target => target?,
        };
        // A link in /proc leads to what is open: for a pipe to no path at all.
        let meta = std::fs::metadata(path).ok();
        if meta.as_ref().is_some_and(|meta| meta.is_dir()) {
            return Err(ErrorKind::IsADirectory.into());
        }
        if meta.is_some_and(|meta| !meta.is_file()) || is_of_a_process(path) {
            return Ok(Self::Stream(path.to_owned(), File::options().write(true).open(path)?));
        }
        let beside = beside(&target);
        File::options().write(true).create_new(true).open(&beside)?;
        std::fs::remove_file(beside)?;
        Ok(Self::Whole(target))
    }

    /// Whether it takes the place of what is shown on standard output.
    pub(crate) fn is_shown(&self) -> bool {
        matches!(self, Self::StandardOutput)
    }

    /// Writes the report.
    ///
    /// # Errors
    /// When it cannot be written; a file is then what it was before.
    pub(crate) fn write(self, text: &str) -> Result<(), Failure> {
        match self {
            Self::StandardOutput => out(text),
            other => other.write_bytes(text.as_bytes()),
        }
    }

    /// Writes what is no text; standard output gets none of that.
    ///
    /// # Errors
    /// When it cannot be written; a file is then what it was before.
    pub(crate) fn write_bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::StandardOutput => Ok(()),
            Self::Stream(path, mut file) => {
                let written = file.write_all(bytes).and_then(|()| file.flush());
                written.map_err(|error| cannot_write(&path, &error))
            }
            Self::Whole(path) => replace(&path, bytes).map_err(|error| cannot_write(&path, &error)),
        }
    }
}

/// The largest report that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// Reads a report that was written.
///
/// # Errors
/// When there is no such file, or it is no report.
pub(crate) fn read(path: &Path) -> Result<RunReport, Failure> {
    let unreadable =
        |why: String| Failure::invalid(format!("{}: {why}; give a file that --report wrote", path.display()));
    let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if size > MAX_BYTES {
        return Err(unreadable("the file is too large".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    RunReport::from_json(&text).map_err(unreadable)
}

/// Whether a path leads through the descriptors of a process.
fn is_of_a_process(path: &Path) -> bool {
    let above = path.parent().and_then(|above| above.canonicalize().ok());
    above.is_some_and(|above| above.starts_with("/proc")) || path == Path::new("/dev/stderr")
}

/// A name in the same directory that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

/// Puts `bytes` in the place of the file, all at once.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = beside(path);
    let written = File::options().write(true).create_new(true).open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        // The name must not be there before the content, also when the machine stops.
        file.sync_data()
    });
    let replaced = written.and_then(|()| std::fs::rename(&beside, path));
    if replaced.is_err() {
        // It is of no use; the error that counts is the first.
        let _ = std::fs::remove_file(&beside);
    }
    replaced
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::environment(format!(
        "the report cannot be written to {}: {error}; name a file in a directory that you may write to",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_already_open_is_written_to_and_not_replaced() {
        for (path, stream) in
            [("/dev/null", true), ("/dev/stderr", true), ("/dev/fd/2", true), ("/tmp/x.json", false)]
        {
            let found = ReportFile::find(Path::new(path)).expect(path);
            assert_eq!(matches!(found, ReportFile::Stream(..)), stream, "{path}");
        }
        for path in STANDARD_OUTPUT {
            assert!(ReportFile::prepare(Path::new(path)).is_ok_and(|file| file.is_shown()), "{path}");
        }
        for path in ["/", "/tmp/..", "", "/no/such/place/x.json"] {
            assert!(ReportFile::prepare(Path::new(path)).is_err(), "{path}");
        }
    }
}
