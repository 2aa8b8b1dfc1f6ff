//! `ktstr.toml`: what a project's runs have in common, so that nobody has to say it each time. Which keys
//! there are is one table. What a value means to a run is the program's to say.

use crate::diagnose::error::{Code, FileError};
use crate::load::decoder::nearest;
use crate::load::source::Lines;
use crate::scenario_file::Problems;
use crate::units::parse_duration;
use ktstr_core::Uniform;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// What the file is called.
pub const FILE: &str = "ktstr.toml";

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any text.
    Text,
    /// A machine, as in `"1x2x4x1"`.
    Machine,
    /// A duration, as in `"10min"`.
    Duration,
    /// A whole number of this range.
    Count(i64, i64),
    /// `true` or `false`.
    Flag,
}

/// The keys, with what each takes and what it is for.
pub const KEYS: &[(&str, Takes, &str)] = &[
    (
        "backend",
        Takes::Word(&["auto", "linux", "vm", "mock"]),
        "what runs scenarios where `--backend` does not say",
    ),
    ("topology", Takes::Machine, "the machine of the mock and the VM for scenarios that name none"),
    ("kernel", Takes::Text, "the VM's kernel; a path is taken from the folder of the file"),
    ("qemu", Takes::Text, "the VM's emulator; a path is taken from the folder of the file"),
    ("accel", Takes::Word(&["tcg", "kvm", "auto"]), "what executes the VM"),
    ("saved", Takes::Flag, "whether the VM goes on from a saved state"),
    ("timeout", Takes::Duration, "how long a run in the VM may take by this machine's clock"),
    ("jobs", Takes::Count(1, 1024), "how many scenarios run at a time"),
    ("retries", Takes::Count(0, 1000), "how often one that does not pass is tried again"),
    ("color", Takes::Word(&["auto", "always", "never"]), "whether what is shown is in colour"),
];

/// What a `ktstr.toml` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Where it is; nothing where there is none.
    pub path: Option<PathBuf>,
    values: BTreeMap<&'static str, String>,
}

impl Defaults {
    /// Reads the file in `folder` or the nearest above it that has one; nothing is said where there is none.
    ///
    /// # Errors
    /// All that is wrong with the file, each with its place.
    pub fn above(folder: &Path) -> Result<Self, Problems> {
        let found = folder.ancestors().map(|above| above.join(FILE)).find(|path| path.is_file());
        let Some(path) = found else { return Ok(Self::default()) };
        let name = path.display().to_string();
        let whole = |error: FileError| Problems::of_form(name.clone(), &[error], String::new());
        let text = std::fs::read_to_string(&path).map_err(|error| {
            whole(FileError::whole(Code::Unreadable, format!("the file cannot be read: {error}")))
        })?;
        let values = parse(&name, &text)?;
        Ok(Self { path: Some(path), values })
    }

    /// What is said of a key, as text.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The same where it may be a path: from the folder of the file then.
    pub fn path_of(&self, key: &str) -> Option<String> {
        let value = self.get(key)?;
        let folder = self.path.as_deref().and_then(Path::parent);
        let is_path = value.contains('/') || value == "." || value == "..";
        match folder.filter(|_| is_path) {
            Some(folder) => Some(folder.join(value).display().to_string()),
            None => Some(value.to_owned()),
        }
    }
}

fn parse(name: &str, text: &str) -> Result<BTreeMap<&'static str, String>, Problems> {
    let lines = Lines::of(text);
    let placed = |at: usize, code: Code, message: String, cure: Option<String>| {
        let place = lines.place(at);
        let cure = cure.unwrap_or_else(|| code.info().cure.to_owned());
        FileError { code, line: place.line, column: place.column, message, cure }
    };
    let (root, broken) = DeTable::parse_recoverable(text);
    let mut errors: Vec<_> = broken
        .iter()
        .map(|error| {
            let message = format!("this is not TOML: {}", error.message().replace('\n', ", "));
            placed(error.span().unwrap_or(0..0).start, Code::Syntax, message, None)
        })
        .collect();
    let mut values = BTreeMap::new();
    for (key, value) in root.get_ref() {
        let (written, at) = (key.get_ref().as_ref(), key.span().start);
        let Some((key, takes, _)) = KEYS.iter().find(|(known, ..)| *known == written) else {
            let meant = nearest(written, KEYS.iter().map(|(known, ..)| *known));
            let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            let all: Vec<_> = KEYS.iter().map(|(known, ..)| *known).collect();
            let message = format!("`{written}` is not known in {FILE}{meant}");
            let cure = format!("correct it or remove it; there are {}", all.join(", "));
            errors.push(placed(at, Code::UnknownKey, message, Some(cure)));
            continue;
        };
        match taken(*takes, value.get_ref()) {
            Ok(value) => drop(values.insert(*key, value)),
            Err((code, wanted)) => {
                let message = format!("`{key}` takes {wanted}");
                errors.push(placed(
                    value.span().start,
                    code,
                    message,
                    Some("write it so, or remove it".to_owned()),
                ));
            }
        }
    }
    if errors.is_empty() {
        return Ok(values);
    }
    errors.sort_by_key(|error| (error.line, error.column));
    Err(Problems::of_form(name.to_owned(), &errors, text.to_owned()))
}

/// The value as text, or what the key takes.
fn taken(takes: Takes, value: &DeValue<'_>) -> Result<String, (Code, String)> {
    let text = || match value {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    };
    let wrong = |wanted: &str| (Code::WrongType, wanted.to_owned());
    match takes {
        Takes::Word(words) => {
            let wanted = format!("one of \"{}\"", words.join("\", \""));
            let word = text().ok_or((Code::WrongType, wanted.clone()))?;
            if words.contains(&word.as_str()) { Ok(word) } else { Err((Code::UnknownWord, wanted)) }
        }
        Takes::Text => text().filter(|text| !text.is_empty()).ok_or_else(|| wrong("a text in quotes")),
        Takes::Machine => text()
            .filter(|text| text.parse::<Uniform>().is_ok_and(|shape| shape.is_valid()))
            .ok_or_else(|| wrong("nodes, LLCs, cores and threads, as in \"1x2x4x1\"")),
        Takes::Duration => text()
            .filter(|text| parse_duration(text).is_ok_and(|time| !time.is_zero()))
            .ok_or_else(|| wrong("a number and one of ns, us, ms, s, min, h, as in \"10min\"")),
        Takes::Count(min, max) => {
            let number = match value {
                DeValue::Integer(number) => number.to_string().parse::<i64>().ok(),
                _ => None,
            };
            let wanted = (Code::OutOfRange, format!("a whole number from {min} to {max}"));
            number
                .filter(|number| (min..=max).contains(number))
                .map(|number| number.to_string())
                .ok_or(wanted)
        }
        Takes::Flag => match value {
            DeValue::Boolean(flag) => Ok(flag.to_string()),
            _ => Err(wrong("true or false")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_read() {
        let text = "backend = \"vm\"\ntopology = \"1x2x4x1\"\nkernel = \"../linux\"\nqemu = \"10.0\"\naccel = \"kvm\"\n\
            saved = true\ntimeout = \"10min\"\njobs = 2\nretries = 0\ncolor = \"never\"\n";
        let values = parse("ktstr.toml", text).expect("good");
        assert_eq!(values.len(), KEYS.len(), "{values:?}");
        let defaults = Defaults { path: Some("/p/ktstr.toml".into()), values };
        assert_eq!(defaults.get("jobs"), Some("2"));
        assert_eq!(defaults.path_of("kernel").as_deref(), Some("/p/../linux"));
        assert_eq!(defaults.path_of("qemu").as_deref(), Some("10.0"));
        assert_eq!(parse("ktstr.toml", "").expect("nothing is no error").len(), 0);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_the_cure() {
        for (text, wrong) in [
            ("bakend = \"vm\"", "1:1: [T006] `bakend` is not known in ktstr.toml; did you mean `backend`?"),
            (
                "\nbackend = \"xen\"",
                "2:11: [T012] `backend` takes one of \"auto\", \"linux\", \"vm\", \"mock\"",
            ),
            ("topology = \"2x4\"", "1:12: [T008] `topology` takes nodes, LLCs, cores and threads"),
            ("topology = \"0x1x1x1\"", "1:12: [T008]"),
            ("timeout = \"0s\"", "1:11: [T008] `timeout` takes a number and one of"),
            ("jobs = 0", "1:8: [T013] `jobs` takes a whole number from 1 to 1024"),
            ("jobs = \"2\"", "1:8: [T013]"),
            ("saved = \"yes\"", "1:9: [T008] `saved` takes true or false"),
            ("kernel = 6.12", "1:10: [T008] `kernel` takes a text in quotes"),
            ("backend = ", "[T005] this is not TOML"),
            ("[run]\nbackend = \"vm\"", "[T006] `run` is not known in ktstr.toml"),
        ] {
            let problems = parse("ktstr.toml", text).expect_err(text).to_string();
            assert!(problems.contains(wrong), "{text:?}: {problems}");
        }
    }
}
