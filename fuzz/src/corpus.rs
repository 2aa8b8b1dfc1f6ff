//! The seeds of a target: files below `corpus/`, and the tokens of its dictionary.

use std::path::{Path, PathBuf};

/// Where the seeds of a target are.
pub fn directory(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// The seeds of a target, in the order of their names; none where there is no directory.
///
/// # Errors
/// When a file cannot be read.
pub fn seeds(target: &str) -> std::io::Result<Vec<Vec<u8>>> {
    let Ok(entries) = std::fs::read_dir(directory(target)) else { return Ok(Vec::new()) };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    paths.iter().filter(|path| path.is_file()).map(std::fs::read).collect()
}

/// The tokens of a target's dictionary: lines `"token"` with `\xHH`, `\\` and `\"` as libFuzzer takes them.
///
/// # Errors
/// When the file cannot be read; a missing one is empty.
pub fn dictionary(target: &str) -> std::io::Result<Vec<Vec<u8>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("dict").join(format!("{target}.dict"));
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(path)?;
    Ok(text.lines().filter_map(token).collect())
}

fn token(line: &str) -> Option<Vec<u8>> {
    let quoted = line.trim().split_once('"')?.1.strip_suffix('"')?;
    let mut bytes = Vec::new();
    let mut rest = quoted.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (byte, false) => byte,
            (_, true) => match rest.next()? {
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
                }
                escaped => escaped,
            },
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TARGETS;

    #[test]
    fn tokens_are_read_as_libfuzzer_reads_them() {
        for (line, bytes) in [
            ("\"abc\"", Some(&b"abc"[..])),
            ("name=\"a\\\"b\"", Some(b"a\"b")),
            ("\"\\x00\\\\\"", Some(b"\0\\")),
            ("# comment", None),
            ("", None),
        ] {
            assert_eq!(token(line).as_deref(), bytes, "{line}");
        }
    }

    #[test]
    fn every_target_has_seeds_and_passes_them() {
        for target in TARGETS {
            let seeds = seeds(target.name).expect("readable");
            assert!(!seeds.is_empty(), "{} has no seeds", target.name);
            for seed in &seeds {
                (target.run)(seed);
                assert!(!(target.show)(seed).is_empty());
            }
            dictionary(target.name).expect("readable");
        }
    }
}
