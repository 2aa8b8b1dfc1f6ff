//! A program of raw actions on a cgroup v2 hierarchy, and its text form, which reports, regressions and rows
//! share. It says what is done and, in rows, what is expected; carrying it out is in `real` and `model`.

use ktstr_mock::errno::Errno;
use std::fmt;

/// One raw action. Paths are relative to the cgroup of the program; `.` is that cgroup itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RawOp {
    /// Makes a directory.
    Mkdir {
        /// Where.
        path: String,
    },
    /// Removes a directory.
    Rmdir {
        /// Which.
        path: String,
    },
    /// Writes a control file in one call, opened for writing only. `@p` in the text stands for the process id
    /// of task `p`.
    Write {
        /// The cgroup.
        path: String,
        /// Its file.
        file: String,
        /// The text.
        text: String,
    },
    /// Reads a control file.
    Read {
        /// The cgroup.
        path: String,
        /// Its file.
        file: String,
    },
    /// `clone3(CLONE_INTO_CGROUP)` of a process that does nothing.
    Fork {
        /// The name the process gets.
        task: char,
        /// Where it starts.
        path: String,
    },
    /// Sends a signal to a process.
    Signal {
        /// To whom.
        task: char,
        /// SIGKILL if set, else SIGTERM.
        kill: bool,
    },
    /// Takes the status of a process that has ended.
    Reap {
        /// Whose.
        task: char,
    },
}

/// Actions, first to last.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Program(pub Vec<RawOp>);

/// What a row says about the outcome of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// Nothing; for actions that are only on the way.
    Ok,
    /// This error number.
    Error(String),
    /// Read text, its lines joined by blanks.
    Text(String),
}

impl RawOp {
    /// A write, for tables and generators.
    #[must_use]
    pub fn write(path: &str, file: &str, text: &str) -> Self {
        Self::Write { path: path.to_owned(), file: file.to_owned(), text: text.to_owned() }
    }

    /// The kind of action and the file, without names and values: what differences are kept apart by.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Mkdir { .. } => "mkdir".to_owned(),
            Self::Rmdir { .. } => "rmdir".to_owned(),
            Self::Write { file, .. } => format!("write {file}"),
            Self::Read { file, .. } => format!("read {file}"),
            Self::Fork { .. } => "fork".to_owned(),
            Self::Signal { kill, .. } => if *kill { "kill" } else { "term" }.to_owned(),
            Self::Reap { .. } => "reap".to_owned(),
        }
    }
}

impl fmt::Display for RawOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mkdir { path } => write!(f, "mkdir {path}"),
            Self::Rmdir { path } => write!(f, "rmdir {path}"),
            Self::Write { path, file, text } if is_bare(text) => write!(f, "write {path} {file} {text}"),
            Self::Write { path, file, text } => write!(f, "write {path} {file} {text:?}"),
            Self::Read { path, file } => write!(f, "read {path} {file}"),
            Self::Fork { task, path } => write!(f, "fork {task} {path}"),
            Self::Signal { task, kill: true } => write!(f, "kill {task}"),
            Self::Signal { task, kill: false } => write!(f, "term {task}"),
            Self::Reap { task } => write!(f, "reap {task}"),
        }
    }
}

fn is_bare(text: &str) -> bool {
    let plain = !text.is_empty() && text.trim() == text && !text.contains(|c: char| c.is_control());
    plain && !text.starts_with('"') && !text.contains(" ! ") && !text.contains(" = ")
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|op| writeln!(f, "{op}"))
    }
}

/// Reads one line: an action, and after ` ! ` the error or after ` = ` the text that is expected of it.
///
/// # Errors
/// What is wrong with the line.
pub fn parse_line(line: &str) -> Result<(RawOp, Expect), String> {
    let line = line.trim();
    let (action, expect) = if let Some((action, errno)) = line.rsplit_once(" ! ") {
        (action, Expect::Error(errno.trim().to_owned()))
    } else if let Some((action, text)) = line.rsplit_once(" =") {
        (action, Expect::Text(text.trim().to_owned()))
    } else {
        (line, Expect::Ok)
    };
    parse_op(action).map(|op| (op, expect)).ok_or_else(|| format!("no action: `{line}`"))
}

fn parse_op(text: &str) -> Option<RawOp> {
    let text = text.trim();
    let (verb, rest) = text.split_once(' ')?;
    let owned = str::to_owned;
    let one_task = || {
        let mut letters = rest.chars();
        letters.next().filter(|_| letters.next().is_none())
    };
    Some(match verb {
        "mkdir" => RawOp::Mkdir { path: owned(rest) },
        "rmdir" => RawOp::Rmdir { path: owned(rest) },
        "write" => {
            let (path, rest) = rest.split_once(' ')?;
            let (file, text) = rest.split_once(' ')?;
            RawOp::Write { path: owned(path), file: owned(file), text: unquote(text)? }
        }
        "read" => {
            let (path, file) = rest.split_once(' ')?;
            RawOp::Read { path: owned(path), file: owned(file) }
        }
        "fork" => {
            let (task, path) = rest.split_once(' ')?;
            RawOp::Fork { task: task.chars().next()?, path: owned(path) }
        }
        "kill" => RawOp::Signal { task: one_task()?, kill: true },
        "term" => RawOp::Signal { task: one_task()?, kill: false },
        "reap" => RawOp::Reap { task: one_task()? },
        _ => return None,
    })
}

/// Undoes the quoting of `{:?}` as far as the values of control files need it.
fn unquote(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let mut out = String::new();
    let mut letters = inner.strip_suffix('"')?.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next()? {
                'n' => '\n',
                't' => '\t',
                '0' => '\0',
                other => other,
            },
            letter => letter,
        });
    }
    Some(out)
}

/// Reads a program of one action each line; what lines expect is dropped.
///
/// # Errors
/// The first line that is no action.
pub fn parse(text: &str) -> Result<Program, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(Program(lines.map(|line| parse_line(line).map(|(op, _)| op)).collect::<Result<_, _>>()?))
}

/// The error number that a row names.
#[must_use]
pub fn named(errno: &str) -> Option<Errno> {
    (1..134).map(Errno).find(|candidate| candidate.name() == errno)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_back() {
        let text = "mkdir a/b\nwrite a cpuset.cpus 0-1,3\nwrite a cpu.max \"\\n\"\nwrite a cpu.max \"\"\n\
                    read a cgroup.events\nfork p a\nwrite a cgroup.procs @p\nkill p\nterm q\nreap p\nrmdir a\n";
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn lines_carry_what_is_expected() {
        let (op, expect) = parse_line("write . cpu.weight 0 ! ERANGE").unwrap();
        assert_eq!(
            (op.to_string().as_str(), expect),
            ("write . cpu.weight 0", Expect::Error("ERANGE".into()))
        );
        let (op, expect) = parse_line("read a cpuset.cpus =").unwrap();
        assert_eq!((op.to_string().as_str(), expect), ("read a cpuset.cpus", Expect::Text(String::new())));
        assert!(parse_line("jump").is_err());
        assert_eq!(named("EBUSY"), Some(Errno::EBUSY));
    }
}
