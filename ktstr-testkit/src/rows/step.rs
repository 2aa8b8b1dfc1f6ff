//! The steps of a row, read from its script.

use ktstr_mock::errno::Errno;

/// One step: what is done, and the errno it has to give, 0 for success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// The words, without the expected error.
    pub words: &'a str,
    /// What is done.
    pub act: Act<'a>,
    /// How it has to end.
    pub gives: Result<(), Errno>,
}

/// What a step does or asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the table of steps in the module above says what each is
pub enum Act<'a> {
    Mkdir(&'a str),
    Rmdir(&'a str),
    Write { path: &'a str, file: &'a str, text: &'a str },
    Shows { path: &'a str, file: &'a str, text: &'a str },
    Fork { name: &'a str, parent: Option<&'a str>, into: Option<&'a str> },
    Thread { name: &'a str, process: &'a str },
    Move { name: &'a str, path: &'a str },
    MoveThread { name: &'a str, path: &'a str },
    Procs { path: &'a str, names: &'a str },
    Kill { name: &'a str, signal: i32 },
    Exit(&'a str),
    Reap(&'a str),
    Alive(&'a str),
    Dead(&'a str),
    Cpu { cpu: usize, online: bool },
}

/// A script that is not understood: the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl core::fmt::Display for Malformed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "not a step: {}", self.0)
    }
}

impl core::error::Error for Malformed {}

/// The steps of a script.
///
/// # Errors
/// The first step that is not understood.
pub fn steps(script: &str) -> Result<Vec<Step<'_>>, Malformed> {
    script.split(';').map(str::trim).filter(|words| !words.is_empty()).map(step).collect()
}

fn step(words: &str) -> Result<Step<'_>, Malformed> {
    let malformed = || Malformed(words.to_owned());
    let (words, gives) = match words.rsplit_once(" ! ") {
        Some((words, name)) => (words.trim_end(), Err(errno(name.trim()).ok_or_else(malformed)?)),
        None => (words, Ok(())),
    };
    Ok(Step { words, act: act(words).ok_or_else(malformed)?, gives })
}

fn errno(name: &str) -> Option<Errno> {
    (1..=110).map(Errno).find(|errno| errno.name() == name)
}

fn act(words: &str) -> Option<Act<'_>> {
    if let Some(rest) = words.strip_prefix("procs ") {
        let (path, names) = rest.split_once('=')?;
        return Some(Act::Procs { path: path.trim(), names: names.trim() });
    }
    if let Some((place, text)) = words.split_once(" <") {
        let (path, file) = split(place);
        return Some(Act::Write { path, file, text: text.strip_prefix(' ').unwrap_or(text) });
    }
    if let Some((place, text)) = words.split_once(" =") {
        let (path, file) = split(place);
        return Some(Act::Shows { path, file, text: text.trim() });
    }
    let mut parts = words.split(' ');
    let (verb, name) = (parts.next()?, parts.next()?);
    let rest = (parts.next(), parts.next());
    Some(match (verb, rest) {
        ("mkdir", (None, None)) => Act::Mkdir(name),
        ("rmdir", (None, None)) => Act::Rmdir(name),
        ("fork", (into, None)) => Act::Fork { name, parent: None, into },
        ("child", (parent @ Some(_), into)) => Act::Fork { name, parent, into },
        ("thread", (Some(process), None)) => Act::Thread { name, process },
        ("move", (Some(path), None)) => Act::Move { name, path: root(path) },
        ("movethread", (Some(path), None)) => Act::MoveThread { name, path: root(path) },
        ("kill", (Some(signal), None)) => Act::Kill { name, signal: signal.parse().ok()? },
        ("exit", (None, None)) => Act::Exit(name),
        ("reap", (None, None)) => Act::Reap(name),
        ("alive", (None, None)) => Act::Alive(name),
        ("dead", (None, None)) => Act::Dead(name),
        ("cpu", (Some("on"), None)) => Act::Cpu { cpu: name.parse().ok()?, online: true },
        ("cpu", (Some("off"), None)) => Act::Cpu { cpu: name.parse().ok()?, online: false },
        _ => return None,
    })
}

/// `.` stands for the place itself.
fn root(path: &str) -> &str {
    if path == "." { "" } else { path }
}

fn split(place: &str) -> (&str, &str) {
    place.rsplit_once('/').unwrap_or(("", place))
}
