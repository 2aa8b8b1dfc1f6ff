//! Writing to standard output and standard error: the one place where what the program says leaves it, and
//! where all is escaped in it that acts on a terminal, whoever wrote it. A reader that goes away is no error:
//! `ktstr plan … | head` ends well.

use crate::exit::{Exit, Failure};
use crate::paint::painted;
use ktstr_file::report::terminal::{harmless, harmless_line};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Writes to standard output.
///
/// # Errors
/// When it cannot be written for another reason than that nobody reads it.
pub(crate) fn out(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(painted(&harmless(text)).as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::environment(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error; when that fails there is nobody left to tell.
pub(crate) fn err(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(harmless(text).as_bytes()).and_then(|()| stderr.flush());
}

/// The line that says what is being done, in place of the one before; an empty one takes it away. For
/// terminals only.
pub(crate) fn status(line: &str) {
    let mut stderr = std::io::stderr().lock();
    // Nothing depends on it.
    let _ = write!(stderr, "\r\x1b[K{}", harmless_line(line)).and_then(|()| stderr.flush());
}

/// Ends after a usage error, or after help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() {
        err(&text);
        return Exit::Invalid.into();
    }
    match out(&text) {
        Ok(()) => Exit::Pass.into(),
        Err(failure) => failure.exit.into(),
    }
}
